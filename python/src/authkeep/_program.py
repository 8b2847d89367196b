"""The program `auth`: where it is, whether it is new enough, and one run of it."""

from __future__ import annotations

import contextlib
import errno
import functools
import logging
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from authkeep._error import BY_KIND, ConfigError, ProtocolError, Unavailable
from authkeep._message import Message, read

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger("authkeep")


class Variables(dict[str, str]):
    """Variables of the environment, which may be secrets: a traceback that shows locals shows their names."""

    def __repr__(self) -> str:
        return f"Variables({', '.join(self)})"


def run(
    arguments: Sequence[str],
    timeout: float,
    variables: Variables,
) -> bytes:
    """What `auth` writes to stdout, run with these variables besides those of the process.

    It has no stdin: the script's is the script's. A person is asked at the terminal, if there is one.
    """
    program = located()
    ensure_it_is_new_enough(program)
    code, output, said = _run(program, arguments, timeout, variables)
    # Where the process ignores its children, nobody learns their codes: 0 proves nothing, a report of failure does.
    if code != 0 or any(message.level == "error" for message in said):
        # It may be a token, and locals are shown in tracebacks.
        del output
        _fail(program, code, said)
    _log(said)
    return output


def located() -> str:
    """The program: what `AUTH_PROGRAM` names, else that of the wheel, else the first on the path."""
    named = os.environ.get("AUTH_PROGRAM")
    if named:
        return shutil.which(named) or named
    found = _installed() or shutil.which("auth")
    if found:
        return found
    msg = (
        "the program `auth` is missing: neither beside the module nor on the PATH;"
        " install the wheel of authkeep anew, or name it in AUTH_PROGRAM"
    )
    raise ConfigError(msg)


@functools.lru_cache(maxsize=1)
def _installed() -> str | None:
    """The program that came with this module, as pip wrote it down."""
    # It takes as long to load as all the rest, and a named program needs none of it.
    from importlib import metadata  # noqa: PLC0415

    try:
        files = metadata.files("authkeep") or []
    except metadata.PackageNotFoundError:
        return None
    programs = [Path(file.locate()) for file in files if file.name in NAMES]
    # `pip install --target` moves it after it has been written down.
    programs += [Path(__file__).parents[1] / "bin" / name for name in NAMES]
    return next((os.path.realpath(path) for path in programs if os.access(path, os.X_OK)), None)


def ensure_it_is_new_enough(program: str) -> None:
    """Refuses a program that can't serve this module. That of the wheel can."""
    if not os.environ.get("AUTH_PROGRAM") and program == _installed():
        return
    try:
        stamp = Path(program).stat().st_mtime_ns
    except OSError as error:
        reason = error.strerror
    else:
        _ensure_version(program, stamp)
        return
    msg = f"{program} can't be run: {reason}; correct AUTH_PROGRAM or the PATH"
    raise ConfigError(msg)


@functools.lru_cache(maxsize=8)
def _ensure_version(program: str, _stamp: int) -> None:
    code, output, _ = _run(program, ["--version"], VERSION_TIMEOUT, Variables())
    found = re.fullmatch(r"auth (\d+)\.(\d+)\.(\d+)\S*\s*", output.decode(errors="replace"))
    if code != 0 or found is None:
        msg = f"{program} is another program, not the `auth` of authkeep; name that in AUTH_PROGRAM"
        raise ConfigError(msg)
    if tuple(map(int, found.groups())) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        msg = (
            f"{program} is {found.group().strip()}, and this module needs {oldest} or newer;"
            " update it, or name another one in AUTH_PROGRAM"
        )
        raise ConfigError(msg)


def _run(
    program: str,
    arguments: Sequence[str],
    timeout: float,
    variables: Variables,
) -> tuple[int, bytes, list[Message]]:
    try:
        process = subprocess.Popen(  # noqa: S603
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **variables, "AUTH_ERRORS": "json"},
        )
    except OSError as error:
        if error.errno in EXHAUSTED:
            msg = f"{program} can't be started: {error.strerror}; try again when this machine has more to give"
            raise Unavailable(msg) from None
        reason = error.strerror
    else:
        with process:
            ended = _ended(process, timeout)
        if ended is not None:
            output, errors = ended
            return process.returncode, output, read(errors)
        msg = (
            f"`auth {arguments[0]}` did not answer within {timeout:g} s and was ended;"
            " run it in a terminal with -v to see what it waits for"
        )
        raise Unavailable(msg)
    msg = f"{program} can't be run: {reason}; correct AUTH_PROGRAM, or install authkeep anew"
    raise ConfigError(msg)


def _ended(process: subprocess.Popen[bytes], timeout: float) -> tuple[bytes, bytes] | None:
    """What it wrote, or `None` if it had to be ended: it finishes a renewal first, if it can.

    After Ctrl-C, which it has seen too, it does that by itself.
    """
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.communicate(timeout=timeout)
    if CAN_ASK:
        process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        # Its output may be held open by what it has started.
        process.wait(timeout=GRACE)
        return None
    process.kill()
    return None


def _log(said: Sequence[Message]) -> None:
    for message in said:
        level = logging.INFO if message.level in QUIET else logging.WARNING
        logger.log(level, "%s", message.text)


def _fail(program: str, code: int, said: list[Message]) -> NoReturn:
    # What went wrong comes last; a panic says no level.
    reports = [message for message in said if message.level == "error"]
    _log([message for message in said if message.level not in {"", "error"}])
    kind = BY_KIND.get(reports[-1].kind) if reports else None
    if kind is not None:
        raise kind(reports[-1].text)
    if code < 0 or code == INTERRUPTED:
        how = "was interrupted" if code == INTERRUPTED else f"was ended by signal {-code}"
        msg = f"auth {how}; try again"
        raise Unavailable(msg)
    words = " ".join(message.text for message in said if message.level in {"", "error"})
    msg = f"{program} ended with {code}, and said: {words or 'nothing'}; report it"
    raise ProtocolError(msg)


NAMES = ["auth", "auth.exe"]

# The oldest program that writes what this module reads. Raised only with what is read.
OLDEST = (0, 1, 0)

VERSION_TIMEOUT = 30.0

# How long an ended program may take to keep what it has just got.
GRACE = 10.0

# Windows ends a process at once, in the middle of a renewal too: there it is only waited for.
CAN_ASK = os.name == "posix"

INTERRUPTED = 130

# What a program that works well says.
QUIET = {"note", "step"}

# What a process has run out of is given back by and by.
EXHAUSTED = {errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
