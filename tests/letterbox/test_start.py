"""Starting and ending the mailbox."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from letterbox.settings import Settings, SettingsRefused, read_settings

ROOT = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def start(tmp_path, **settings):
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")]),
        "SIGHTLINE_MAILBOX_DIR": str(tmp_path),
        "SIGHTLINE_SMTP_PORT": "0",
        "SIGHTLINE_MAILBOX_PORT": "0",
    } | {f"SIGHTLINE_{name}": str(value) for name, value in settings.items()}
    with subprocess.Popen(
        [sys.executable, "-m", "letterbox"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        try:
            yield program
        finally:
            program.kill()  # does nothing to a program that has ended


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_end(tmp_path, number):
    with start(tmp_path) as program:
        line = program.stdout.readline()
        port = int(re.search(r"pages and webhooks on port (\d+)", line).group(1))
        socket.create_connection(("127.0.0.1", port), timeout=10).close()
        program.send_signal(number)
        _, errors = program.communicate(timeout=10)

    assert program.returncode == 0
    assert errors == ""


@pytest.mark.parametrize("setting", ["SMTP_PORT", "MAILBOX_PORT"])
def test_it_says_in_one_line_which_port_is_taken(tmp_path, setting):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with start(tmp_path, **{setting: port}) as program:
            _, errors = program.communicate(timeout=20)

    assert program.returncode == 1
    assert errors == (
        f"Mailbox: Port {port} on 127.0.0.1 is taken by another program. "
        f"Choose another with SIGHTLINE_{setting}.\n"
    )


def test_it_says_when_its_folder_cannot_be_used(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")

    with start(tmp_path, MAILBOX_DIR=blocked) as program:
        _, errors = program.communicate(timeout=20)

    assert program.returncode == 1
    assert "cannot be used" in errors
    assert errors.count("\n") == 1


def test_it_binds_to_loopback_unless_told_otherwise():
    assert Settings().bind == "127.0.0.1"
    assert read_settings({}).bind == "127.0.0.1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BIND", "everywhere"),
        ("SMTP_PORT", "65536"),
        ("SMTP_PORT", "-1"),
        ("MAILBOX_PORT", "8e3"),
        ("MAILBOX_PORT", "٣"),
        ("MAILBOX_WEBHOOK_SECRET", "hunter2"),
        ("MAILBOX_WEBHOOK_SECRET", "whsec_aHVudGVyMg=="),
    ],
)
def test_it_refuses_a_setting_it_does_not_understand(name, value):
    with pytest.raises(SettingsRefused, match=f"SIGHTLINE_{name}: ") as refused:
        read_settings({f"SIGHTLINE_{name}": value})

    assert value not in str(refused.value)
