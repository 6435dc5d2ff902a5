"""What is a name, what its records say, which ones are worth a try: decided without a network."""

import pytest

from exposure.logic.names.chains import Chain, follow, leads_nowhere, values
from exposure.logic.names.guesses import WORDS, guesses
from exposure.logic.names.hygiene import (
    caa_facts,
    dmarc_facts,
    notes,
    place_facts,
    spf_facts,
    to_act_on,
)
from exposure.logic.names.labels import canonical, is_made_from, shown
from exposure.logic.names.messages import (
    Answer,
    Garbage,
    Question,
    Record,
    Status,
    decode,
    encode,
)
from exposure.logic.names.wildcards import Wildcard, judge

NOT_A_NAME = [
    "",
    ".",
    "plant",
    "a..example",
    "-a.example",
    "a b.example",
    "a\x00b.example",
    "a/b.example",
    "evil.example;curl",
    "<script>.example",
    "\u202egpj.example\ud800",
    "x" * 64 + ".example",
    ".".join(["a"] * 200),
    "a" * 10_000 + ".example",
    "192.0.2.1",
    "printer.local",
    "::1",
    "a.example:443",
    "https://a.example",
]


@pytest.mark.parametrize("text", NOT_A_NAME, ids=range(len(NOT_A_NAME)))
def test_what_is_no_name_is_none(text: str) -> None:
    assert canonical(text) is None


def test_twins_of_a_name_in_unicode_are_one_name() -> None:
    composed, apart = "bücher.example", "bu\u0308cher.example"

    assert canonical(composed) == canonical(apart) == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    "kept",
    [
        "xn--80ak6aa92e.example",  # Cyrillic letters that look like a Latin word
        "xn--pple-43d.example",  # one of them among Latin ones
        "xn--a.example",
        "xn--" + "9" * 40 + ".example",
    ],
)
def test_a_name_that_deceives_is_shown_as_the_dns_keeps_it(kept: str) -> None:
    assert shown(kept) == kept


def test_a_reverse_name_with_its_address_in_it_is_known_in_both_families() -> None:
    assert is_made_from("p4fd3.dip.0203000113009.isp.example", "203.0.113.9")
    assert is_made_from("2001-0db8-0-0-0000-0000-0000-0009.isp.example", "2001:db8::9")
    assert not is_made_from("gw9.plant.example", "203.0.113.9")


def told(*texts: str, status: Status = Status.ANSWERED, type_: str = "TXT") -> Answer:
    records = tuple(Record("plant.example", type_, text, 60) for text in texts)
    return Answer(Question("plant.example", type_), status, records)


@pytest.mark.parametrize(
    ("answer", "rest"),
    [
        (told("v=spf1 ip4:192.0.2.1 -all"), "-"),
        (told("V=SPF1 a ~all"), "~"),
        (told("v=spf1 +all"), "+"),
        (told("v=spf1 all"), "+"),
        (told("v=spf1 include:x.example ?all"), "?"),
        (told("v=spf1 redirect=_spf.example"), "redirect"),
        (told("v=spf1 a mx"), "none"),
        (told("v=spf1 -all", "v=spf1 +all"), "several"),
        (told("v=spf10 +all", "hello"), "missing"),
        (told(status=Status.NO_SUCH_NAME), "missing"),
        (told(status=Status.FAILED), "unknown"),
        (None, "unknown"),
    ],
)
def test_spf_says_what_happens_to_the_rest(answer: Answer | None, rest: str) -> None:
    assert spf_facts(answer)["spf_all"] == rest


@pytest.mark.parametrize(
    ("answer", "policy"),
    [
        (told("v=DMARC1; p=none"), "none"),
        (told("v=DMARC1;p=Reject; rua=mailto:a@b.example"), "reject"),
        (told("v=DMARC1; sp=none; p=quarantine"), "quarantine"),
        (told("v=DMARC1; sp=none"), "invalid"),
        (told("v=DMARC1; p=perhaps"), "invalid"),
        (told("v=DMARC1; p=none", "v=DMARC1; p=reject"), "invalid"),
        (told("v=spf1 -all"), "missing"),
        (told(status=Status.SILENT), "unknown"),
    ],
)
def test_dmarc_says_what_happens_to_forged_mail(answer: Answer, policy: str) -> None:
    assert dmarc_facts(answer)["dmarc_policy"] == policy


def test_no_answer_is_never_a_missing_record() -> None:
    for facts in (spf_facts(None), dmarc_facts(None), caa_facts(None)):
        assert notes(facts) == []


def test_only_certain_ends_dangle() -> None:
    chain = Chain(("plant-portal.azurewebsites.net",))
    sure = [told(), told(type_="AAAA")]
    half = [told(), told(status=Status.FAILED)]

    assert leads_nowhere(sure, chain)
    assert not leads_nowhere(half, chain)
    assert not leads_nowhere(sure, Chain())


def test_what_could_be_claimed_comes_first_and_says_that_nobody_tried() -> None:
    chain = Chain(("plant-portal.azurewebsites.net",))
    facts = place_facts([told(), told()], chain, nowhere=True) | {"caa": "missing"}

    first, second = notes(facts)
    assert (first.code, first.band, second.code) == (
        "claimable",
        "immediate",
        "caa-missing",
    )
    assert "Nobody has tried" in first.text
    assert to_act_on(facts) == 1


def test_guesses_leave_out_what_is_known_and_keep_to_their_number() -> None:
    known = {"vpn.plant.example", "hmi-1.plant.example", "deep.down.plant.example"}

    found = list(guesses("plant.example", known, most=100))

    assert len(found) == len(set(found)) == 100
    assert found[0] == "hmi-2.plant.example"
    assert not known & set(found)
    assert all(canonical(name) == name for name in found)


