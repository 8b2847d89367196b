"""Threads, tasks and forked processes: one run of the program, whoever waits."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Callable

import pytest
import trio
from test_token import fails, says

import authkeep
from authkeep import _source

if TYPE_CHECKING:
    from conftest import Played, Runs

CROWD = 50


def test_a_crowd_of_threads_runs_one_program(runs: Runs) -> None:
    with ThreadPoolExecutor(CROWD) as pool:
        tokens = list(pool.map(lambda _: authkeep.token("lab"), range(CROWD)))
    assert len({id(token) for token in tokens}) == 1
    assert len(runs.all()) == 1


def test_a_crowd_of_threads_shares_a_failure(played: Played) -> None:
    played.does(f"echo run >> $0.runs; sleep 1; {fails('unavailable', 'no', 5)}")
    source = authkeep.Source("lab")
    with ThreadPoolExecutor(CROWD) as pool:
        errors = list(pool.map(lambda _: failure(source), range(CROWD)))
    assert {str(error) for error in errors} == {"no"}
    assert len({id(error) for error in errors}) == CROWD
    assert played.path.with_suffix(".runs").read_text().count("run") == 1


def test_a_crowd_of_tasks_runs_one_program_and_the_loop_goes_on(runs: Runs) -> None:
    async def crowd() -> int:
        waiting = [asyncio.ensure_future(authkeep.token_async("lab")) for _ in range(CROWD)]
        turns = 0
        while not all(task.done() for task in waiting):
            await asyncio.sleep(0)
            turns += 1
        assert len({(await task).access_token for task in waiting}) == 1
        return turns

    assert asyncio.run(crowd()) > 100
    assert len(runs.all()) == 1


def test_a_crowd_of_trio_s_tasks_runs_one_program_and_one_that_leaves_does_not_wait(runs: Runs) -> None:
    async def crowd() -> None:
        source = authkeep.source("lab")
        with trio.move_on_after(0):
            await source.token_async()
        assert runs.all() == []
        async with trio.open_nursery() as nursery:
            for _ in range(CROWD):
                nursery.start_soon(source.token_async)

    trio.run(crowd)
    assert len(runs.all()) == 1


def test_without_a_loop_there_is_an_error_that_says_so(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    played.does(says(seconds=100))
    monkeypatch.delitem(sys.modules, "trio")
    with pytest.raises(RuntimeError, match="needs a running loop of asyncio, or trio's; elsewhere call token"):
        authkeep.Source("lab").token_async().send(None)


def test_threads_and_tasks_wait_for_the_same_run(runs: Runs) -> None:
    async def both() -> None:
        loop = asyncio.get_running_loop()
        threads = [loop.run_in_executor(None, authkeep.token, "lab") for _ in range(4)]
        tasks = [authkeep.token_async("lab") for _ in range(4)]
        tokens = await asyncio.gather(*threads, *tasks)
        assert len({id(token) for token in tokens}) == 1

    asyncio.run(both())
    assert len(runs.all()) == 1


def test_a_task_that_is_cancelled_takes_nothing_from_the_others(runs: Runs) -> None:
    async def one_leaves() -> None:
        first = asyncio.ensure_future(authkeep.token_async("lab"))
        await asyncio.sleep(0)
        others = [asyncio.ensure_future(authkeep.token_async("lab")) for _ in range(3)]
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await asyncio.gather(*others)

    asyncio.run(one_leaves())
    assert len(runs.all()) == 1


def test_a_loop_that_ended_meanwhile_harms_no_later_one(runs: Runs) -> None:
    async def leaves_at_once() -> None:
        asyncio.ensure_future(authkeep.token_async("lab"))  # noqa: RUF006
        await asyncio.sleep(0)

    asyncio.run(leaves_at_once())
    asyncio.run(authkeep.token_async("lab"))
    assert len(runs.all()) == 1


def test_whoever_waits_for_one_that_was_interrupted_begins_anew(
    monkeypatch: pytest.MonkeyPatch,
    played: Played,
) -> None:
    played.does(says(seconds=100))
    source = authkeep.Source("lab")
    asked, waits = source._asked, threading.Event()

    def interrupted(_flight: object) -> authkeep.Token:
        waits.set()
        # Until the other waits, too.
        while source._flight is None or not source._flight.future._condition._waiters:  # type: ignore[attr-defined]
            pass
        monkeypatch.setattr(source, "_asked", asked)
        raise KeyboardInterrupt

    monkeypatch.setattr(source, "_asked", interrupted)
    with ThreadPoolExecutor(1) as pool:

        def second() -> authkeep.Token:
            waits.wait()
            return source.token()

        other = pool.submit(second)
        with pytest.raises(KeyboardInterrupt):
            source.token()
        assert other.result().access_token == "secret-of-the-test"


def test_a_token_that_is_refused_on_its_way_here_is_not_handed_out(played: Played) -> None:
    renewed = says(seconds=100).replace("secret-of-the-test", "another")
    played.does(f'echo run >> $0.runs; sleep 0.5; [ "$2" = --refresh ] && {renewed} || {says(seconds=100)}')
    source = authkeep.Source("lab")
    runs = played.path.with_suffix(".runs")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(source.token)
        while not runs.exists():
            pass
        now = datetime.now(timezone.utc)
        assert source.discard(authkeep.Token("lab", "secret-of-the-test", "Bearer", now, None))
        assert waiting.result().access_token == "another"


def test_a_forked_child_asks_for_itself(runs: Runs) -> None:
    source = authkeep.source("lab")
    assert forked(lambda: source.token().expires_in > 0)
    assert len(runs.all()) == 1
    kept = source.token()
    assert forked(lambda: source.token() is kept)
    assert len(runs.all()) == 2


def test_a_fork_in_the_middle_of_a_run_leaves_the_child_free(runs: Runs) -> None:
    source = authkeep.source("lab")
    with ThreadPoolExecutor(1) as pool:
        parent = pool.submit(source.token)
        while not runs.all():
            pass
        assert not parent.done()
        assert forked(lambda: source.token().expires_in > 0)
        parent.result()
    assert len(runs.all()) == 2


def test_a_fork_while_another_thread_holds_the_lock_leaves_the_child_free(runs: Runs) -> None:
    source = authkeep.source("lab")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_source._fork.lock.acquire).result()
        try:
            assert forked(lambda: source.token().expires_in > 0)
            assert forked(lambda: asyncio.run(source.token_async()).expires_in > 0)
        finally:
            _source._fork.lock.release()
    source.token()
    assert len(runs.all()) == 3


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_worker_processes_take_a_source(method: str) -> None:
    source = authkeep.Source("lab")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with multiprocessing.get_context(method).Pool(2) as pool:
            scopes = pool.map(scope_of, [source] * 4)
            pool.close()
            pool.join()
    assert scopes == ["read write"] * 4


def scope_of(source: authkeep.Source) -> str | None:
    return source.token().scope


def failure(source: authkeep.Source) -> authkeep.AuthError:
    with pytest.raises(authkeep.AuthError) as caught:
        source.token()
    return caught.value


def forked(holds: Callable[[], bool]) -> bool:
    """Whether it holds in a forked child, which is given a minute."""
    with warnings.catch_warnings():
        # That a fork of several threads is dangerous is what this is about.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(60)
        result = 1
        try:
            result = 0 if holds() else 1
        finally:
            os._exit(result)
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0
