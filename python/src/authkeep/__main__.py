"""The program itself, where the shell does not find it: `python -m authkeep login lab`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from authkeep._error import ConfigError
from authkeep._program import located


def main() -> int:
    """Its exit code."""
    try:
        program = located()
        if sys.platform != "win32":
            os.execv(program, [program, *sys.argv[1:]])  # noqa: S606
        # Ctrl-C is the program's, which sees it, too.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return subprocess.call([program, *sys.argv[1:]])  # noqa: S603
    except (ConfigError, OSError) as error:
        sys.stderr.write(f"auth: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
