"""Proposals that no form of ours would send."""

import pytest

from tests.isolation.conftest import Place
from tests.isolation.walking import ask, changed, picture
from tests.workflows.views.conftest import PROPOSAL

SL = "/w/northmill/exposures/SL-1/"


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "accept", "expires_at": "9999-12-31T23:59"},
        {"kind": "accept", "expires_at": "2001-01-01T00:00"},
        {"kind": "accept", "expires_at": ""},
        {"kind": "accept", "expires_at": "0001-01-01T00:00"},
        {"kind": "schedule", "window_start": "9999-12-31T23:59"},
        {"kind": "schedule", "window_start": "0001-01-01T00:00"},
        {"kind": "schedule", "window_start": "2027-03-14T02:30"},
        {"downtime_minutes": "-1"},
        {"downtime_minutes": "1e308"},
        {"downtime_minutes": "9" * 5000},
        {"downtime_minutes": "NaN"},
        {"action": "x" * 4001},
        {"action": " \t\n"},
        {"action": "a\0b"},
        {"action": "Set a \u202eno\u202c password"},
        {"undo": "Nothing\u2066\x1b[2J"},
        {"kind": "verified"},
    ],
    ids=lambda fields: str(fields)[:60],
)
def test_a_proposal_without_sense_is_refused(
    place: Place, fields: dict[str, str]
) -> None:
    ask(place.ana, "post", f"{SL}decisions/{place.decision().pk}/withdraw/")
    place.northmill.time_zone = "America/New_York"
    place.northmill.save()
    before = picture(place.northmill)

    response = ask(place.ana, "post", f"{SL}propose/", {**PROPOSAL, **fields})

    assert response.status_code == 422
    assert changed(before, picture(place.northmill)) == set()
