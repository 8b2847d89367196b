"""A reverse proxy in front of the server, which notes what programs ask: never a value of a field."""

import http.client
import http.server
import json
import ssl
import threading
import urllib.parse

HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class Recorder:
    """Listens where the server's own addresses point to, and passes everything on to where it is."""

    def __init__(self, port, upstream, authority, certificate, key):
        self.notes = []
        trust = ssl.create_default_context(cafile=authority)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP}
                behind = http.client.HTTPSConnection("localhost", upstream, context=trust, timeout=60)
                behind.request(self.command, self.path, body or None, headers)
                answer = behind.getresponse()
                content = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in HOP:
                        self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                behind.close()
                if "x-browser" not in self.headers:
                    outer.notes.append(Note(self.command, self.path, body, answer.status, content))

            do_GET = do_POST = _pass_on

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def taken(self):
        """What was noted since the last call."""
        notes, self.notes = self.notes, []
        return notes


class Note:
    """One request: where it went, which fields it had, and whether the answer was a no."""

    def __init__(self, method, path, body, status, content):
        path = urllib.parse.urlsplit(path).path
        realm = "/".join(path.split("/")[:3])
        self.place = f"{method} {path[len(realm):].replace('/protocol/openid-connect', '') or '(the realm)'}"
        fields = urllib.parse.parse_qsl(body.decode(), keep_blank_values=True)
        self.fields = sorted(name for name, _ in fields)
        self.empty = [name for name, value in fields if not value]
        self.grant = dict(fields).get("grant_type", "")
        self.status = status
        try:
            answer = json.loads(content)
        except ValueError:
            answer = {}
        self.error = answer.get("error", "") if isinstance(answer, dict) else ""

    @property
    def is_waiting(self):
        """A poll before the person was done: how many there are is chance."""
        return self.error in ("authorization_pending", "slow_down")

    def __str__(self):
        names = [f"{name}(empty)" if name in self.empty else name for name in self.fields]
        fields = f" [{' '.join(names)}]" if names else ""
        return f"{self.place}{fields} → {self.status} {self.error}".rstrip()
