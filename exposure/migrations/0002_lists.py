"""The indexes of the lists, and a search that may use one; nothing waits meanwhile."""

from django.contrib.postgres.operations import (
    AddIndexConcurrently,
    BtreeGinExtension,
    TrigramExtension,
)
from django.db import migrations, models

COUNTED = ["validating", "open", "treated", "verifying"]
GONE = ["closed", "disproved"]
ORDER = ["workspace", "-urgency", "-through", "number"]


def _trigrams(name: str, table: str, column: str) -> migrations.RunSQL:
    """Return the operation that makes one trigram index of a workspace's texts."""
    return migrations.RunSQL(
        f"CREATE INDEX CONCURRENTLY {name} ON {table} "
        f"USING gin (workspace_id, {column} gin_trgm_ops)",
        f"DROP INDEX CONCURRENTLY {name}",
    )


# LIKE may not look into an index under row-level security, because it is not leakproof.
# This function belongs to the owner role, who bypasses it; the workspace of the setting
# is its first condition, and what it names is read under the policies afterwards.
# The signs that LIKE knows are taken literally.
SEARCH = (
    r"""
CREATE FUNCTION exposure_search(asked text) RETURNS TABLE (finding_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 500
SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  here CONSTANT uuid := current_setting('app.workspace_id')::uuid;
  pattern CONSTANT text := '%' || replace(replace(replace(
    asked, '\', '\\'), '%', '\%'), '_', '\_') || '%';
BEGIN
  RETURN QUERY
    SELECT f.id FROM exposure_finding f
    WHERE f.workspace_id = here AND f.title ILIKE pattern;
  RETURN QUERY
    SELECT f.id FROM exposure_asset a
    JOIN exposure_finding f ON f.asset_id = a.id AND f.workspace_id = here
    WHERE a.workspace_id = here AND a.name ILIKE pattern;
  RETURN QUERY
    SELECT f.id FROM exposure_service s
    JOIN exposure_finding f ON f.service_id = s.id AND f.workspace_id = here
    WHERE s.workspace_id = here AND s.product ILIKE pattern;
  IF asked ~ '^[0-9]{1,5}$' THEN
    RETURN QUERY
      SELECT f.id FROM exposure_service s
      JOIN exposure_finding f ON f.service_id = s.id AND f.workspace_id = here
      WHERE s.workspace_id = here AND s.port = asked::integer;
  ELSIF asked ~ '^[0-9A-Fa-f.:]+$' AND asked ~ '[.:]' THEN
    RETURN QUERY
      SELECT f.id FROM exposure_service s
      JOIN exposure_finding f ON f.service_id = s.id AND f.workspace_id = here
      WHERE s.workspace_id = here AND host(s.address) LIKE lower(asked) || '%';
  ELSIF EXISTS (
    SELECT FROM exposure_occurrence o WHERE o.workspace_id = here
      AND (o.check_id = lower(asked) OR o.protocol = lower(asked))
  ) THEN -- looking through all rows is worth it
    RETURN QUERY
      SELECT f.id FROM exposure_finding f
      WHERE f.workspace_id = here AND f.check_id = lower(asked);
    RETURN QUERY
      SELECT f.id FROM exposure_service s
      JOIN exposure_finding f ON f.service_id = s.id AND f.workspace_id = here
      WHERE s.workspace_id = here AND s.protocol = lower(asked);
  END IF;
END $$
""",
    "REVOKE ALL ON FUNCTION exposure_search(text) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION exposure_search(text) TO ws_app",
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("exposure", "0002_figures")]

    operations = [
        AddIndexConcurrently(
            "finding",
            models.Index(
                fields=ORDER,
                include=["id", "state", "in_hand"],
                condition=models.Q(state__in=COUNTED),
                name="finding_counted",
            ),
        ),
        AddIndexConcurrently(
            "finding",
            models.Index(
                fields=ORDER,
                include=["id", "state"],
                condition=models.Q(state__in=GONE),
                name="finding_gone",
            ),
        ),
        TrigramExtension(),
        BtreeGinExtension(),
        _trigrams("finding_title_words", "exposure_finding", "title"),
        _trigrams("asset_name_words", "exposure_asset", "name"),
        _trigrams("service_product_words", "exposure_service", "product"),
        migrations.RunSQL(SEARCH, "DROP FUNCTION exposure_search(text)"),
    ]
