import json
import subprocess
import sys
import uuid
import zipfile
from pathlib import Path

import pytest
from django.db import ProgrammingError, connection, transaction

from common.errors import Conflict, InvalidInput, NotAllowed
from tenants.models import Invitation, LedgerDetail, LedgerEntry, Membership, User
from tenants.portable.ledger import write_ledger
from tenants.portable.parcel import Parcel
from tenants.scope import bind_workspace, workspace_scope
from tenants.services import checkpoints, erasing, ledger, people
from tenants.services.fresh import Authenticated
from tests import factories
from tests.data_rights.conftest import Cast, as_owner
from tests.isolation.walking import changed, picture
from tests.workflows.conftest import JUST_NOW
from workflows.models import Signature
from workflows.services.exports import signed_payloads

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
EMAIL = "petra@northmill.example"


@pytest.fixture
def petra(cast: Cast) -> User:
    """Somebody who was at Northmill, did something there, and has left."""
    user = factories.make_user(EMAIL, "Petra Vogel")
    row = factories.make_member(cast.northmill, user, role="auditor")  # type: ignore[arg-type]  # the code
    with workspace_scope(cast.northmill.pk):
        ledger.append("people.changed", about="person 1", by=row, text="Petra did it.")
        Invitation.objects.create(
            email=EMAIL,
            role="auditor",
            state="accepted",
            token_hash="d" * 64,
            invited_by=cast.ida,
            expires_at=row.created_at,
        )
        people.remove(user.pk, by=cast.me(cast.ida))
    return user


def erase(cast: Cast, person: uuid.UUID, **values: Authenticated) -> erasing.Erased:
    with workspace_scope(cast.northmill.pk):
        return erasing.erase_person(
            person,
            "Asked for it by letter.",
            by=cast.me(cast.ida),
            shown=values.get("shown", JUST_NOW),
        )


def details(cast: Cast) -> str:
    with workspace_scope(cast.northmill.pk):
        return "\n".join(bytes(row.body).decode() for row in LedgerDetail.objects.all())


