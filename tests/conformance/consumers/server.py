"""A cluster, a git server and a file, over https, for whoever has a token that the emulator knows.

A token comes as `Authorization: Bearer` or as the password of `Basic`. `POST /refuse` has the token in its body
refused from then on.
"""

import base64
import http.server
import json
import os
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request

API = os.environ["LAB_API"]
REPOSITORIES = os.environ["GIT_PROJECT_ROOT"]
REFUSED: set[str] = set()
SEEN: list[str] = []


def is_good(token: str) -> bool:
    if token in REFUSED:
        return False
    request = urllib.request.Request(API + "/whoami", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status == 200
    except urllib.error.HTTPError:
        return False


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def token(self) -> str | None:
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        SEEN.append(scheme)
        if scheme.lower() == "bearer":
            return value
        if scheme.lower() == "basic":
            return base64.b64decode(value).decode().partition(":")[2]
        return None

    def answer(self, status: int, body: bytes = b"", kind: str = "application/json", **headers: str):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def handle_request(self):
        body = self.body()
        if self.path == "/refuse":
            REFUSED.add(body.decode())
            return self.answer(204)
        if self.path == "/seen":
            self.answer(200, json.dumps(SEEN).encode())
            return SEEN.clear()
        token = self.token()
        if token is None or not is_good(token):
            return self.answer(401, WWW_Authenticate='Basic realm="lab"')
        path = self.path.partition("?")[0]
        if path.startswith("/git/"):
            return self.git(path.removeprefix("/git"), body)
        if path == "/file":
            return self.answer(200, b"the file\n", "text/plain")
        known = CLUSTER.get(path)
        if known is None:
            return self.answer(404, json.dumps(status("NotFound", 404)).encode())
        return self.answer(200, json.dumps(known).encode())

    do_GET = do_POST = handle_request

    def git(self, path: str, body: bytes):
        """What git-http-backend says (CGI)."""
        environment = dict(
            os.environ,
            GIT_HTTP_EXPORT_ALL="1",
            PATH_INFO=path,
            QUERY_STRING=self.path.partition("?")[2],
            REQUEST_METHOD=self.command,
            CONTENT_TYPE=self.headers.get("Content-Type", ""),
            HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""),
            GIT_PROTOCOL=self.headers.get("Git-Protocol", ""),
        )
        said = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True)
        head, _, rest = said.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        kind = headers.pop("Content-Type", "text/plain")
        code = int(headers.pop("Status", "200").split()[0])
        self.answer(code, rest, kind, **{name.replace("-", "_"): value for name, value in headers.items()})


def status(reason: str, code: int) -> dict:
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}


CLUSTER = {
    "/version": {"major": "1", "minor": "32", "gitVersion": "v1.32.0"},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {
        "kind": "APIResourceList",
        "groupVersion": "v1",
        "resources": [
            {"name": "namespaces", "singularName": "namespace", "namespaced": False, "kind": "Namespace", "verbs": ["get", "list"]},
        ],
    },
    "/api/v1/namespaces": {
        "kind": "NamespaceList",
        "apiVersion": "v1",
        "metadata": {},
        "items": [{"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "greenhouse"}, "status": {"phase": "Active"}}],
    },
}


def main():
    port, certificate, key = sys.argv[1:]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", flush=True)
    sys.stdin.read()


main()
