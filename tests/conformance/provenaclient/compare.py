"""`cargo xtask conformance provenaclient`: Provena's own client and `auth`, the same steps at the same server.

Shows what each asks the server for, side by side, and fails where we ask for more than they do, where a field is
not the standard's, or where one of the differences below is none."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import approve
from recorder import Recorder

HERE = pathlib.Path(__file__).parent
PORT = int(os.environ["AUTH_RECORDER_PORT"])
CA = os.environ["AUTH_KEYCLOAK_CA"]
URL = f"https://localhost:{PORT}/realms"
WIDTH = 86

# What they do and we don't; each must really be seen.
DIFFERENCES = {
    "scopes": "the device request names its scopes in a field that no standard has, so none is ever asked for",
    "empty scope": "the refresh has an empty scope, which Keycloak refuses: no login is ever renewed",
    "offline": "a job with an offline token gets no access token",
}


class Home:
    """A folder for each client, and the realm that it talks to."""

    def __init__(self, realm, recorder):
        self.realm, self.recorder = realm, recorder
        self._folder = tempfile.TemporaryDirectory(prefix="auth-conformance-")
        self.path = pathlib.Path(self._folder.name)
        profile = (
            '[profile.{name}]\nkind = "keycloak"\nissuer = "{issuer}"\nclient-id = "{client}"\n{more}\n'
        )
        issuer = f"{URL}/{realm}"
        text = "".join(
            profile.format(name=name, issuer=issuer, client=client, more=more)
            for name, client, more in [
                ("ada", "client-tools", 'scope = "openid"'),
                ("maker", "automated-access", 'scope = "roles offline_access"'),
                ("job", "automated-access", 'refresh-token = { file = "ours.txt" }'),
            ]
        )
        (self.path / "config.toml").write_text(text)
        (self.path / "config.toml").chmod(0o600)
        self.environment = {
            "HOME": str(self.path),
            "PATH": os.environ["PATH"],
            "AUTH_CONFIG": str(self.path / "config.toml"),
            "AUTH_CA_FILE": CA,
        }

    def auth(self, *arguments):
        """Runs `auth`, and lets Ada in where it shows a code."""
        command = [os.environ["AUTH_PROGRAM"], *arguments]
        process = subprocess.Popen(
            command,
            cwd=self.path,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        said = ""
        for line in process.stderr:
            said += line
            code = re.search(r"enter the code (\S+)", line)
            if code:
                page = re.search(r"open (\S+) in a browser", said).group(1)
                approve.allow(f"{page}?user_code={code.group(1)}")
        process.stdout.read()
        assert process.wait(60) == 0, said
        return "token", self.recorder.taken()

    def theirs(self, step, *rest):
        environment = {
            "HOME": str(self.path),
            "PATH": os.environ["PATH"],
            "REQUESTS_CA_BUNDLE": CA,
            "BROWSER": f"{sys.executable} -B {HERE / 'approve.py'} %s",
        }
        command = [sys.executable, "-B", str(HERE / "theirs.py"), f"{URL}/{self.realm}", step, *rest]
        run = subprocess.run(
            command, cwd=self.path, env=environment, capture_output=True, text=True, timeout=120
        )
        outcome = run.stdout.strip().splitlines()[-1]
        return outcome, self.recorder.taken()

    def offline_token(self, name):
        self.auth("offline-token", "maker", "--device-code", "--output", name)


def show(title, theirs, ours):
    print(f"\n{title}\n  {'provenaclient: ' + theirs[0]:<{WIDTH}}  auth: {ours[0]}")
    columns = [[str(note) for note in notes if not note.is_waiting] for _, notes in (theirs, ours)]
    for row in range(max(map(len, columns))):
        left, right = (column[row] if row < len(column) else "" for column in columns)
        print(f"  {left:<{WIDTH}}  {right}")


def compared(title, theirs, ours):
    """Shows a step and holds us to no more requests than theirs, with no field empty or made up."""
    show(title, theirs, ours)
    count = [sum(not note.is_waiting for note in notes) for _, notes in (theirs, ours)]
    assert count[1] <= count[0], f"{title}: {count[1]} requests, theirs are {count[0]}"
    for note in ours[1]:
        assert not note.empty, f"{title}: an empty field in {note}"
        assert "scopes" not in note.fields, f"{title}: {note}"
        assert note.is_waiting or note.status == 200, f"{title}: {note}"


def realm(name, recorder):
    home, seen = Home(name, recorder), set()
    theirs = home.theirs("login")
    compared(f"{name}: a person logs in with a code", theirs, home.auth("login", "ada", "--device-code"))
    if any("scopes" in note.fields for note in theirs[1]):
        seen.add("scopes")
    # Their way out of a failed refresh is a new login, so the refresh is asked for by itself.
    theirs = home.theirs("refresh")
    compared(f"{name}: the login is renewed", theirs, home.auth("token", "ada", "--refresh"))
    refresh = [note for note in theirs[1] if note.grant == "refresh_token"]
    if refresh and all("scope" in note.empty and note.error == "invalid_scope" for note in refresh):
        seen.add("empty scope")

    home.auth("import", "ada", ".tokens.json")
    home.auth("token", "ada", "--refresh")
    print(f"\n{name}: their .tokens.json was imported, and its login goes on")

    for file in ("theirs.txt", "ours.txt"):
        home.offline_token(file)
    rounds = [(home.theirs("offline", "theirs.txt"), home.auth("token", "job", "--refresh")) for _ in range(2)]
    for number, (theirs, ours) in enumerate(rounds, 1):
        compared(f"{name}: a job with an offline token, run {number}", theirs, ours)
        if theirs[0] != "token":
            seen.add("offline")
    return seen


def main():
    recorder = Recorder(
        PORT, int(os.environ["AUTH_KEYCLOAK_PORT"]), CA, os.environ["AUTH_TLS_CERTIFICATE"], os.environ["AUTH_TLS_KEY"]
    )
    os.environ["REQUESTS_CA_BUNDLE"] = CA
    for name in ("steady", "rotating"):
        seen = realm(name, recorder)
        missing = DIFFERENCES.keys() - seen
        assert not missing, f"at {name} there is no difference any more: {', '.join(missing)}"
    print("\nWhat they do and we don't:")
    for text in DIFFERENCES.values():
        print(f"  - {text}")


if __name__ == "__main__":
    main()
