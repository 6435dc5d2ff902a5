"""Workers are subscribed to every queue that carries a job, wherever they run."""

from pathlib import Path

from config.schedule import QUEUES
from launcher import programs

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"


def test_the_worker_of_one_machine_takes_every_queue() -> None:
    assert set(programs.QUEUES.split(",")) == set(QUEUES.values())


def test_so_does_the_one_in_a_container() -> None:
    assert f'"-Q", "{programs.QUEUES}"' in COMPOSE.read_text(encoding="utf-8")


def test_no_long_job_of_another_kind_is_before_the_attack_paths() -> None:
    own = {task for task, queue in QUEUES.items() if queue == "paths"}

    assert "exposure.rebuild_paths" in own
    assert own <= {"exposure.rebuild_paths", "exposure.count_paths"}
