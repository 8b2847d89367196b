"""Debian's glewlwyd with our clients and users: `server.py PORT CERTIFICATE KEY CA CALLBACK`, in a folder of its own.

Writes `ready` when it is, and is the server from then on: whoever ends this process ends it."""

import gzip
import http.cookiejar
import json
import os
import pathlib
import re
import sqlite3
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

PACKAGE_CONFIG = pathlib.Path("/etc/glewlwyd/glewlwyd.conf")
TABLES = pathlib.Path("/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz")
PLUGIN = {
    "jwt-type": "rsa",
    "jwt-key-size": "256",
    "code-duration": 600,
    "refresh-token-duration": 3600,
    "access-token-duration": 300,
    "refresh-token-one-use": "always",
    "refresh-token-rolling": True,
    "allow-non-oidc": True,
    "auth-type-client-enabled": True,
    "auth-type-code-enabled": True,
    "auth-type-token-enabled": False,
    "auth-type-implicit-enabled": False,
    "auth-type-password-enabled": False,
    "auth-type-refresh-enabled": True,
    "auth-type-device-enabled": True,
    "auth-type-code-revoke-replayed": True,
    "device-authorization-expiration": 120,
    "device-authorization-interval": 2,
    "pkce-allowed": True,
    "pkce-method-plain-allowed": False,
    "introspection-revocation-allowed": True,
    "introspection-revocation-allow-target-client": True,
    "jwks-show": True,
    "subject-type": "public",
}


def configured(port, certificate, key):
    """The package's own configuration, for loopback and a database that is new."""
    database, pages = pathlib.Path("glewlwyd.db"), pathlib.Path("pages")
    database.unlink(missing_ok=True)
    pages.mkdir(exist_ok=True)
    with sqlite3.connect(database) as connection:
        connection.executescript(gzip.decompress(TABLES.read_bytes()).decode())
    settings = {
        "port": port,
        "external_url": f'"https://localhost:{port}"',
        "log_mode": '"file"',
        "log_file": f'"{pathlib.Path("server.log").resolve()}"',
        "static_files_path": f'"{pages.resolve()}"',
        "use_secure_connection": "true",
        "secure_connection_key_file": f'"{key}"',
        "secure_connection_pem_file": f'"{certificate}"',
    }
    text = PACKAGE_CONFIG.read_text()
    for name, value in settings.items():
        text = re.sub(rf"(?m)^#?\s*{name}\s*=.*$", f"{name}={value}", text)
    text = re.sub(r"(?m)^@include.*$", f'database = {{ type = "sqlite3" path = "{database.resolve()}" }};', text)
    text = re.sub(r"(?m)^#?\s*secure_connection_ca_file.*$", "", text)
    pathlib.Path("glewlwyd.conf").write_text(f'bind_address="127.0.0.1"\n{text}')


class Administrator:
    def __init__(self, port, authority):
        self._base = f"https://localhost:{port}/api"
        handlers = [
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=authority)),
        ]
        self._open = urllib.request.build_opener(*handlers).open

    def post(self, path, body):
        request = urllib.request.Request(
            self._base + path, json.dumps(body).encode(), {"content-type": "application/json"}, method="POST"
        )
        try:
            self._open(request, timeout=20).read()
        except urllib.error.HTTPError as error:
            sys.exit(f"{path} is refused with {error.code}: {error.read().decode()}")

    def wait(self):
        for _ in range(100):
            try:
                return self._open(f"{self._base}/auth/", timeout=2).read()
            except urllib.error.HTTPError:
                return None
            except OSError:
                time.sleep(0.1)
        sys.exit("glewlwyd does not start; see server.log")


def key_pair():
    """What signs its tokens."""
    make = ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
    private = subprocess.run(make, check=True, capture_output=True, text=True).stdout
    show = ["openssl", "pkey", "-pubout"]
    public = subprocess.run(show, check=True, capture_output=True, text=True, input=private).stdout
    return {"key": private, "cert": public}


def populate(administrator, port, callback):
    post = administrator.post
    post("/auth/", {"username": "admin", "password": "password"})
    parameters = PLUGIN | key_pair() | {"iss": f"https://localhost:{port}/api/oidc"}
    plugin = {"module": "oidc", "name": "oidc", "display_name": "oidc", "enabled": True, "parameters": parameters}
    post("/mod/plugin/", plugin)
    for name in ["offline_access", "api.read"]:
        scope = {"name": name, "display_name": name, "password_max_age": 0, "password_required": True, "scheme": {}}
        post("/scope/", scope)
    user = {"username": "ada", "name": "Ada", "password": "pw", "email": "ada@example.org", "enabled": True}
    post("/user/", user | {"scope": ["openid", "g_profile", "offline_access", "api.read"]})
    person = {
        "client_id": "desktop",
        "name": "desktop",
        "confidential": False,
        "enabled": True,
        "authorization_type": ["code", "refresh_token", "device_authorization"],
        "redirect_uri": [callback],
        "token_endpoint_auth_method": ["none"],
    }
    post("/client/", person)
    robot = {
        "client_id": "robot",
        "name": "robot",
        "confidential": True,
        "enabled": True,
        "client_secret": "a-secret-of-the-robot",
        "scope": ["api.read"],
        "authorization_type": ["client_credentials"],
        "token_endpoint_auth_method": ["client_secret_basic", "client_secret_post"],
    }
    post("/client/", robot)


def main(port, certificate, key, authority, callback):
    configured(port, certificate, key)
    if os.fork():
        os.execvp("glewlwyd", ["glewlwyd", "--config-file=glewlwyd.conf"])
    administrator = Administrator(port, authority)
    administrator.wait()
    populate(administrator, port, callback)
    print("ready", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
