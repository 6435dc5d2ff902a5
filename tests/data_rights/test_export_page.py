from django.conf import settings

from tenants.management.commands.export_table import export_table


def test_the_page_is_printed_from_the_models() -> None:
    page = (settings.ROOT / "docs" / "export.md").read_text(encoding="utf-8")

    assert page == export_table(), (
        "Run: ./sightline manage export_table > docs/export.md"
    )
