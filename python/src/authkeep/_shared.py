"""One source for each question of a process, so that whoever asks it anew finds the token that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

from authkeep._source import MIN_TTL, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from authkeep._token import Token

Several = Union[str, "Iterable[str]", None]


def source(
    profile: str,
    *,
    scope: Several = None,
    audience: Several = None,
    account: str | None = None,
    min_ttl: float = MIN_TTL,
) -> Source:
    """The source of this profile in this process: the same one at each call."""
    if scope is not None and not isinstance(scope, str):
        scope = tuple(scope)
    if audience is not None and not isinstance(audience, str):
        audience = tuple(audience)
    question = (profile, scope, audience, account, min_ttl)
    found = _sources.get(question)
    if found is None:
        made = Source(profile, scope=scope, audience=audience, account=account, min_ttl=min_ttl)
        # Of two threads that make one, the slower takes the other's.
        found = _sources.setdefault(question, made)
    return found


def token(
    profile: str,
    *,
    scope: Several = None,
    audience: Several = None,
    account: str | None = None,
    min_ttl: float = MIN_TTL,
) -> Token:
    """A token of this profile that works for `min_ttl` seconds at least; the one that is kept, if that does.

    Raises an `AuthError`, whose class says what to do about it.
    """
    asked = source(profile, scope=scope, audience=audience, account=account, min_ttl=min_ttl)
    return asked.token()


async def token_async(
    profile: str,
    *,
    scope: Several = None,
    audience: Several = None,
    account: str | None = None,
    min_ttl: float = MIN_TTL,
) -> Token:
    """The same for asyncio and trio, whose loop goes on meanwhile."""
    asked = source(profile, scope=scope, audience=audience, account=account, min_ttl=min_ttl)
    return await asked.token_async()


_sources: dict[tuple[object, ...], Source] = {}
