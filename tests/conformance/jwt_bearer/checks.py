"""`cargo xtask conformance jwt-bearer`: RFC 7523 between `auth` and programs that others wrote.

AUTH_PROGRAM names the program under test. AUTH_SEEDS may name a folder with the vendor's published
guide; its script is then run as it stands, but for the URLs."""

import json
import os
import pathlib
import re
import subprocess
import sys
import time
import tomllib
import unittest

import jwt
from disruptive.authentication import create_jwt

from program import DEADLINE, Home, profile, secret_file, text
from server import Account, Server

EMAIL = "robot@project.serviceaccount.example"
KEYS = {"key1": "0123456789abcdef0123456789abcdef", "key2": "fedcba9876543210fedcba9876543210"}
ROOT = pathlib.Path(__file__).resolve().parents[3]


class AgainstAuthlib(unittest.TestCase):
    """`auth` as the client of authlib's server."""

    def setUp(self):
        self.server = Server([Account(EMAIL, KEYS)])
        self.addCleanup(self.server.close)
        self.home = Home()
        self.addCleanup(self.home.close)

    def configure(self, email=EMAIL, key_id="key1", secret=KEYS["key1"]):
        settings = {
            "kind": text("jwt-bearer"),
            "token-url": text(self.server.token_url),
            "email": text(email),
            "key-id": text(key_id),
            "algorithm": text("HS256"),
            "key": secret_file(self.home.write("key", secret)),
            "api": text(f"{self.server.base}/v2"),
        }
        config = self.home.write("config.toml", profile("robot", settings))
        self.home.variables["AUTH_CONFIG"] = str(config)

    def token(self):
        run = self.home.auth("token", "robot")
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout.removesuffix("\n")

    def test_each_key_of_the_account_gets_a_token(self):
        for key_id, secret in KEYS.items():
            self.configure(key_id=key_id, secret=secret)
            run = self.home.auth("token", "robot", "--refresh")
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertIn(run.stdout.removesuffix("\n"), self.server.tokens)

    def test_a_second_call_asks_no_server(self):
        self.configure()
        self.assertEqual(self.token(), self.token())
        self.assertEqual(len(self.server.assertions), 1)

    def test_the_api_answers_a_request(self):
        self.configure()
        run = self.home.auth("request", "robot", "/projects")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(json.loads(run.stdout)["projects"], [{"name": "projects/one"}])

    def test_pyjwt_accepts_the_assertion_and_would_write_the_same(self):
        self.configure()
        self.token()
        [assertion] = self.server.assertions
        claims = jwt.decode(
            assertion,
            KEYS["key1"],
            algorithms=["HS256"],
            audience=self.server.token_url,
            issuer=EMAIL,
            options={"require": ["iat", "exp", "aud", "iss"]},
        )
        same = jwt.encode(claims, KEYS["key1"], algorithm="HS256", headers={"kid": "key1"})
        self.assertEqual(assertion, same)

    def test_a_wrong_secret_is_refused(self):
        self.configure(secret=KEYS["key2"])
        self.assert_refused(KEYS["key2"])

    def test_an_unknown_key_is_refused(self):
        self.configure(key_id="key9")
        self.assert_refused(KEYS["key1"])

    def test_an_unknown_account_is_refused(self):
        self.configure(email="nobody@project.serviceaccount.example")
        self.assert_refused(KEYS["key1"])

    def assert_refused(self, secret):
        run = self.home.auth("token", "robot")
        self.assertEqual(run.returncode, 3, run.stderr)
        self.assertEqual(run.stdout, "")
        self.assertIn("invalid_grant", run.stderr)
        self.assertNotIn(secret, run.stderr)
        self.assertNotIn(self.server.assertions[-1], run.stderr)


