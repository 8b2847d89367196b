"""What goes wrong: an exception of the kind, whose text says what to do, and shows no secret."""

from __future__ import annotations

import logging
import os
import pickle
import resource
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import run_python, script
from test_token import fails, says

import authkeep
from authkeep import _program

if TYPE_CHECKING:
    from conftest import Api, Played


def test_an_unknown_profile_is_the_configuration_s() -> None:
    error = failure("nope", authkeep.ConfigError)
    assert str(error).startswith("there is no profile `nope`; choose one of")


def test_a_wrong_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH_LAB_CLIENT_SECRET", "wrong")
    assert "invalid_client" in str(failure("lab", authkeep.Refused))


def test_without_a_terminal_a_person_is_told_what_to_run() -> None:
    text = "import authkeep\ntry: authkeep.token('provena-person')\nexcept authkeep.InteractionRequired as e: print(e)"
    done = run_python(text)
    assert done.stderr == ""
    assert done.stdout == "nobody is logged in for profile `provena-person`; run `auth login provena-person`\n"


def test_a_server_that_is_not_there_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH_DISRUPTIVE_TOKEN_URL", "http://127.0.0.1:1/token")
    failure("disruptive", authkeep.Unavailable)


def test_a_store_that_can_t_be_written_is_the_store_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH_STORE", "/dev/null/store")
    failure("ada", authkeep.StoreError)


def test_an_answer_that_is_none_is_the_protocol_s(monkeypatch: pytest.MonkeyPatch, api: Api) -> None:
    api.refuses_all = False
    monkeypatch.setenv("AUTH_DISRUPTIVE_TOKEN_URL", f"{api.url}/leave")
    error = failure("disruptive", authkeep.ProtocolError)
    assert api.url in str(error)


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AUTH_PROGRAM")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(_program, "_installed", lambda: None)
    error = failure("lab", authkeep.ConfigError)
    assert str(error).startswith("the program `auth` is missing")
    monkeypatch.setenv("AUTH_PROGRAM", "/nowhere/auth")
    error = failure("lab", authkeep.ConfigError)
    assert str(error).startswith("/nowhere/auth can't be run: No such file")


