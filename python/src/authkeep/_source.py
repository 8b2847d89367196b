"""Where the tokens of one question come from: kept until they are due, asked for once however many wait."""

from __future__ import annotations

import math
import os
import sys
import threading
from concurrent.futures import Future
from time import monotonic, time
from typing import TYPE_CHECKING, NamedTuple

from authkeep._error import AuthError, ProtocolError
from authkeep._program import Variables, run
from authkeep._token import Token, parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MIN_TTL = 10.0
TIMEOUT = 300.0


class Source:
    """The tokens of one profile, and of one scope, audience and account.

    Threads, tasks and forked processes may share it. It keeps a token until that works for less than
    `min_ttl` seconds; then it runs the program, once for all who wait, for at most `timeout` seconds.
    """

    def __init__(  # noqa: PLR0913
        self,
        profile: str,
        *,
        scope: str | Iterable[str] | None = None,
        audience: str | Iterable[str] | None = None,
        account: str | None = None,
        min_ttl: float = MIN_TTL,
        timeout: float = TIMEOUT,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """No process is started before the first token is wanted.

        `variables` are for the program alone, such as `{"AUTH_LAB_CLIENT_SECRET": …}`.
        """
        if not 0 <= min_ttl < math.inf:
            msg = "min_ttl is a number of seconds, 0 or more"
            raise ValueError(msg)
        self.profile = profile
        self._min_ttl = min_ttl
        self._timeout = timeout
        self._variables = Variables(variables or {})
        self._arguments = _arguments(profile, scopes(scope), audiences(audience), account, min_ttl)
        self._kept: _Kept | None = None
        self._flight: _Flight | None = None
        self._refused: Token | None = None
        self._renewed = -math.inf

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.profile}>"

    def token(self) -> Token:
        """A token that works for `min_ttl` seconds at least.

        Raises an `AuthError`, whose class says what to do about it.
        """
        while True:
            found = self._fresh() or self._joined()
            if isinstance(found, Token):
                return found
            if found.is_mine():
                self._fly(found)
            token = _landed(found.future.result())
            if token is not None:
                return token

    async def token_async(self) -> Token:
        """The same for asyncio and trio, whose loop goes on meanwhile."""
        # Who calls this has it; for the others it would be half of what the module takes to load.
        from asyncio import get_running_loop, wrap_future  # noqa: PLC0415

        while True:
            fresh = self._fresh()
            if fresh is not None:
                return fresh
            try:
                loop = get_running_loop()
            except RuntimeError:
                return await _by_trio(self.token)
            found = self._joined()
            if isinstance(found, Token):
                return found
            if found.is_mine():
                self._start(found)
            token = _landed(await wrap_future(found.future, loop=loop))
            if token is not None:
                return token

    def renew(self, refused: Token) -> Token | None:
        """Another token than the one that an API refused, or `None` where there is none to be had."""
        if not self.discard(refused):
            return None
        token = self.token()
        return None if _is(token, refused) else token

    async def renew_async(self, refused: Token) -> Token | None:
        """The same for asyncio."""
        if not self.discard(refused):
            return None
        token = await self.token_async()
        return None if _is(token, refused) else token

    def discard(self, refused: Token) -> bool:
        """Never hands this token out again. Whether there may be another one.

        One that came from such a renewal and is refused within a minute is kept: the next would be, too.
        """
        with _fork.lock:
            if self._kept is not None and not _is(self._kept.token, refused):
                return True
            if monotonic() < self._renewed + PAUSE:
                return False
            self._kept = None
            self._refused = refused
            return True

    def _fresh(self) -> Token | None:
        kept = self._kept
        if kept is not None and time() < kept.due_wall and monotonic() < kept.due_monotonic:
            return kept.token
        return None

    def _joined(self) -> Token | _Flight:
        """The run that is under way, or a new one for the caller to begin."""
        with _fork.lock:
            # Whoever was faster may have a token by now.
            fresh = self._fresh()
            if fresh is not None:
                return fresh
            # A run that began before the fork ends in the parent.
            if self._flight is None or self._flight.process != _fork.process:
                self._flight = _Flight(self._refused)
            return self._flight

    def _start(self, flight: _Flight) -> None:
        """Runs in a thread, so that a task that is cancelled takes nothing away from the others."""
        try:
            threading.Thread(target=self._fly, args=(flight,), daemon=True).start()
        except BaseException:
            self._land(flight, None)
            raise

    def _fly(self, flight: _Flight) -> None:
        outcome: Token | Exception | None = None
        try:
            outcome = self._asked(flight)
        except Exception as error:  # noqa: BLE001
            outcome = error
        finally:
            # `None` after Ctrl-C: the next who waits begins anew.
            self._land(flight, outcome)

    def _land(self, flight: _Flight, outcome: Token | Exception | None) -> None:
        with _fork.lock:
            if isinstance(outcome, Token) and self._refused is flight.refused:
                self._refused = None
            if flight.has_renewed:
                self._renewed = monotonic()
            if isinstance(outcome, Token):
                if _is(outcome, self._refused):
                    # It was refused while it was on its way here.
                    outcome = None
                else:
                    left = outcome.expires_in - self._min_ttl
                    self._kept = _Kept(outcome, time() + left, monotonic() + left)
            if self._flight is flight:
                self._flight = None
        flight.future.set_result(outcome)

    def _asked(self, flight: _Flight) -> Token:
        token = self._asked_once([])
        if _is(token, flight.refused):
            # No other process has renewed it.
            token = self._asked_once(["--refresh"])
            flight.has_renewed = True
        return token

    def _asked_once(self, further: list[str]) -> Token:
        arguments = ["token", *further, *self._arguments]
        token = parsed(run(arguments, self._timeout, self._variables))
        if token is None:
            msg = f"auth wrote no token of {self.profile} that can be read; update it, or report it"
            raise ProtocolError(msg)
        left = token.expires_in
        if left <= self._min_ttl / 2:
            msg = (
                f"the token of {self.profile} works for only {max(left, 0):.0f} s more;"
                " look at this machine's clock, or have the provider give tokens that last longer"
            )
            raise ProtocolError(msg)
        return token

    def __getstate__(self) -> dict[str, object]:
        """Another process gets the question, and asks itself."""
        nothing = {"_kept": None, "_flight": None, "_refused": None, "_renewed": -math.inf}
        return {**vars(self), **nothing}