def test_name_and_address_are_gone_and_the_offline_verifier_is_content(
    cast: Cast, petra: User, tmp_path: Path
) -> None:
    with bind_workspace(cast.northmill.pk):
        checkpoints.sign_now()
    assert "Petra" in details(cast)

    done = erase(cast, petra.pk)

    assert (done.entries, done.kept, done.account) == (2, 0, "erased")
    assert "Petra" not in details(cast)
    assert EMAIL not in details(cast)
    gone = User.objects.get(pk=petra.pk)
    assert (gone.name, gone.is_active) == ("Erased account", False)
    assert not gone.has_usable_password()
    with workspace_scope(cast.northmill.pk):
        assert not Invitation.objects.filter(email=EMAIL).exists()
        entry = LedgerEntry.objects.get(action="audit.erased")
        told = json.loads(bytes(LedgerDetail.objects.get(pk=entry.pk).body))
        assert len(told["after"]["seqs"]) == 2
    with bind_workspace(cast.northmill.pk):
        checkpoints.sign_now()
        assert checkpoints.verify().holds
        parcel = Parcel()
        raw = b"".join(
            [
                *write_ledger(parcel, folder="", signatures=signed_payloads),
                *parcel.close(),
            ]
        )
    (tmp_path / "ledger.zip").write_bytes(raw)
    with zipfile.ZipFile(tmp_path / "ledger.zip") as archive:
        archive.extract("verify_ledger.py", tmp_path)
        key = archive.read("key.txt").decode()
    ran = subprocess.run(  # noqa: S603 - our own program
        [
            sys.executable,
            tmp_path / "verify_ledger.py",
            tmp_path / "ledger.zip",
            "--key",
            key,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert "2 details erased" in ran.stdout


def test_what_proves_a_signature_stays(cast: Cast) -> None:
    with workspace_scope(cast.northmill.pk):
        signer = Signature.objects.get().person
        Membership.objects.filter(user=cast.otto).update(is_admin=True)
        me = cast.me(cast.otto)
        people.remove(signer.pk, by=me)
        done = erasing.erase_person(signer.pk, "x", by=me, shown=JUST_NOW)

    assert done.kept >= 1
    with workspace_scope(cast.northmill.pk):
        signed = LedgerEntry.objects.get(action="decision.signed")
        assert LedgerDetail.objects.filter(pk=signed.pk).exists()
        assert Signature.objects.get().printed_name == "Ida Larsen"


def test_who_still_gets_in_or_was_never_here_is_not_erased(
    cast: Cast, petra: User
) -> None:
    with pytest.raises(Conflict, match="still gets in"):
        erase(cast, cast.otto.pk)
    with workspace_scope(cast.northmill.pk):
        people.end_access(cast.ana.pk, by=cast.me(cast.ida))
    before = picture(cast.northmill, cast.eastholm)
    with pytest.raises(Conflict, match="still works for your provider"):
        erase(cast, cast.ana.pk)
    for stranger in (cast.mallory.pk, uuid.uuid4()):
        with pytest.raises(User.DoesNotExist):
            erase(cast, stranger)

    assert changed(before, picture(cast.northmill, cast.eastholm)) == set()


def test_it_takes_an_administrator_a_fresh_sign_in_and_a_reason(
    cast: Cast, petra: User
) -> None:
    with pytest.raises(NotAllowed):
        erase(cast, petra.pk, shown=Authenticated((), needs_second=False))
    with workspace_scope(cast.northmill.pk):
        for user in (cast.ana, cast.otto):
            with pytest.raises(NotAllowed):
                erasing.erase_person(petra.pk, "x", by=cast.me(user), shown=JUST_NOW)
        with pytest.raises(InvalidInput):
            erasing.erase_person(petra.pk, " ", by=cast.me(cast.ida), shown=JUST_NOW)
    assert "Petra" in details(cast)


def test_an_account_with_another_place_stays_open(cast: Cast, petra: User) -> None:
    factories.make_member(cast.eastholm, petra, role="auditor")  # type: ignore[arg-type]  # the code
    before = picture(cast.eastholm)

    assert erase(cast, petra.pk).account == "open"

    assert User.objects.get(pk=petra.pk).name == "Petra Vogel"
    assert changed(before, picture(cast.eastholm)) == set()


def test_an_account_that_another_customer_names_is_closed_with_its_name(
    cast: Cast, petra: User
) -> None:
    as_owner(
        "UPDATE exposure_authorisation SET signed_by_id = %s WHERE workspace_id = %s",
        petra.pk,
        cast.eastholm.pk,
    )

    assert erase(cast, petra.pk).account == "closed"

    assert User.objects.get(pk=petra.pk).name == "Petra Vogel"


def test_the_page_offers_who_has_left_only(cast: Cast, petra: User) -> None:
    with workspace_scope(cast.northmill.pk):
        assert petra in erasing.people_who_left()
        assert cast.otto not in erasing.people_who_left()
    erase(cast, petra.pk)
    with workspace_scope(cast.northmill.pk):
        assert petra not in erasing.people_who_left()


def test_the_application_cannot_erase_elsewhere_nor_an_erasure(
    cast: Cast, petra: User
) -> None:
    erase(cast, petra.pk)
    before = picture(cast.eastholm)
    with workspace_scope(cast.northmill.pk), connection.cursor() as cursor:
        seq = LedgerEntry.objects.get(action="audit.erased").seq
        cursor.execute("SELECT tenants_erase_details(%s)", [[seq, 10**9]])
        assert cursor.fetchone()[0] == []
    with (
        workspace_scope(cast.northmill.pk),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM tenants_ledgerdetail")
    assert changed(before, picture(cast.eastholm)) == set()
