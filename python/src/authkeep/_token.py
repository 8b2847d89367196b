"""An access token, and until when it works."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timezone


@dataclass(frozen=True)
class Token:
    """An access token. Its text is in `access_token`, and nowhere else: `str` and `repr` don't show it."""

    profile: str
    access_token: str = field(repr=False)
    token_type: str
    expires_at: datetime
    scope: str | None

    @property
    def authorization(self) -> str:
        """The value of the header `Authorization`."""
        return f"{self.token_type} {self.access_token}"

    @property
    def expires_in(self) -> float:
        """How many seconds it still works."""
        return (self.expires_at - datetime.now(timezone.utc)).total_seconds()


def parsed(output: bytes) -> Token | None:
    """The token in what `auth token --format json` wrote, or `None` if that is not in it.

    An exception of the parser would carry the text, and the token, into a traceback.
    """
    try:
        said = json.loads(output)
        token = Token(
            profile=said["profile"],
            access_token=said["access_token"],
            token_type=said["token_type"],
            expires_at=datetime.fromisoformat(said["expires_at"].replace("Z", "+00:00")),
            scope=said.get("scope"),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    texts = (token.profile, token.access_token, token.token_type)
    is_token = all(isinstance(text, str) and text for text in texts) and token.expires_at.tzinfo
    return token if is_token else None
