"""A token endpoint for RFC 7523 service accounts, by authlib: each key of an account signs with HS256 and is
found by its `kid`; no client authentication. `/v2/projects` wants one of the tokens."""

import logging
import secrets
import threading
import time

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, InvalidGrantError
from authlib.oauth2.rfc7523 import JWTBearerGrant
from flask import Flask, jsonify, request
from joserfc.jwk import KeySet, OctKey
from werkzeug.serving import make_server

LIFE = 3600


class Account(ClientMixin):
    """A service account; to authlib it is a client that has no secret of its own."""

    def __init__(self, email, keys):
        self.email = email
        self.keys = KeySet([OctKey.import_key(secret, {"kid": kid}) for kid, secret in keys.items()])

    def get_client_id(self):
        return self.email

    def get_allowed_scope(self, scope):
        return scope or ""

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "none"

    def check_grant_type(self, grant_type):
        return grant_type == JWTBearerGrant.GRANT_TYPE


class Server:
    """The server on a free port of loopback, until it is closed."""

    def __init__(self, accounts):
        self.accounts = {account.email: account for account in accounts}
        self.tokens = set()
        self.assertions = []
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._http = make_server("127.0.0.1", 0, self._application(), threaded=True)
        self.base = f"http://127.0.0.1:{self._http.port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    @property
    def token_url(self):
        return f"{self.base}/oauth2/token"

    def close(self):
        self._http.shutdown()

    def _application(self):
        application = Flask(__name__)
        issuer = AuthorizationServer(
            application, query_client=self.accounts.get, save_token=self._keep
        )
        issuer.register_token_generator("default", self._make_token)
        issuer.register_grant(self._grant())

        @application.post("/oauth2/token")
        def token():
            self.assertions.append(request.form.get("assertion", ""))
            return issuer.create_token_response()

        @application.get("/v2/projects")
        def projects():
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            if scheme != "Bearer" or token not in self.tokens:
                return jsonify(error="unauthenticated", code=401), 401
            return jsonify(projects=[{"name": "projects/one"}], nextPageToken="")

        return application

    def _keep(self, token, _):
        self.tokens.add(token["access_token"])

    @staticmethod
    def _make_token(**_):
        return {
            "access_token": secrets.token_hex(16),
            "token_type": "bearer",
            "expires_in": LIFE - 1,
        }

    def _grant(self):
        server = self

        class Grant(JWTBearerGrant):
            TOKEN_ENDPOINT_AUTH_METHODS = ["none"]
            LEEWAY = 0

            def resolve_issuer_client(self, issuer):
                return server.accounts.get(issuer)

            def resolve_client_public_key(self, account):
                return account.keys

            def get_audiences(self):
                return [server.token_url]

            def verify_claims(self, claims):
                issued_at, expires_at = claims.get("iat"), claims.get("exp")
                if not (isinstance(issued_at, int) and isinstance(expires_at, int)):
                    raise InvalidGrantError(description="iat and exp must be integers")
                if issued_at > time.time() or not 0 < expires_at - issued_at <= LIFE:
                    raise InvalidGrantError(description="iat and exp are out of bounds")
                super().verify_claims(claims)

        return Grant
