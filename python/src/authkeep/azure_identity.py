"""For the clients of Azure's SDK: `credential=Credential("here")` where an azure-identity credential stood."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from typing_extensions import Self

from authkeep._error import InteractionRequired
from authkeep._shared import source

if TYPE_CHECKING:
    from authkeep._source import Source
    from authkeep._token import Token


class AccessToken(NamedTuple):
    """What those clients read."""

    token: str
    expires_on: int

    def __repr__(self) -> str:
        """Does not show the token."""
        return f"AccessToken(expires_on={self.expires_on})"


class Credential:
    """The tokens of a profile."""

    def __init__(self, profile: str) -> None:
        """Starts nothing."""
        self._profile = profile

    def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        **_of_azure: object,
    ) -> AccessToken:
        """A token for these scopes, or for the profile's."""
        return _answer(_asked(self._profile, scopes, claims).token())

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> Self:
        """Nothing to open."""
        return self

    def __exit__(self, *_why: object) -> None:
        """Nothing is open."""


class AsyncCredential:
    """The same for the clients below `azure.….aio`."""

    def __init__(self, profile: str) -> None:
        """Starts nothing."""
        self._profile = profile

    async def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        **_of_azure: object,
    ) -> AccessToken:
        """A token for these scopes, or for the profile's."""
        return _answer(await _asked(self._profile, scopes, claims).token_async())

    async def close(self) -> None:
        """Nothing is open."""

    async def __aenter__(self) -> Self:
        """Nothing to open."""
        return self

    async def __aexit__(self, *_why: object) -> None:
        """Nothing is open."""


def _asked(profile: str, scopes: tuple[str, ...], claims: str | None) -> Source:
    if claims is not None:
        msg = f"the API wants a stronger login of {profile}; run `auth login {profile}`"
        raise InteractionRequired(msg)
    return source(profile, scope=scopes or None)


def _answer(token: Token) -> AccessToken:
    return AccessToken(token.access_token, int(token.expires_at.timestamp()))
