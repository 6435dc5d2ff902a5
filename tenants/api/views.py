"""What the API tells of the key itself and of the ledger."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import Http404
from rest_framework import serializers

from tenants.api.endpoints import Listing, One
from tenants.api.serializers import Filters
from tenants.key_scopes import KeyScope
from tenants.models import Checkpoint, LedgerDetail, LedgerEntry
from tenants.services import checkpoints, ledger
from tenants.services.keys import Bearer


class Key(serializers.Serializer[Any]):
    """The key that asks. Its secret is nowhere."""

    name = serializers.CharField(source="key.name")
    handle = serializers.CharField(source="key.handle")
    workspace = serializers.CharField(source="membership.workspace.slug")
    made_by = serializers.CharField(source="membership.user.name")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=KeyScope.choices), source="key.scopes"
    )
    sites = serializers.ListField(
        child=serializers.UUIDField(),
        allow_null=True,
        help_text="The sites that the key gets at; null is every site.",
    )
    expires_at = serializers.DateTimeField(source="key.expires_at")


class KeyEndpoint(One):
    """Return what this key is and may do."""

    scopes: ClassVar = {"GET": None}
    shows = Key

    def found(self, **kwargs: Any) -> Bearer:  # noqa: ARG002 - the address has no parameter
        """Return the key that asks."""
        return self.bearer


class Entry(serializers.Serializer[Any]):
    """One entry of the ledger: the exact line that is chained, and what it says."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    action = serializers.CharField()
    about = serializers.CharField(source="object_ref")
    site = serializers.UUIDField(source="site_id", allow_null=True)
    line = serializers.CharField(help_text="The bytes that the chain is over.")
    chain = serializers.CharField(help_text="The chain's hash up to here, in hex.")
    erased = serializers.BooleanField()
    who = serializers.CharField(allow_null=True)
    text = serializers.CharField(allow_null=True)
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)


class EntryFilters(Filters):
    """What of the ledger."""

    action = serializers.CharField(
        required=False,
        max_length=60,
        source="action__startswith",
        help_text="How the action begins, such as `decision.`",
    )
    about = serializers.CharField(
        required=False, max_length=80, source="object_ref", help_text="Such as SL-12."
    )


class LedgerEndpoint(Listing):
    """List the entries of the ledger, the newest first."""

    scopes: ClassVar = {"GET": KeyScope.LEDGER_READ}
    shows = Entry
    filters = EntryFilters
    order = "-seq"

    def rows(self, **kwargs: Any) -> Any:  # noqa: ARG002 - the address has no parameter
        """Return what is about no site, or about one the key gets at."""
        return ledger.visible()

    def prepared(self, page: list[LedgerEntry]) -> Sequence[dict[str, Any]]:
        """Put each entry together with its readable part."""
        details = LedgerDetail.objects.in_bulk([row.pk for row in page])
        return [_entry(row, details.get(row.pk)) for row in page]


def _entry(row: LedgerEntry, detail: LedgerDetail | None) -> dict[str, Any]:
    told = json.loads(bytes(detail.body)) if detail else {}
    return {
        "seq": row.seq,
        "at": row.at,
        "action": row.action,
        "object_ref": row.object_ref,
        "site_id": row.site_id,
        "line": bytes(row.line).decode(),
        "chain": bytes(row.chain).hex(),
        "erased": detail is None,
        "who": told.get("name"),
        "text": told.get("text"),
        "before": told.get("before"),
        "after": told.get("after"),
    }


class CheckpointAnswer(serializers.Serializer[Any]):
    """A signed statement of the ledger's size and root; keep it somewhere else."""

    size = serializers.IntegerField()
    root = serializers.CharField(  # type: ignore[assignment]  # a field of the answer
        help_text="The root of the Merkle tree, in hex."
    )
    note = serializers.CharField(help_text="The signed note, as docs/ledger.md tells.")
    at = serializers.DateTimeField()
    key = serializers.CharField(help_text="The public key that verifies the note.")


class CheckpointEndpoint(One):
    """Return the newest checkpoint of the ledger."""

    scopes: ClassVar = {"GET": KeyScope.LEDGER_READ}
    shows = CheckpointAnswer

    def found(self, **kwargs: Any) -> dict[str, Any]:  # noqa: ARG002 - the address has no parameter
        """Return it; there is none before the first one was signed."""
        row, key = (
            Checkpoint.objects.order_by("-size").first(),
            checkpoints.public_key(),
        )
        if row is None or key is None:
            raise Http404
        return {
            "size": row.size,
            "root": bytes(row.root).hex(),
            "note": row.note,
            "at": row.at,
            "key": key.text(),
        }