def test_there_are_a_few_hundred_words_and_each_is_a_label() -> None:
    assert 300 < len(WORDS) == len(set(WORDS))
    assert all(canonical(f"{word}.example") for word in WORDS)


def test_a_wildcard_explains_its_own_answers_only() -> None:
    steady = judge([Chain((), ("192.0.2.1",))] * 3)
    unsteady = judge([Chain((), (f"192.0.2.{number}",)) for number in range(3)])
    aliased = judge([Chain(("parking.example",), ("192.0.2.9",))] * 3)

    assert steady.explains(Chain((), ("192.0.2.1",)))
    assert not steady.explains(Chain((), ("192.0.2.2",)))
    assert unsteady.explains(Chain((), ("203.0.113.7",)))
    assert aliased.explains(Chain(("parking.example",), ("203.0.113.7",)))
    assert not judge([Chain()] * 3).is_there
    assert not Wildcard().explains(Chain((), ("192.0.2.1",)))


def test_a_chain_longer_than_anybody_follows_is_endless() -> None:
    records = [
        Record(f"n{number}.example", "CNAME", f"n{number + 1}.example", 60)
        for number in range(50)
    ]

    assert follow("n0.example", records).is_endless


@pytest.mark.parametrize("cut", range(12, 60, 7))
def test_an_answer_that_ends_early_is_garbage(cut: int) -> None:
    question = Question("vpn.plant.example")
    asked = encode(question, 7)
    answer = (
        asked[:2]
        + b"\x81\x80\x00\x01\x00\x02\x00\x00\x00\x00"
        + asked[12:35]
        + b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x4f\x02\x02" * 2
    )

    assert len(decode(answer, question).records) == 2
    with pytest.raises(Garbage):
        decode(answer[:cut], question)


@pytest.mark.parametrize(
    ("answers", "chain", "resolves"),
    [
        ([told(), told()], Chain((), ("192.0.2.1",)), "yes"),
        ([told(), told()], Chain(), "no address"),
        ([told(status=Status.NO_SUCH_NAME)] * 2, Chain(), "no such name"),
        ([told(), told(status=Status.FAILED)], Chain(), "unknown"),
    ],
)
def test_where_a_name_leads_is_said_or_unknown(
    answers: list[Answer], chain: Chain, resolves: str
) -> None:
    assert place_facts(answers, chain, nowhere=False)["resolves"] == resolves


def test_every_fact_worth_an_act_is_said_in_order() -> None:
    chain = Chain(("gone.contractor.example",), is_endless=True)
    facts = place_facts([told(), told()], chain, nowhere=True) | {
        "outside": ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"],
        "wildcards": ["cust.plant.example"],
        "transfer_open": ["ns1.plant.example (192.0.2.53)"],
        "lame": "ns2.plant.example",
        "dnssec": "broken",
    }

    found = notes(facts)

    assert [note.code for note in found] == [
        "dnssec-broken",
        "transfer-open",
        "dangling",
        "endless",
        "lame",
        "outside",
        "wildcard",
    ]
    assert "192.0.2.3 and 1 more" in found[5].text


def test_caa_is_there_or_missing() -> None:
    record = '0 issue "ca.example"'

    assert caa_facts(told(record, type_="CAA"))["caa_records"] == [record]
    assert caa_facts(told(type_="CAA")) == {"caa": "missing"}


def test_variants_go_with_what_a_label_looks_like() -> None:
    known = ["ot-gw.plant.example", "vpn0.plant.example", "mail.plant.example"]

    found = set(guesses("plant.example", known))

    assert {"otgw", "vpn1", "mail2", "mail-old"} <= {n.partition(".")[0] for n in found}
    assert "vpn-1.plant.example" not in found
    assert list(guesses("x" * 252, ["a"], most=5)) == []


def test_a_message_of_another_kind_is_garbage() -> None:
    question = Question("vpn.plant.example")
    asked = encode(question, 7)
    answer = asked[:2] + b"\x81\x80" + asked[4:-11]

    assert (
        decode(answer[:4] + b"\0\1\0\0\0\0\0\0" + answer[12:], question).records == ()
    )
    with pytest.raises(Garbage):
        decode(answer[:4] + b"\0\2\0\0\0\0\0\0" + answer[12:], question)
    with pytest.raises(Garbage):
        decode(answer[:4] + b"\0\0\0\0\0\0\0\0", question)
    # The later messages of a transfer need not repeat the question.
    assert (
        decode(
            answer[:4] + b"\0\0\0\0\0\0\0\0", Question("plant.example", "AXFR")
        ).records
        == ()
    )
    # What was cut may end anywhere; it is asked for again.
    cut = answer[:2] + b"\x83\x80\0\1\0\5\0\0\0\0" + answer[12:]
    assert decode(cut, question).is_truncated


def test_records_that_nobody_asked_for_are_skipped() -> None:
    question = Question("vpn.plant.example")
    asked = encode(question, 7)
    other = b"\xc0\x0c\x00\x63\x00\x01\x00\x00\x00\x3c\x00\x02ab"
    chaos = b"\xc0\x0c\x00\x01\x00\x03\x00\x00\x00\x3c\x00\x04\x7f\x4f\x02\x02"
    answer = asked[:2] + b"\x81\x80\0\1\0\2\0\0\0\0" + asked[12:35] + other + chaos

    assert decode(answer, question).records == ()


def test_no_answer_has_no_values() -> None:
    assert values(None, "A") == []
