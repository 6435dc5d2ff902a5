"""The command that compiles the path engine before anybody asks for a path."""

from django.core.management import call_command

from config.management.commands import warm_kernels


def test_it_says_that_the_engine_is_compiled_or_that_there_is_no_compiler(
    capsys, monkeypatch
):
    monkeypatch.setattr(warm_kernels, "COMPILED", True)
    call_command("warm_kernels")
    monkeypatch.setattr(warm_kernels, "COMPILED", False)
    call_command("warm_kernels")

    compiled, plain = capsys.readouterr().out.splitlines()
    assert compiled == "The path engine is compiled."
    assert "runs as plain numpy" in plain
