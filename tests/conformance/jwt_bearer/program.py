"""The program under test, run as a person would: with a home of its own and nothing else."""

import json
import os
import pathlib
import subprocess
import tempfile

PROGRAM = os.environ.get("AUTH_PROGRAM", "auth")
DEADLINE = 60


class Home:
    """A home folder that is removed at the end."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="auth-conformance-")
        self.path = pathlib.Path(self._folder.name)
        self.variables = {"HOME": self._folder.name, "PATH": os.environ["PATH"]}

    def write(self, name, text):
        """A file that only we can read."""
        path = self.path / name
        path.touch(mode=0o600)
        path.write_text(text)
        return path

    def auth(self, *arguments):
        """Runs `auth` to its end."""
        return subprocess.run(
            [PROGRAM, *arguments],
            env=self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )

    def start(self, *arguments):
        """Starts `auth` and lets it run."""
        return subprocess.Popen(
            [PROGRAM, *arguments],
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def close(self):
        self._folder.cleanup()


def profile(name, settings):
    """A profile as the configuration file spells it. JSON's strings are TOML's."""
    lines = [f"{key} = {value}" for key, value in settings.items()]
    return "\n".join([f"[profile.{name}]", *lines, ""])


def text(value):
    """A string in TOML."""
    return json.dumps(value)


def secret_file(path):
    """A secret that stands in a file, in TOML."""
    return f"{{ file = {text(str(path))} }}"
