"""On which requests a token is put, and where."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from authkeep._error import ConfigError
from authkeep._shared import source
from authkeep._source import Source

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from authkeep._token import Token


class Header(NamedTuple):
    """The header that carries the token: another one than `Authorization` has no scheme unless one is named."""

    name: str = "Authorization"
    scheme: str | None = None

    def put(self, token: Token, headers: MutableMapping[str, str]) -> None:
        """Sets it."""
        scheme = self.scheme
        if scheme is None:
            scheme = token.token_type if self.name.lower() == "authorization" else ""
        headers[self.name] = f"{scheme} {token.access_token}".lstrip()


class Origin(NamedTuple):
    """Who gets a request: a token is meant for no other."""

    scheme: str
    host: str
    port: int | None

    @classmethod
    def of(cls, url: str) -> Origin:
        """That of a URL."""
        parts = urlsplit(url)
        standard = {"http": 80, "https": 443}.get(parts.scheme)
        return cls(parts.scheme, parts.hostname or "", parts.port or standard)

    @classmethod
    def safe(cls, url: str) -> Origin:
        """The same, where a token may be sent: by https, or to this machine."""
        origin = cls.of(url)
        if origin.scheme != "https" and not _is_this_machine(origin.host):
            msg = f"{origin.host} is asked by {origin.scheme}: everybody on the way could read the token; use https"
            raise ConfigError(msg)
        return origin


def sourced(profile: str | Source) -> Source:
    """The process's source of a profile, or the one that is given."""
    return profile if isinstance(profile, Source) else source(profile)


def unrepeatable(profile: str) -> str:
    """What is said where a refused request stays refused."""
    return (
        f"the API refused the token of {profile}, and the request was not sent again:"
        " its body is a stream; the next request has another token"
    )


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
