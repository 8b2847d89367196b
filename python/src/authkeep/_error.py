"""What can go wrong, named after what the caller does next."""

from __future__ import annotations


class AuthError(Exception):
    """No token. The text is one line: what failed, why, and what to do.

    `kind` is one of `config`, `refused`, `interaction`, `unavailable`, `store` and `protocol`.
    """

    kind = "unknown"


class ConfigError(AuthError):
    """The configuration, or the installation, has to be mended."""

    kind = "config"


class Refused(AuthError):  # noqa: N818
    """The server said no."""

    kind = "refused"


class InteractionRequired(AuthError):  # noqa: N818
    """A person is needed: `auth login` in a terminal."""

    kind = "interaction"


class Unavailable(AuthError):  # noqa: N818
    """The server can't be reached, or did not answer in time: try again later."""

    kind = "unavailable"


class StoreError(AuthError):
    """The tokens can't be kept."""

    kind = "store"


class ProtocolError(AuthError):
    """The server or the program broke the protocol: report it."""

    kind = "protocol"


_ALL = [ConfigError, Refused, InteractionRequired, Unavailable, StoreError, ProtocolError]
BY_KIND: dict[str, type[AuthError]] = {error.kind: error for error in _ALL}
# What a profile needs is not there.
BY_KIND["absent"] = ConfigError
