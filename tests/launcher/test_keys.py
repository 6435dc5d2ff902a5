"""The file of keys is made once, complete and private."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from launcher.keys import keys_of
from launcher.terminal import Fault


def test_it_is_private(tmp_path):
    keys_of(tmp_path / "secrets.json")

    mode = stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode)
    assert mode == 0o600


def test_it_is_the_same_for_all_who_start_at_once(tmp_path):
    with ThreadPoolExecutor(8) as several:
        seen = set(several.map(lambda _: keys_of(tmp_path / "secrets.json"), range(8)))

    assert len(seen) == 1


def test_it_holds_a_master_key_of_32_bytes(tmp_path):
    keys = keys_of(tmp_path / "secrets.json")

    assert len(base64.b64decode(keys.master_key, validate=True)) == 32


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"secret_key": "x"}', "\x00"])
def test_it_is_never_replaced_when_it_is_damaged(tmp_path, text):
    (tmp_path / "secrets.json").write_text(text)

    with pytest.raises(Fault, match=r"secrets.json is damaged"):
        keys_of(tmp_path / "secrets.json")
    assert (tmp_path / "secrets.json").read_text() == text
