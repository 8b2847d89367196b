"""For scripts that were written for Disruptive Technologies, with its library `disruptive` or without one.

`dt.default_auth = Auth.service_account(…)`, or `get_access_token` in place of the guide's own function.
"""

from __future__ import annotations

from authkeep._program import Variables
from authkeep._shared import source
from authkeep._source import Source


class Auth:
    """Where the accounts of that library come from."""

    @staticmethod
    def init() -> ServiceAccountAuth:
        """The account of the profile `disruptive`, which reads `DT_CREDENTIALS_FILE` and the like."""
        return ServiceAccountAuth(source(PROFILE))

    @staticmethod
    def service_account(key_id: str, secret: str, email: str) -> ServiceAccountAuth:
        """That of a key."""
        if not (key_id and secret and email):
            msg = "key_id, secret and email must not be empty"
            raise ValueError(msg)
        variables = Variables(
            AUTH_DISRUPTIVE_KEY_ID=key_id,
            AUTH_DISRUPTIVE_KEY=secret,
            AUTH_DISRUPTIVE_EMAIL=email,
        )
        return ServiceAccountAuth(Source(PROFILE, variables=variables))


class ServiceAccountAuth:
    """A service account, which `disruptive` takes as `default_auth` and as `auth=`."""

    def __init__(self, source: Source) -> None:
        """The account that this source is of."""
        self._source = source

    def get_token(self) -> str:
        """The value of the header `Authorization`."""
        return self._source.token().authorization

    def refresh(self) -> None:
        """Asks for another token."""
        self._source.renew(self._source.token())


def get_access_token(key_id: str, email: str, secret: str) -> str:
    """The access token of a key: the function of the vendor's guide."""
    account = Auth.service_account(key_id, secret, email)
    del secret
    return account.get_token().split(" ", 1)[1]


PROFILE = "disruptive"
