"""Steps without a weakness: sign-ins, vendors' access and mail."""

from dataclasses import replace

import pytest

from exposure.logic.paths.compile import compile_model
from exposure.logic.paths.model import AttackModel
from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import (
    AssetRow,
    Basis,
    ConduitRow,
    Gives,
    ServiceRow,
    Window,
)
from tests.exposure.logic.paths.plants import exact_reach
from tests.exposure.logic.paths.sign_in_plant import ADMIN, PLANT, PUMPS

POLICY = ScoringPolicy()


def model_of(*, policy: ScoringPolicy = POLICY, **rows: object) -> AttackModel:
    return compile_model(replace(PLANT, **rows), policy=policy)


def steps(model: AttackModel, kind: str) -> list[tuple[tuple[str, ...], str]]:
    """Bodies and heads of the steps that need a cause of a kind."""
    known = {cause.id: cause.kind for cause in model.causes}
    return [
        (step.body, step.head)
        for step in model.steps
        if kind in {known[each] for each in step.causes}
    ]


def test_who_reaches_the_login_and_holds_what_opens_it_controls_the_device():
    model = model_of(credentials=(ADMIN,))

    assert steps(model, "credential") == [
        (("reach:plc:22", "credential:k"), "control:plc")
    ]
    assert exact_reach(model)["line:l"] == pytest.approx(0.7 * 0.8)


@pytest.mark.parametrize(
    "rows",
    [
        {"credentials": (replace(ADMIN, held_on=()),)},
        {"credentials": (replace(ADMIN, opens=()),)},
        {"credentials": (ADMIN,), "services": PLANT.services[:1]},
        {"credentials": (ADMIN,), "findings": ()},
    ],
    ids=["held nowhere", "opens nothing", "no login service", "nothing is taken"],
)
def test_one_of_the_two_alone_wins_nothing(rows: dict[str, object]):
    assert exact_reach(model_of(**rows)).get("line:l", 0.0) == 0.0


@pytest.mark.parametrize(("stored", "reach"), [(True, 0.56), (False, 0.0)])
def test_a_foothold_is_enough_where_it_is_stored(stored: bool, reach: float):  # noqa: FBT001 - a row of the table
    foothold = replace(PLANT.findings[0], gives=Gives.FOOTHOLD)

    model = model_of(credentials=(replace(ADMIN, stored=stored),), findings=(foothold,))

    assert exact_reach(model).get("line:l", 0.0) == pytest.approx(reach)


def test_a_zone_opens_its_sessions_a_named_asset_its_web_pages_as_well():
    services = (*PLANT.services, ServiceRow("s3", "plc", 443, "https", "office"))
    by_zone = replace(ADMIN, opens=(), opens_zones=("cell",))

    wide = model_of(credentials=(by_zone,), services=services)
    named = model_of(credentials=(ADMIN,), services=services)
    both = model_of(
        credentials=(replace(ADMIN, opens_zones=("cell",)),), services=services
    )

    assert [body[0] for body, _ in steps(wide, "credential")] == ["reach:plc:22"]
    assert [body[0] for body, _ in steps(named, "credential")] == [
        "reach:plc:22",
        "reach:plc:443",
    ]
    assert both == named


@pytest.mark.parametrize(("shared", "causes"), [(True, 1), (False, 2)])
def test_a_reused_password_is_one_cause_everywhere(shared: bool, causes: int):  # noqa: FBT001 - a row of the table
    other = AssetRow("plc2", "PLC-2", "cell")
    services = (*PLANT.services, ServiceRow("s3", "plc2", 22, "ssh", "office"))

    model = model_of(
        assets=(*PLANT.assets, other),
        services=services,
        credentials=(replace(ADMIN, opens=("plc", "plc2"), shared=shared),),
    )

    assert len(steps(model, "credential")) == 2
    assert sum(each.kind == "credential" for each in model.causes) == causes


def test_a_vendor_who_comes_into_a_zone_can_send_packets_there():
    model = model_of(vendor_accesses=(PUMPS,))

    assert steps(model, "vendor") == [(("net:internet",), "zone:cell")]
    assert exact_reach(model)["zone:cell"] == pytest.approx(0.35 * 0.8)


def test_a_vendor_who_comes_to_an_asset_arrives_at_its_ports_only():
    to_asset = replace(PUMPS, to_zone_id="", to_asset_id="plc")

    every = model_of(vendor_accesses=(to_asset,))
    some = model_of(vendor_accesses=(replace(to_asset, ports=(102,)),))

    assert steps(every, "vendor") == [(("net:internet",), "reach:plc:22")]
    assert steps(some, "vendor") == [(("net:internet",), "reach:plc:102")]


def test_over_a_conduit_both_must_be_true_and_its_ports_count():
    rule = ConduitRow("c", "Rule 1", "office", "cell", ports=(22,))

    model = model_of(
        conduits=(rule,), vendor_accesses=(replace(PUMPS, conduit_id="c"),)
    )

    (step,) = [each for each in model.steps if "vendor:v" in each.causes]
    assert (step.body, step.head) == (("net:internet",), "reach:plc:22")
    assert step.causes == ("vendor:v", "conduit:c")


@pytest.mark.parametrize(
    ("values", "chance"),
    [
        ({}, 0.28),
        ({"mfa": True}, 0.028),
        ({"window": Window.ON_REQUEST}, 0.084),
        ({"window": Window.OVER}, 0.028),
        ({"basis": Basis.OBSERVED}, 0.35),
    ],
)
def test_a_second_factor_and_its_hours_make_an_access_rarer(
    values: dict[str, object], chance: float
):
    model = model_of(vendor_accesses=(replace(PUMPS, **values),))

    (cause,) = [each for each in model.causes if each.kind == "vendor"]
    assert cause.p == pytest.approx(chance)


def test_mail_is_an_entry_into_offices_and_only_where_the_policy_says_so():
    plain, mailed = model_of(), model_of(policy=POLICY.with_phishing())

    assert steps(plain, "phishing") == []
    assert steps(mailed, "phishing") == [(("net:internet",), "zone:office")]
    assert exact_reach(mailed)["zone:office"] == 1.0  # a finding leads there as well
    (cause,) = [each for each in mailed.causes if each.kind == "phishing"]
    assert (cause.p, cause.word) == (pytest.approx(0.14), "assumed")


def test_without_what_is_assumed_no_guess_opens_a_way():
    guessed = replace(ADMIN, basis=Basis.ASSUMED)
    vendor = replace(PUMPS, basis=Basis.ASSUMED)
    policy = POLICY.with_phishing().without_assumed()

    model = model_of(policy=policy, credentials=(guessed,), vendor_accesses=(vendor,))

    chances = {each.kind: each.p for each in model.causes if each.word == "assumed"}
    assert chances == {"credential": 0, "vendor": 0, "phishing": 0, "same_zone": 0}
    assert exact_reach(model).get("line:l", 0.0) == 0.0


def test_a_credential_that_opens_what_holds_it_is_a_circle_and_nothing_more():
    circle = replace(ADMIN, held_on=("plc",), opens=("plc", "ews"))

    model = model_of(credentials=(circle,), findings=())

    assert exact_reach(model).keys() == {"net:internet", "reach:ews:443"}
