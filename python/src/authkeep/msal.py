"""For scripts that use MSAL to get one token: `from authkeep import msal`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

from authkeep._entra import application, person
from authkeep._source import scopes as listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from authkeep._source import Source
    from authkeep._token import Token

Scopes = Union[str, "Iterable[str]"]


class PublicClientApplication:
    """A person, who has logged in once with `auth login destiny-azure` (or `-staging`, `-development`)."""

    def __init__(self, client_id: str, authority: str, **_of_msal: object) -> None:
        """What else MSAL takes is about its own cache and connections, and says nothing here."""
        self._client_id = client_id
        self._authority = authority

    def acquire_token_interactive(self, scopes: Scopes, **_of_msal: object) -> dict[str, Any]:
        """A token. Raises an `AuthError` where MSAL returns a description of one."""
        found = person(self._client_id, self._authority, listed(scopes))
        return _answer(found.token())

    def acquire_token_silent(
        self,
        scopes: Scopes,
        account: object = None,  # noqa: ARG002
        **_of_msal: object,
    ) -> dict[str, Any]:
        """The same: nobody is asked."""
        return self.acquire_token_interactive(scopes)

    def get_accounts(self, username: str | None = None) -> list[dict[str, Any]]:  # noqa: ARG002
        """None: whoever looks for one before a token is asked for goes on without."""
        return []


class ConfidentialClientApplication:
    """An application, which has a secret. What its arguments don't say is as in the profile `pectus`."""

    def __init__(
        self,
        client_id: str,
        client_credential: object,
        authority: str,
        **_of_msal: object,
    ) -> None:
        """What else MSAL takes is about its own cache and connections, and says nothing here."""
        self._of = (client_id, authority, client_credential)
        self._sources: dict[tuple[str, ...], Source] = {}

    def acquire_token_silent(
        self,
        scopes: Scopes,  # noqa: ARG002
        account: object = None,  # noqa: ARG002
        **_of_msal: object,
    ) -> dict[str, Any] | None:
        """Nothing: whoever looks there first asks for the client's token then, which is kept."""
        return None

    def acquire_token_for_client(self, scopes: Scopes, **_of_msal: object) -> dict[str, Any]:
        """A token. Raises an `AuthError` where MSAL returns a description of one."""
        asked = listed(scopes)
        if asked not in self._sources:
            self._sources[asked] = application("pectus", *self._of, asked)
        return _answer(self._sources[asked].token())


def _answer(token: Token) -> dict[str, Any]:
    return {
        "access_token": token.access_token,
        "token_type": token.token_type,
        "expires_in": int(token.expires_in),
    }
