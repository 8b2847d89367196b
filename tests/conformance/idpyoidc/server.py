"""An OpenID Provider on loopback, made by others (PyPI idpyoidc), with a token exchange (RFC 8693).

server.py PORT CERTIFICATE KEY CALLBACK: writes `ready` when it listens. Everybody is Diana, who logs in without
being asked. CALLBACK is the redirect URI of the clients `desktop` and `app`; `requester` trades tokens. Secrets are
plain: idpyoidc does not decode what RFC 6749 §2.3.1 has clients encode."""

import json
import ssl
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlparse

from configuration import EXCHANGE, configuration
from idpyoidc.server import Server
from idpyoidc.server.configure import OPConfiguration

ENDPOINTS = {
    "/.well-known/openid-configuration": "provider_config",
    "/authorization": "authorization",
    "/token": "token",
    "/introspection": "introspection",
    "/userinfo": "userinfo",
}
JSON = ("content-type", "application/json")


class Provider:
    """The library's server, and what each request comes to."""

    def __init__(self, issuer, callback):
        self.issuer = issuer
        self._server = Server(OPConfiguration(conf=configuration(issuer), base_path="."), cwd=".")
        self._add("desktop", None, callback)
        self._add("app", "a-secret-of-the-app", callback)
        self._add("requester", "a-secret-of-the-requester", None)

    def _add(self, name, secret, callback):
        client = {
            "client_salt": "salt",
            "redirect_uris": [(callback, {})] if callback else [],
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token", EXCHANGE],
            "allowed_scopes": ["openid", "profile", "offline_access"],
            "token_endpoint_auth_method": "client_secret_basic" if secret else "none",
        }
        if secret:
            client["client_secret"] = secret
            self._server.keyjar.add_symmetric(name, secret)
        self._server.context.cdb[name] = client

    def answer(self, method, target, body, headers):
        """Status, headers, body."""
        url = urlparse(target)
        if url.path == "/jwks.json":
            return 200, [JSON], self._server.keyjar.export_jwks_as_json()
        if url.path not in ENDPOINTS:
            return 404, [], ""
        endpoint = self._server.get_endpoint(ENDPOINTS[url.path])
        about = {"headers": headers, "method": method, "url": self.issuer + target}
        request = endpoint.parse_request((body if method == "POST" else url.query) or {}, http_info=about)
        if "error" in request:
            return 400, [JSON], request.to_json()
        outcome = endpoint.process_request(request, http_info=about)
        if "error" in outcome:
            told = {name: outcome[name] for name in ["error", "error_description"] if name in outcome}
            return 400, [JSON], json.dumps(told)
        answer = endpoint.do_response(request=request, **outcome)
        if endpoint.response_placement == "url":
            return 303, [("location", outcome.get("redirect_location") or answer["response"])], ""
        return 200, [JSON], answer["response"]


class Handler(BaseHTTPRequestHandler):
    provider = None

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            status, more, text = self.provider.answer(self.command, self.path, body, headers)
        except Exception as error:
            traceback.print_exc()
            status, more, text = 500, [JSON], json.dumps({"error": "server_error", "error_description": str(error)})
        self.send_response(status)
        for name, value in [*more, ("content-length", str(len(text.encode())))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def main():
    port, certificate, key, callback = sys.argv[1:]
    Handler.provider = Provider(f"https://localhost:{port}", callback)
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