class PublishedVector(unittest.TestCase):
    """The assertion that `tests/it` compares with ours, written by two others."""

    HEADER = {"alg": "HS256", "kid": "key1"}
    CLAIMS = {
        "iat": 1_700_000_000,
        "exp": 1_700_003_600,
        "aud": "https://identity.disruptive-technologies.com/oauth2/token",
        "iss": "sa@project.serviceaccount.d21s.com",
    }
    SIGNATURE = "7GmOh-TozdqSzkLwyIM1zBgb38cJ5uPj9C4cRT7S70o"

    def test_pyjwt_signs_it(self):
        token = jwt.encode(self.CLAIMS, "secret", algorithm="HS256", headers=self.HEADER)
        self.assertEqual(token.rpartition(".")[2], self.SIGNATURE)

    def test_the_vendors_client_signs_it(self):
        token = create_jwt(self.CLAIMS, "secret", "HS256", dict(self.HEADER))
        self.assertEqual(token.rpartition(".")[2], self.SIGNATURE)


class AgainstTheEmulator(unittest.TestCase):
    """The vendor's own code as the client of `auth emulator`."""

    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.addClassCleanup(cls.home.close)
        folder = cls.home.path / "emulator"
        cls.process = cls.home.start("emulator", "--dir", str(folder))
        cls.addClassCleanup(cls.process.stdout.close)
        cls.addClassCleanup(cls.process.wait)
        cls.addClassCleanup(cls.process.terminate)
        cls.variables = cls.wait_for(folder / "env")
        config = tomllib.loads(pathlib.Path(cls.variables["AUTH_CONFIG"]).read_text())
        cls.token_url = config["profile"]["disruptive"]["token-url"]
        cls.api = config["profile"]["disruptive"]["api"]

    @classmethod
    def wait_for(cls, path):
        """What the emulator wants a shell to set, once it is ready."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end and cls.process.poll() is None:
            lines = path.read_text() if path.exists() else ""
            pairs = re.findall(r"^export (\w+)='([^']*)'", lines, re.MULTILINE)
            if "AUTH_CONFIG" in dict(pairs):
                return dict(pairs)
            time.sleep(0.05)
        cls.process.terminate()
        raise AssertionError(f"auth emulator did not start: {cls.process.communicate()[0]}")

    def python(self, script, **variables):
        run = subprocess.run(
            [sys.executable, "-c", script],
            env={**self.home.variables, **variables},
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return run.stdout

    def account(self):
        names = ["KEY_ID", "SECRET", "EMAIL"]
        return {f"DT_SERVICE_ACCOUNT_{name}": self.variables[f"DT_SERVICE_ACCOUNT_{name}"] for name in names}

    def test_the_vendors_client_lists_the_projects(self):
        account = self.account()
        credentials = {
            "serviceAccount": {
                "keyId": account["DT_SERVICE_ACCOUNT_KEY_ID"],
                "secret": account["DT_SERVICE_ACCOUNT_SECRET"],
                "email": account["DT_SERVICE_ACCOUNT_EMAIL"],
                "algorithm": "HS256",
                "tokenEndpoint": self.token_url,
            }
        }
        path = self.home.write("credentials.json", json.dumps(credentials))
        script = f"import disruptive as dt; dt.base_url = {self.api!r}; print(len(dt.Project.list_projects()))"
        listed = self.python(script, DT_CREDENTIALS_FILE=str(path))
        self.assertGreater(int(listed), 0)

    def test_the_vendors_published_script_lists_the_projects(self):
        script = published_script()
        if script is None:
            self.skipTest("AUTH_SEEDS names no folder with the vendor's guide")
        script = script.replace(PublishedVector.CLAIMS["aud"], self.token_url)
        script = script.replace("https://api.disruptive-technologies.com/v2", self.api)
        self.assertNotIn("https://", script)
        self.assertIn("'projects'", self.python(script, **self.account()))


def published_script():
    """The script of the vendor's guide to service accounts, from its imports to its last line."""
    named = os.environ.get("AUTH_SEEDS")
    folder = pathlib.Path(named or ROOT.parent / "shared" / "seeds")
    for path in sorted(folder.glob("001*.txt")):
        guide = path.read_text()
        found = re.search(r"^import os\n.*?^if __name__ == '__main__':\n    main\(\)\n", guide, re.DOTALL | re.MULTILINE)
        if found:
            return found.group()
    if named:
        raise AssertionError(f"AUTH_SEEDS names {named}, where the guide is not")
    return None


if __name__ == "__main__":
    unittest.main(verbosity=2)
