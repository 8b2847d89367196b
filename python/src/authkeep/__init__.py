"""Tokens for scientific, sensor and plant-control APIs, from the program `auth`, which comes with this module.

    import authkeep
    authkeep.token("disruptive").access_token

`authkeep.requests` and `authkeep.httpx` put it on requests. The other modules are for scripts that were
written for other libraries: only their imports change.
"""

from authkeep._error import (
    AuthError,
    ConfigError,
    InteractionRequired,
    ProtocolError,
    Refused,
    StoreError,
    Unavailable,
)
from authkeep._program import located as program
from authkeep._shared import source, token, token_async
from authkeep._source import Source
from authkeep._token import Token

__all__ = [
    "AuthError",
    "ConfigError",
    "InteractionRequired",
    "ProtocolError",
    "Refused",
    "Source",
    "StoreError",
    "Token",
    "Unavailable",
    "program",
    "source",
    "token",
    "token_async",
]
