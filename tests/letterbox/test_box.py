"""The folder in which received things lie."""

from datetime import UTC, datetime

import pytest

from letterbox.box import Box, received_at


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path / "mails", suffix=".eml", kept=3)


def test_it_keeps_what_it_was_given_over_a_restart(box, tmp_path):
    made = box.add(b"Subject: hello\r\n\r\n")

    again = Box(tmp_path / "mails", suffix=".eml", kept=3)

    assert again.ids() == [made]
    assert again.read(made, limit=100) == b"Subject: hello\r\n\r\n"


def test_it_shows_the_newest_first_and_drops_the_oldest(box):
    made = [box.add(str(number).encode()) for number in range(5)]

    assert box.ids() == [made[4], made[3], made[2]]
    assert box.read(made[0], limit=10) is None


def test_it_leaves_nothing_unfinished_behind(tmp_path):
    Box(tmp_path, suffix=".eml")
    (tmp_path / "01990f6e-0000-7000-8000-000000000001.part").write_bytes(b"half")

    box = Box(tmp_path, suffix=".eml")

    assert box.ids() == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "..",
        "../secret",
        "..%2fsecret",
        "/etc/passwd",
        "01990f6e-0000-7000-8000-000000000001/../../secret",
        "01990F6E-0000-7000-8000-000000000001",
        "01990f6e-0000-7000-8000-000000000001\n",
        "secret\0",
        "01990f6e-0000-7000-8000-000000000001",
    ],
)
def test_it_opens_nothing_but_its_own_files(box, tmp_path, wanted):
    (tmp_path / "secret.eml").write_bytes(b"secret")

    assert box.read(wanted, limit=10) is None


def test_it_is_closed_to_other_people_on_the_machine(box):
    assert box.folder.stat().st_mode & 0o777 == 0o700


def test_it_reads_no_more_than_asked(box):
    assert box.read(box.add(b"x" * 100), limit=10) == b"x" * 10


def test_its_ids_carry_the_moment():
    moment = received_at("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")  # RFC 9562, A.6

    assert moment == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
