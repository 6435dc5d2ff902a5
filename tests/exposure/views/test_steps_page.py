"""The steps of a path on its page: what each rests on, since when, and what breaks it."""

from django.utils import timezone

from exposure.logic.paths.reasons import day_in_words
from exposure.models import (
    Asset,
    Basis,
    Credential,
    CredentialPlace,
    Finding,
    FindingState,
    Line,
    PlaceUse,
)
from exposure.services import rebuild
from tenants.models import User
from tests.exposure.views.conftest import Visit


def test_an_assumed_password_behind_a_port_that_was_seen_is_an_assumed_step(
    visit: Visit, otto: User, paths: Line
) -> None:
    panel, plc = (Asset.objects.get(name=name) for name in ("HMI-F1", "PLC-F11"))
    services = Finding.objects.filter(asset=plc).get().service
    vantage = Finding.objects.filter(asset=panel).get().service.vantage
    services.__class__.objects.filter(pk=services.pk).update(
        port=22, protocol="ssh", vantage=vantage
    )
    Finding.objects.filter(asset=plc).update(state=FindingState.CLOSED)
    password = Credential.objects.create(
        site=panel.site, name="Panel admin", basis=Basis.ASSUMED, source="Otto, May"
    )
    for use, asset in ((PlaceUse.HELD, panel), (PlaceUse.OPENS, plc)):
        CredentialPlace.objects.create(credential=password, use=use, asset=asset)
    rebuild.rebuild_paths()

    response = visit(otto, f"paths/?line={paths.pk}")

    page, chosen = response.content.decode(), response.context["chosen"]
    taken, signed_in, lost = response.context["hops"]
    edges = {edge.to_key: edge for edge in response.context["map"].edges}
    assert (chosen.confidence, chosen.why) == (
        "low",
        "weakest: step 2, Panel admin, assumed",
    )
    assert edges[f"asset:{plc.pk}"].basis == "assumed"
    assert [row.note for row in response.context["paths"] if row.current] == [
        "low confidence, last step assumed"
    ]
    assert signed_in.techniques == ("T0883", "T0893", "T0859")
    assert (signed_in.proof, lost.proof) == ("assumed", "certain")
    weak, seen = signed_in.rests_on
    assert (weak.label, weak.known) == ("Panel admin", "Otto, May")
    assert weak.url == f"/w/northmill/access/credentials/{password.pk}/"
    assert seen.known.startswith("since ")
    assert seen.label.endswith("port 22, seen from the internet")
    assert taken.rests_on[0].url.startswith("/w/northmill/exposures/SL-")
    assert all(f'href="{row.url}"' in page for row in (weak, seen, taken.rests_on[0]))


def test_a_weakness_says_since_when_it_is_known_and_what_showed_it_last(
    visit: Visit, otto: User, paths: Line
) -> None:
    (row, *_), *_ = (hop.rests_on for hop in visit(otto, "paths/").context["hops"])

    today = day_in_words(timezone.localdate().isoformat())
    assert (row.label, row.known) == ("SL-1", f"since {today}; check of {today}")


def test_a_conduit_leads_to_the_plant_and_says_who_says_so(
    visit: Visit, otto: User, paths: Line
) -> None:
    response = visit(otto, f"paths/?line={paths.pk}")

    rest = next(
        row
        for hop in response.context["hops"]
        for row in hop.rests_on
        if row.label == "Panel to cell"
    )
    assert rest.url == "/w/northmill/plant/#conduits"
    assert rest.known
    assert rest.known in response.content.decode()


def test_it_says_what_every_route_passes_and_the_causes_of_the_cut(
    visit: Visit, otto: User, paths: Line
) -> None:
    response = visit(otto, f"paths/?line={paths.pk}")

    routes, page = response.context["routes"], response.content.decode()
    panel = Asset.objects.get(name="HMI-F1")
    assert [row.name for row in routes.passes] == ["HMI-F1", "Panels", "PLC-F11"]
    assert routes.passes[0].how == "port 80, taken over"
    assert f'href="/w/northmill/paths/from/{panel.pk}/"' in page
    assert [(row.label, row.word, row.chance) for row in routes.cut] == [
        ("Panel to cell", "assumed", "0.4")
    ]
    assert (routes.bound, routes.is_bounded) == ("0.4", True)
    assert "no more than" in page
