"""Each command and each example of docs/python.md is run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROGRAM, script
from test_scripts import ada, destine, logged_in

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
BLOCKS = re.findall(r"```(python|console)[^\n]*\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
EXAMPLES = [text for kind, text in BLOCKS if kind == "python"]
LINES = [line for kind, text in BLOCKS if kind == "console" for line in text.splitlines()]
# What a page says of a command stands behind it.
COMMANDS = [re.sub(r"\s+# .*", "", line[2:]) for line in LINES if line[:2] == "$ "]

# Of these a person is a part, or the whole environment; other tests do them.
ELSEWHERE = ["pip install authkeep-*.whl requests httpx", "auth login destiny-azure"]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`auth` and `python` are those of the test."""
    script(tmp_path / "auth", f'exec {PROGRAM} "$@"')
    script(tmp_path / "python", f'exec {sys.executable} "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, start_new_session=True)


@pytest.mark.usefixtures("ada", "logged_in")
@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_does_what_it_says(example: str, origin: str) -> None:
    for published, ours in [
        ("https://api.disruptive-technologies.com/v2", f"{origin}/v2"),
        ("https://api.evidence-repository.org", f"{origin}/destiny"),
        ("https://openpectus.com/api", f"{origin}/pectus/api"),
    ]:
        example = example.replace(published, ours)
    done = run([sys.executable, "-W", "error", "-c", example])
    assert done.returncode == 0, done.stderr
    for said in re.findall(r"print\(error\)   # (.*)", example):
        assert done.stdout == f"{said}\n"


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in ELSEWHERE])
def test_a_command_works(command: str) -> None:
    done = run(["sh", "-c", command])
    assert done.returncode == 0, done.stderr


def test_the_page_has_what_is_tested_elsewhere() -> None:
    assert set(ELSEWHERE) < set(COMMANDS)
    assert len(EXAMPLES) > 10


__all__ = ["ada", "destine", "logged_in"]
