"""From what scripts know of Entra ID, a client and its tenant's login URL, to a profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authkeep._error import ConfigError
from authkeep._program import Variables
from authkeep._shared import source
from authkeep._source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def person(client_id: str, login_url: str, scope: Sequence[str]) -> Source:
    """A person who logs in with a client that is built in."""
    profile, application_id = CLIENTS.get(client_id, ("", ""))
    if not profile or _tenant(login_url) != TENANT:
        asked = ", ".join(f'"{one}"' for one in scope)
        msg = (
            f"no built-in profile has the client {client_id} at {login_url}; write [profile.NAME] with"
            f' kind = "entra", tenant = "{login_url}", client-id = "{client_id}", scope = [{asked}] into'
            ' auth/config.toml, run `auth login NAME`, and use authkeep.httpx.Auth("NAME")'
        )
        raise ConfigError(msg)
    is_its_own = [*scope] == [f"api://{application_id}/.default"]
    return source(profile, scope=None if is_its_own else scope)


def application(
    profile: str,
    client_id: str,
    login_url: str,
    secret: object,
    scope: Iterable[str],
) -> Source:
    """An application with its secret, in place of what the built-in profile says of them."""
    prefix = "AUTH_" + profile.upper().replace("-", "_")
    variables = Variables(
        {
            f"{prefix}_TENANT": _tenant(login_url),
            f"{prefix}_CLIENT_ID": client_id,
            f"{prefix}_CLIENT_SECRET": revealed(secret),
        },
    )
    return Source(profile, scope=scope, variables=variables)


def revealed(secret: object) -> str:
    """The text of a secret, which may be pydantic's."""
    text = secret.get_secret_value() if hasattr(secret, "get_secret_value") else secret
    if isinstance(text, str) and text:
        return text
    msg = "the secret is not a text; for a certificate write a profile: docs/entra.md of auth says how"
    raise ConfigError(msg)


def _tenant(login_url: str) -> str:
    """The tenant, without the host that everybody has."""
    url = login_url.rstrip("/")
    return url.removeprefix(HOST)


HOST = "https://login.microsoftonline.com/"

# Of the DESTINY repository.
TENANT = "f870e5ae-5521-4a94-b9ff-cdde7d36dd35"
CLIENTS = {
    "7164ff26-4078-4107-850f-57b43b97f605": ("destiny-azure", "e314440e-f72c-4b8e-89c1-7eefef4b55ed"),
    "96ed941e-15dc-4ec0-b9e7-e4eda99efd2e": ("destiny-azure-staging", "14e3f6c0-b8aa-46c6-98d9-29b0dd2a0f7c"),
    "0fde62ae-2203-44a5-9722-73e965325ae7": ("destiny-azure-development", "0a4b8df7-5c97-42b2-be07-2bb25e06dbb2"),
}
