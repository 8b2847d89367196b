"""What the program says on stderr: an object of JSON on each line, or the words of whatever else writes there."""

from __future__ import annotations

import json
from typing import NamedTuple


class Message(NamedTuple):
    """One thing that is said."""

    level: str
    text: str
    # Of an error: what the caller does next.
    kind: str = ""


def read(errors: bytes) -> list[Message]:
    """All that was said, in this order."""
    lines = errors.decode(errors="replace").splitlines()
    return [_message(line) for line in lines if line.strip()]


def _message(line: str) -> Message:
    try:
        said = json.loads(line)
        words = [said["message"], said.get("advice")]
        return Message(str(said["level"]), "; ".join(word for word in words if word), str(said.get("kind", "")))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Message("", line)
