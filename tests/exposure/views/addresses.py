"""Addresses of pages, filled with the rows of the one plant of a test."""

from exposure.models import (
    Asset,
    Authorisation,
    Control,
    Credential,
    Finding,
    Holding,
    Line,
    NameSearch,
    PathRevision,
    Plan,
    Schedule,
    Vantage,
    VendorAccess,
)
from exposure.services import rebuild
from tenants.models import User
from tests.plans import make_plan

NOWHERE = "01900000-0000-7000-8000-000000000000"


def address(where: str) -> str:
    """Return an address such as "runs/{vantage}/" with ids of rows that are there."""
    return where.format(
        asset=Asset.objects.get().pk,
        made=_plan().pk if "{made}" in where else "",
        line=Line.objects.get().pk if "{line}" in where else "",
        change=_change() if "{change}" in where else "",
        revision=_revision() if "{revision}" in where else "",
        scope=Authorisation.objects.get().pk,
        schedule=Schedule.objects.get().pk,
        vantage=Vantage.objects.get().pk,
        nowhere=NOWHERE,
        holding=Holding.objects.get().pk,
        search=NameSearch.objects.get().pk,
        credential=Credential.objects.get().pk,
        vendor=VendorAccess.objects.get().pk,
        control=Control.objects.get().pk,
    )


def _plan() -> Plan:
    rebuild.rebuild_paths()
    return make_plan(Line.objects.get(), by=User.objects.earliest("created_at"))


def _change() -> str:
    rebuild.rebuild_paths()
    return f"patch:finding:{Finding.objects.get().pk}"


def _revision() -> int:
    rebuild.rebuild_paths()
    return PathRevision.objects.get().number
