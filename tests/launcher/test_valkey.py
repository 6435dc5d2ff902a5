"""Valkey keeps the queue, also when it is killed."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

from redis import Redis

from launcher.processes import wait_until_gone


def test_it_keeps_the_queue_when_it_is_killed(valkey):
    valkey.start()
    with Redis(unix_socket_path=str(valkey.socket)) as talk:
        talk.rpush("queue", *range(1000))
    killed = valkey.server()

    os.kill(killed.pid, signal.SIGKILL)
    wait_until_gone([killed], patience=5)
    valkey.start()

    with Redis(unix_socket_path=str(valkey.socket)) as talk:
        assert talk.llen("queue") == 1000


def test_it_refuses_rather_than_forgets(valkey):
    valkey.start()

    with Redis(unix_socket_path=str(valkey.socket)) as talk:
        assert talk.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
        assert talk.config_get("appendonly")["appendonly"] == "yes"
        assert talk.config_get("port")["port"] == "0"


def test_it_is_one_server_when_many_start_it_at_once(valkey):
    with ThreadPoolExecutor(4) as several:
        list(several.map(lambda _: valkey.start(), range(4)))

    first = valkey.server()
    valkey.start()
    assert first is not None
    assert valkey.server() == first


def test_it_is_not_misled_by_a_number_that_is_used_again(valkey):
    valkey.home.mkdir()
    valkey.pid_file.write_text(str(os.getpid()))

    valkey.start()

    assert valkey.is_ready()
    assert valkey.server().pid != os.getpid()


def test_it_shows_its_socket_to_nobody_else(valkey):
    valkey.start()

    assert valkey.home.stat().st_mode & 0o077 == 0
    assert valkey.socket.stat().st_mode & 0o077 == 0


def test_it_stops(valkey):
    valkey.start()
    who = valkey.server()

    valkey.stop()

    assert wait_until_gone([who], patience=0.1)
