"""What makes a host a decoy, and what an honest host may do."""

from collections.abc import Sequence

import pytest

from exposure.logic.deception import Heard, reasons


def heard(protocol: str, port: int = 1, *, ot: bool = True, **facts: object) -> Heard:
    return Heard(port, protocol, ot, identified=True, facts=facts)


def of(makers: Sequence[str]) -> list[Heard]:
    return [heard(f"p{n}", n, vendor=maker) for n, maker in enumerate(makers)]


def judged(answers: Sequence[Heard], *, opened: int = 3, tried: int = 0) -> str:
    return "; ".join(reasons(answers, open_ports=opened, tried_ports=tried))


HONEST = [
    [],
    [heard("s7", vendor="Siemens"), heard("http", 80, ot=False, title="HMI")],
    of(
        ["Siemens AG", "Siemens", "Schneider Electric"]
    ),  # a gateway, and what is behind
    [heard("rdp", 3389, ot=False, anomaly="It chose what was not on offer.")],
    [heard(f"it{n}", n, ot=False) for n in range(14)],
    [heard("banner", n, ot=False, banner="220 ready") for n in range(4)],
    [heard("banner", n, ot=False, banner="") for n in range(40)],
    # Two probes on one port hear the same greeting; that is one port.
    [heard(f"p{n}", 22, ot=False, banner="SSH-2.0") for n in range(9)],
]


@pytest.mark.parametrize("answers", HONEST)
def test_it_does_not_suspect_an_honest_host(answers: list[Heard]) -> None:
    assert judged(answers) == ""


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([heard(f"ot{n}", n) for n in range(5)], "5 industrial protocols (ot0"),
        ([heard(f"it{n}", n, ot=False) for n in range(15)], "15 protocols"),
        (of(["Siemens", "Rockwell", "Omron"]), "3 makers (omron, rockwell, siemens)"),
        (
            [heard("rdp", 3389, anomaly="x"), heard("s7", 102, anomaly="y")],
            "ports 102, 3389 are ones that the protocols forbid",
        ),
        (
            [heard("banner", n, ot=False, banner="220 ready") for n in range(5)],
            '5 ports greet with the same words "220 ready"',
        ),
    ],
)
def test_it_says_why_it_suspects_a_decoy(answers: list[Heard], words: str) -> None:
    assert words in judged(answers)


def test_it_suspects_a_host_on_which_every_port_is_open() -> None:
    assert judged([], opened=119, tried=120) == "119 of the 120 ports asked are open"
    assert judged([], opened=100, tried=120) == ""
    assert judged([], opened=20, tried=20) == ""  # too few to say


def test_what_was_not_identified_counts_for_nothing() -> None:
    silent = [
        Heard(n, f"ot{n}", is_industrial=True, identified=False) for n in range(9)
    ]

    assert judged(silent) == ""