@pytest.mark.skipif(_program._installed() is None, reason="the module runs from its sources")
def test_the_program_of_the_wheel_is_found_wherever_the_path_leads(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script(tmp_path / "auth", "exit 9")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("AUTH_PROGRAM")
    assert Path(authkeep.program()).parent == Path(sys.executable).parent.resolve()
    assert authkeep.token("lab").expires_in > 0


def test_what_is_no_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "text"
    path.write_text("a text")
    monkeypatch.setenv("AUTH_PROGRAM", str(path))
    assert str(failure("lab", authkeep.ConfigError)).startswith(f"{path} can't be run: Permission denied")
    path.chmod(0o700)
    assert str(failure("lab", authkeep.ConfigError)).startswith(f"{path} can't be run: Exec format error")


def test_a_program_on_the_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTH_PROGRAM")
    monkeypatch.setattr(_program, "_installed", lambda: None)
    script(tmp_path / "auth", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert authkeep.program() == str(tmp_path / "auth")
    monkeypatch.setenv("AUTH_PROGRAM", "another")
    script(tmp_path / "another", "")
    assert authkeep.program() == str(tmp_path / "another")


def test_a_program_that_is_older_than_the_module_is_named(played: Played) -> None:
    played.does(says(seconds=100), version="auth 0.0.9")
    error = failure("lab", authkeep.ConfigError)
    assert str(error).startswith(f"{played.path} is auth 0.0.9, and this module needs 0.1.0 or newer; update it")


def test_a_newer_program_serves(played: Played) -> None:
    for version in ["auth 0.1.1", "auth 1.0.0-rc.1", "auth 10.0.0"]:
        played.does(says(seconds=100), version=version)
        authkeep.Source("lab").token()


def test_another_program_of_that_name_is_named(played: Played) -> None:
    for version in ["auth, by somebody else", "", "auth 0.1"]:
        played.does(says(seconds=100), version=version)
        assert "is another program" in str(failure("lab", authkeep.ConfigError))


def test_a_program_that_hangs_is_ended(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_program, "GRACE", 2.0)
    # The second leaves its output to what it has started; the third does not let itself be asked.
    for text in ["exec sleep 600", "sleep 60", "trap '' TERM; sleep 1; sleep 60"]:
        played.does(text)
        source = authkeep.Source("lab", timeout=0.3)
        with pytest.raises(authkeep.Unavailable, match=r"`auth token` did not answer within 0.3 s and was ended"):
            source.token()


def test_where_no_program_can_be_asked_to_end_one_that_is_late_keeps_what_it_gets(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_program, "CAN_ASK", False)
    played.does("until [ -e $0.late ]; do sleep 0.05; done; echo > $0.kept")
    late, kept = (played.path.with_suffix(f".{what}") for what in ["late", "kept"])
    communicate = subprocess.Popen.communicate

    def until_it_is_late(process: subprocess.Popen[bytes], timeout: float) -> tuple[bytes, bytes]:
        try:
            return communicate(process, timeout=timeout)
        except subprocess.TimeoutExpired:
            late.touch()
            raise

    monkeypatch.setattr(subprocess.Popen, "communicate", until_it_is_late)
    with pytest.raises(authkeep.Unavailable, match="did not answer"):
        authkeep.Source("lab", timeout=0.3).token()
    assert kept.exists()


def test_ctrl_c_ends_the_script_and_leaves_the_program_its_work(played: Played) -> None:
    played.does("trap '' INT; echo > $0.begun; until [ -e $0.go ]; do sleep 0.05; done; echo > $0.done")
    begun, go, done = (played.path.with_suffix(f".{what}") for what in ["begun", "go", "done"])
    # Whoever runs the tests in the background may have them ignore it.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    text = f"{heard}\nimport authkeep; authkeep.token('lab')"
    with subprocess.Popen([sys.executable, "-c", text], stderr=subprocess.DEVNULL, start_new_session=True) as process:
        while not begun.exists():
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait() == -signal.SIGINT
    assert not done.exists()
    go.touch()
    while not done.exists():
        pass


def test_a_program_that_was_killed_may_be_tried_again(played: Played) -> None:
    played.does("kill -9 $$")
    assert str(failure("lab", authkeep.Unavailable)) == "auth was ended by signal 9; try again"


def test_what_is_no_token_is_the_protocol_s(played: Played) -> None:
    for output in ["secret-of-the-test", "", "{}", "[]", "null", '{"access_token": "secret-of-the-test"}', "\\377"]:
        played.does(f"printf '{output}'")
        assert "wrote no token of lab" in str(failure("lab", authkeep.ProtocolError))


def test_a_token_with_a_second_left_is_not_handed_out(played: Played) -> None:
    for seconds in [1, 0, -5]:
        played.does(says(seconds))
        assert "clock" in str(failure("lab", authkeep.ProtocolError))


def test_tokens_that_never_last_as_long_as_is_asked_for_are_the_configuration_s() -> None:
    with pytest.raises(authkeep.ConfigError, match="a longer life is needed; ask for less"):
        authkeep.token("lab", min_ttl=7200)


def test_an_end_that_is_not_explained_is_told_with_what_was_said(played: Played) -> None:
    for said, text in [
        ("echo thread main panicked >&2; exit 101", "ended with 101, and said: thread main panicked; report it"),
        ("echo [] >&2; exit 5", "ended with 5, and said: []; report it"),
        ("exit 4", "ended with 4, and said: nothing; report it"),
        (fails("new", "words", 9), "ended with 9, and said: words; report it"),
    ]:
        played.does(said)
        assert str(failure("lab", authkeep.ProtocolError)).endswith(text)


def test_warnings_of_the_program_are_logged(played: Played, caplog: pytest.LogCaptureFixture) -> None:
    warning = """echo '{"level": "warning", "message": "nothing is kept"}' >&2"""
    note = """echo '{"level": "note", "message": "waiting"}' >&2"""
    for then, kind in [(says(seconds=100), None), (fails("unavailable", "no", 5), authkeep.Unavailable)]:
        played.does(f"{warning}; {note}; {then}")
        caplog.clear()
        with caplog.at_level(logging.INFO, "authkeep"):
            if kind is None:
                authkeep.Source("lab").token()
            else:
                assert str(failure("lab", kind)) == "no"
        assert [(record.levelname, record.message) for record in caplog.records] == [
            ("WARNING", "nothing is kept"),
            ("INFO", "waiting"),
        ]


def test_a_process_that_ignores_its_children_learns_why_there_is_no_token() -> None:
    text = """if True:
        import signal, authkeep
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        for profile in ["lab", "nope", "provena-person"]:
            try: print(authkeep.token(profile).scope)
            except authkeep.AuthError as error: print(type(error).__name__)
    """
    done = run_python(text)
    assert (done.stdout, done.stderr) == ("read write\nConfigError\nInteractionRequired\n", "")


def test_what_the_machine_has_run_out_of_is_no_fault_of_the_program(played: Played) -> None:
    played.does(says(seconds=100))
    source = authkeep.Source("lab")
    authkeep.Source("lab").token()
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        with pytest.raises(authkeep.Unavailable, match="Too many open files; try again"):
            source.token()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert source.token().access_token


def test_an_error_is_pickled_as_what_it_is(played: Played) -> None:
    played.does(fails("refused", "no", 3))
    error = pickle.loads(pickle.dumps(failure("lab", authkeep.Refused)))  # noqa: S301
    assert (type(error), str(error), error.kind) == (authkeep.Refused, "no", "refused")


def test_a_failure_is_asked_about_anew_by_the_next_call(played: Played) -> None:
    played.does(fails("unavailable", "no", 5))
    source = authkeep.Source("lab")
    for _ in range(2):
        with pytest.raises(authkeep.Unavailable):
            source.token()
    played.does(says(seconds=100))
    assert source.token().access_token == "secret-of-the-test"


def test_nothing_secret_is_shown() -> None:
    source = authkeep.Source("lab", variables={"AUTH_LAB_CLIENT_SECRET": "a secret of the emulator only"})
    token = source.token()
    for what in [token, source, vars(source), [token]]:
        for text in [repr(what), str(what), f"{what}"]:
            assert token.access_token not in text
            assert "a secret of the emulator only" not in text


def test_no_traceback_shows_a_secret_even_with_its_locals(played: Played) -> None:
    bad = [
        'printf \'{"access_token": "secret-of-the-test"\'',
        "echo secret-of-the-test; exit 3",
        "echo secret-of-the-test; exit 77",
        says(1),
        "echo secret-of-the-test; exec sleep 600",
    ]
    for text in bad:
        played.does(text)
        source = authkeep.Source("lab", timeout=0.5, variables={"AUTH_LAB_CLIENT_SECRET": "secret-of-the-test"})
        try:
            source.token()
        except authkeep.AuthError as error:
            # Without the frame of the test.
            frames = error.__traceback__.tb_next if error.__traceback__ else None
            shown = traceback.TracebackException(type(error), error, frames, capture_locals=True)
            assert "in token" in "".join(shown.format())
            assert "secret-of-the-test" not in "".join(shown.format())
            chain: BaseException | None = error
            while chain is not None:
                assert "secret-of-the-test" not in repr(vars(chain)) + repr(chain.args)
                chain = chain.__context__
        else:
            pytest.fail("a token out of nothing")


def failure(profile: str, kind: type[authkeep.AuthError]) -> authkeep.AuthError:
    """The error of this profile."""
    with pytest.raises(authkeep.AuthError) as caught:
        authkeep.Source(profile).token()
    assert type(caught.value) is kind, repr(caught.value)
    return caught.value
