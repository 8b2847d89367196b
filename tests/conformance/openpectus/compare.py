"""`cargo xtask conformance openpectus`: the aggregator and our example server, asked the same.

PECTUS_EXAMPLE names the example server's program. The table says what each decided; where they differ, the
reason must be one that is written down in `cases.py`, and where a reason is written down, they must differ."""

import contextlib
import http.server
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from cases import cases
from forge import CLIENT, STRANGE_TENANT, TENANT, Key, person

EXAMPLE = os.environ["PECTUS_EXAMPLE"]
HERE = pathlib.Path(__file__).parent
SETTINGS = {"AZURE_DIRECTORY_TENANT_ID": TENANT, "AZURE_APPLICATION_CLIENT_ID": CLIENT}
ON = SETTINGS | {"ENABLE_AZURE_AUTHENTICATION": "true"}
RUNS = ["open", "operators", "daemons", "unknown"]
DEADLINE = 60


class KeyServer:
    """Stands for Entra ID's addresses with keys, and counts who asks."""

    def __init__(self, keys):
        self.asked = 0
        outer, body = self, json.dumps({"keys": [key.jwk() for key in keys]}).encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked += 1
                is_known = self.path.endswith("/keys")
                self.send_response(200 if is_known else 404)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Pectus:
    """One of the two servers, with a port and a folder of its own."""

    def __init__(self, command, variables):
        self._folder = tempfile.TemporaryDirectory(prefix="auth-conformance-")
        self.port = free_port()
        folder = self._folder.name
        environment = {"HOME": folder, "PATH": os.environ["PATH"], "PECTUS_PORT": str(self.port)} | variables
        self._log = open(pathlib.Path(folder) / "log", "w+")
        (pathlib.Path(folder) / "webpush").mkdir()
        self._process = subprocess.Popen(
            command(self.port, folder), env=environment, cwd=folder, stdout=self._log, stderr=subprocess.STDOUT
        )

    def wait(self):
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end and self._process.poll() is None:
            with contextlib.suppress(OSError):
                return self.get("/auth/config", None)[1]
            time.sleep(0.1)
        self._log.seek(0)
        raise AssertionError(f"a server did not start:\n{self._log.read()}")

    def get(self, path, token):
        """Status, and the body where it is JSON."""
        headers = {} if token is None else {"X-Identity": token}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            body = error.read()
            is_json = error.headers.get_content_type() == "application/json"
            return error.code, json.loads(body) if is_json else None

    def decide(self, token):
        """What a caller with this token sees of the list and of each run."""
        status, body = self.get("/api/recent_runs/", token)
        if status != 200:
            return f"{status}", detail(body)
        seen = [run["run_id"] for run in body]
        single = [self.get(f"/api/recent_runs/{run}", token) for run in RUNS]
        statuses = "/".join(str(status) for status, _ in single)
        missing = [detail(body) for status, body in single if status == 403]
        return f"sees {','.join(sorted(seen))} as {self.name(token)!r}", (statuses, missing)

    def close(self):
        self._process.terminate()
        self._process.wait(DEADLINE)
        self._log.close()
        self._folder.cleanup()


class Theirs(Pectus):
    def __init__(self, variables, keys):
        script = str(HERE / "aggregator.py")
        super().__init__(lambda port, folder: [sys.executable, "-B", script, str(port), keys, folder], variables)

    def name(self, token):
        status, body = self.get("/auth/who", token)
        return body["name"] if status == 200 else status


class Ours(Pectus):
    def __init__(self, variables, keys):
        keys = {"PECTUS_KEYS_URL": f"{keys}/{TENANT}/discovery/v2.0/keys"}
        super().__init__(lambda *_: [EXAMPLE], variables | keys)

    def name(self, token):
        status, body = self.get("/api/recent_runs/open", token)
        return body["user"] if status == 200 else status


def detail(body):
    return body.get("detail") if isinstance(body, dict) else None


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def both(variables, keys):
    """The two servers with these settings; `keys` stands for Entra ID."""
    with contextlib.closing(Theirs(variables, keys)) as theirs, contextlib.closing(Ours(variables, keys)) as ours:
        yield theirs, ours, theirs.wait(), ours.wait()


def row(words, theirs, ours, remark):
    print(f"{words:<40} {theirs:<40} {ours:<40} {remark}".rstrip())


def compare_tokens(theirs, ours, tokens):
    """The table. Returns what is wrong in it."""
    wrong = []
    for words, token, reason in tokens:
        their, our = theirs.decide(token), ours.decide(token)
        same = their == our
        remark = "" if same else reason or "NOT EXPLAINED"
        if same and reason:
            remark = f"THE SAME, in spite of: {reason}"
        row(words, their[0], our[0], remark)
        if same == bool(reason):
            wrong.append(f"{words}: {their} and {our}")
    return wrong


def compare_fetches(theirs, ours, keys, unknown_key):
    """How often junk makes each ask for keys."""
    counts = []
    for server in [theirs, ours]:
        before = keys.asked
        for _ in range(10):
            server.get("/api/recent_runs/", unknown_key.sign(person()))
        counts.append(keys.asked - before)
    row("10 tokens of an unknown key", f"{counts[0]} fetches", f"{counts[1]} fetches", "two fetches in 30 s")
    return [] if counts[1] <= 2 < counts[0] else [f"fetches for junk: {counts}"]


def compare_outage(token):
    """The answer while nobody can have the keys."""
    with both(ON, f"http://127.0.0.1:{free_port()}") as (theirs, ours, _, _):
        their, our = theirs.decide(token), ours.decide(token)
    row("a good token, keys not to be had", their[0], our[0], "503: nobody can tell yet")
    return [] if (their[0], our[0]) == ("401", "503") else [f"outage: {their} and {our}"]


def compare_off(variables, words):
    """Nobody is asked for a token."""
    with both(variables, f"http://127.0.0.1:{free_port()}") as (theirs, ours, their_config, our_config):
        their, our = theirs.decide(None), ours.decide(None)
    row(words, their[0], our[0], "")
    if their_config["client_id"]:
        # The aggregator still tells what it was set up with; ours tells only what it uses.
        their_config |= dict.fromkeys(["authority_url", "client_id", "well_known_url"])
    same = their == our and their_config == our_config
    return [] if same else [f"{words}: {their}, {their_config} and {our}, {our_config}"]


def main():
    key, strange_key, unknown_key = Key("key"), Key("strange", STRANGE_TENANT), Key("unknown")
    row("token in X-Identity", "openpectus", "ours", "why they differ")
    with contextlib.closing(KeyServer([key, strange_key])) as keys:
        with both(ON, keys.url) as (theirs, ours, their_config, our_config):
            wrong = compare_tokens(theirs, ours, cases(key, strange_key, unknown_key))
            wrong += compare_fetches(theirs, ours, keys, unknown_key)
    if their_config != our_config:
        wrong.append(f"/auth/config: {their_config} and {our_config}")
    wrong += compare_outage(key.sign(person()))
    wrong += compare_off({}, "nobody is asked: nothing is set")
    wrong += compare_off({"ENABLE_AZURE_AUTHENTICATION": "yes"}, "nobody is asked: `yes` is not `true`")
    wrong += compare_off(SETTINGS, "nobody is asked: only the IDs are set")
    for line in wrong:
        print(f"wrong: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