class _Kept(NamedTuple):
    """A token, and when to ask for another one, on both clocks: either may stand still or be set."""

    token: Token
    due_wall: float
    due_monotonic: float


class _Flight:
    """One run of the program, for all who wait for it."""

    def __init__(self, refused: Token | None) -> None:
        self.refused = refused
        self.has_renewed = False
        self.future: Future[Token | Exception | None] = Future()
        # From now on nobody can cancel it, such as a task that is cancelled itself.
        self.future.set_running_or_notify_cancel()
        self.process = _fork.process
        self._claim = threading.Lock()

    def is_mine(self) -> bool:
        """Whether the caller runs it: the first who asks does."""
        return self._claim.acquire(blocking=False)


class _Fork:
    """What a forked child has of its own: another thread may have held the parent's lock."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.lock = threading.Lock()
        self.process = object()


_fork = _Fork()
if hasattr(os, "register_at_fork"):  # Windows does not fork.
    os.register_at_fork(after_in_child=_fork.begin)


def scopes(scope: str | Iterable[str] | None) -> tuple[str, ...]:
    """A list of scopes, from one or from a text with blanks in it."""
    if scope is None:
        return ()
    return tuple(scope.split()) if isinstance(scope, str) else tuple(scope)


def audiences(audience: str | Iterable[str] | None) -> tuple[str, ...]:
    """A list of audiences, from one, which may have blanks in it, or from several."""
    if audience is None:
        return ()
    return (audience,) if isinstance(audience, str) else tuple(audience)


def _arguments(
    profile: str,
    scopes: Iterable[str],
    audiences: Iterable[str],
    account: str | None,
    min_ttl: float,
) -> list[str]:
    arguments = ["--format=json", f"--min-ttl={math.ceil(min_ttl)}s"]
    arguments += [f"--scope={scope}" for scope in scopes]
    arguments += [f"--audience={audience}" for audience in audiences]
    arguments += [f"--account={account}"] if account is not None else []
    return [*arguments, "--", profile]


async def _by_trio(ask: Callable[[], Token]) -> Token:
    """What `ask` says, in a thread of trio's, which is loaded where it runs."""
    trio = sys.modules.get("trio")
    if trio is None:
        msg = "token_async needs a running loop of asyncio, or trio's; elsewhere call token()"
        raise RuntimeError(msg)
    token: Token = await trio.to_thread.run_sync(ask, abandon_on_cancel=True)
    return token


def _landed(outcome: Token | Exception | None) -> Token | None:
    if isinstance(outcome, AuthError):
        # One for each who waited: they raise it in threads of their own.
        raise type(outcome)(*outcome.args)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _is(token: Token, other: Token | None) -> bool:
    return other is not None and token.access_token == other.access_token


# How long a renewal that did not help is not repeated.
PAUSE = 60.0
