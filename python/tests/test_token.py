"""A token, kept until it is due."""

from __future__ import annotations

import base64
import json
import pickle
import subprocess
import sys
import time
import timeit
from typing import TYPE_CHECKING

import pytest
from conftest import run_python

import authkeep

if TYPE_CHECKING:
    from conftest import Played, Runs


def test_a_profile_is_enough_for_a_token() -> None:
    token = authkeep.token("disruptive")
    assert token.profile == "disruptive"
    assert token.authorization == f"Bearer {token.access_token}"
    assert 3000 < token.expires_in <= 3600
    assert authkeep.token("lab").scope == "read write"


def test_a_kept_token_costs_no_process(runs: Runs) -> None:
    first = authkeep.token("lab")
    assert all(authkeep.token("lab") is first for _ in range(1000))
    assert authkeep.source("lab").token() is first
    assert len(runs.all()) == 1


def test_each_question_has_an_answer_of_its_own(runs: Runs) -> None:
    both = authkeep.token("lab")
    read = authkeep.token("lab", scope="read")
    assert (both.scope, read.scope) == ("read write", "read")
    assert authkeep.token("lab", scope=["read"]).scope == "read"
    assert authkeep.token("lab", scope="write read").scope == "read write"
    authkeep.token("lab", account="another")
    assert len(runs.all()) == 5


def test_an_audience_is_a_text_or_a_list_of_several() -> None:
    for asked, audience in [("a b", "a b"), (["a"], "a"), (["a", "b c"], ["a", "b c"]), (iter(("c", "d")), ["c", "d"])]:
        _, claims, _ = authkeep.token("lab", audience=asked).access_token.split(".")
        assert json.loads(base64.urlsafe_b64decode(f"{claims}=="))["aud"] == audience
    several = authkeep.source("lab", audience=["a", "b"])
    assert several is authkeep.source("lab", audience=("a", "b"))
    assert several is not authkeep.source("lab", audience=("b", "a"))


def test_what_is_asked_is_no_option_whatever_it_looks_like() -> None:
    for profile in ["--help", "-v", ""]:
        with pytest.raises(authkeep.ConfigError, match="there is no profile"):
            authkeep.token(profile)


def test_a_token_is_asked_for_again_when_it_works_for_less_than_is_needed(played: Played) -> None:
    played.does(says(seconds=100) + "; echo run >> $0.runs")
    source = authkeep.Source("lab", min_ttl=99.5)
    source.token()
    time.sleep(0.6)
    source.token()
    runs = played.path.with_suffix(".runs").read_text()
    assert runs.count("run") == 2


def test_a_profile_of_another_clock_does_not_stretch_a_life(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    source = authkeep.Source("lab")
    source.token()
    wall = time.time()
    for clock, later in [("time", wall + 7200), ("monotonic", time.monotonic() + 7200)]:
        with monkeypatch.context() as patch:
            patch.setattr(f"authkeep._source.{clock}", lambda later=later: later)
            source.token()
    assert len(runs.all()) == 3


def test_a_kept_token_costs_as_little_as_looking_at_both_clocks() -> None:
    source = authkeep.source("lab")
    source.token()
    cost = best(source.token)
    by_name = best(lambda: authkeep.token("lab"))
    clocks = best(lambda: (time.time(), time.monotonic()))
    print(
        f"a kept token costs {cost * 1e9:.0f} ns, by its profile {by_name * 1e9:.0f} ns; clocks {clocks * 1e9:.0f} ns"
    )
    assert cost < 6 * clocks
    assert by_name < 20 * clocks


def test_a_source_goes_to_another_process_as_its_question(runs: Runs) -> None:
    source = authkeep.Source("lab", scope="read")
    token = source.token()
    pickled = pickle.dumps(source)
    assert token.access_token.encode() not in pickled
    assert pickle.loads(pickled).token().scope == "read"  # noqa: S301
    assert len(runs.all()) == 2


def test_nonsense_is_refused_before_the_program_is_run(runs: Runs) -> None:
    for nonsense in [-1, float("nan"), float("inf")]:
        with pytest.raises(ValueError, match="min_ttl"):
            authkeep.token("lab", min_ttl=nonsense)
    assert runs.all() == []


def test_the_module_needs_nothing_but_python() -> None:
    text = (
        "import sys; sys.modules['requests'] = sys.modules['httpx'] = None; import authkeep, authkeep.azure_identity,"
        "authkeep.destinepyauth, authkeep.disruptive, authkeep.msal; print(authkeep.token('lab').scope)"
        "; assert 'asyncio' not in sys.modules"
    )
    done = run_python(text)
    assert (done.stdout, done.stderr) == ("read write\n", "")


def test_python_runs_the_program_where_the_shell_does_not_find_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "authkeep", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = run("token", "lab", "--format", "json")
    assert (done.returncode, json.loads(done.stdout)["profile"]) == (0, "lab")
    done = run("token", "nope")
    assert done.returncode == 2
    assert done.stderr.startswith("auth: there is no profile `nope`")
    monkeypatch.setenv("AUTH_PROGRAM", "/nowhere/auth")
    done = run("token", "lab")
    assert done.returncode == 2
    assert done.stderr.startswith("auth: [Errno 2] No such file or directory")


def best(what: object) -> float:
    return min(timeit.repeat(what, number=2000, repeat=30)) / 2000  # type: ignore[arg-type]


def says(seconds: int) -> str:
    """Shell that writes a token with so many seconds left."""
    text = (
        '{"profile": "lab", "access_token": "secret-of-the-test", "token_type": "Bearer",'
        ' "expires_at": "%s", "expires_in": %d, "scope": null}'
    )
    return f"""printf '{text}' "$(date -u -d '+{seconds} seconds' +%FT%TZ)" {seconds}"""


def fails(kind: str, message: str, code: int) -> str:
    """Shell that says why it fails."""
    text = '{"level": "error", "kind": "%s", "message": "%s", "advice": null, "exit_code": %d}'
    return f"echo '{text % (kind, message, code)}' >&2; exit {code}"
