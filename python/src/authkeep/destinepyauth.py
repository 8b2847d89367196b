"""For scripts that were written for destinepyauth: `from authkeep.destinepyauth import get_token`."""

from __future__ import annotations

import base64
import contextlib
import json
from dataclasses import dataclass, field
from typing import Any

from authkeep._error import AuthError, ConfigError, InteractionRequired
from authkeep._program import Variables, run
from authkeep._shared import token
from authkeep._source import TIMEOUT

AuthenticationError = AuthError


@dataclass(frozen=True)
class TokenResult:
    """A token. `str` gives its text, as there; `repr` does not.

    There is no `refresh_token`: the program keeps it, and writes it where other programs look for it.
    """

    access_token: str = field(repr=False)

    def __str__(self) -> str:
        """The token itself."""
        return self.access_token

    @property
    def decoded(self) -> dict[str, Any] | None:
        """What the token says, which the program has checked; `None` if it is no JWT."""
        try:
            payload = self.access_token.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except (IndexError, ValueError):
            return None
        return claims if isinstance(claims, dict) else None


def get_token(
    service: str | None = None,
    config_path: str | None = None,
    write_netrc: bool = False,  # noqa: FBT001, FBT002
    verbose: bool = False,  # noqa: ARG001, FBT001, FBT002
) -> TokenResult | None:
    """A token of a service of Destination Earth, as `destinepyauth.get_token` gives it.

    Name and password come from the configuration, or from `DESPAUTH_USER` and `DESPAUTH_PASSWORD`, or are asked
    for at the terminal, once: the login is kept. With `write_netrc` the result is `None`, as there.
    """
    if service is None and config_path is None:
        msg = "name a service, or a file in config_path"
        raise ConfigError(msg)
    # Polytope's client has a file of its own, which only `auth desp` writes.
    if service is not None and not (config_path or write_netrc or service == "polytope"):
        # `auth desp` asks, if there is a terminal.
        with contextlib.suppress(InteractionRequired):
            return TokenResult(token(service).access_token)
    arguments = ["desp", "--netrc" if write_netrc else "--print"]
    arguments += [f"--service={service}"] if service is not None else []
    arguments += [f"--config={config_path}"] if config_path is not None else []
    printed = run(arguments, TIMEOUT, Variables())
    return None if write_netrc else TokenResult(printed.decode().strip())


__all__ = ["AuthenticationError", "TokenResult", "get_token"]
