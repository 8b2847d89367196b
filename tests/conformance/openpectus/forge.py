"""Tokens as Entra ID writes them, in order or not, and the keys that sign them."""

import base64
import json
import time

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

TENANT = "a1b2c3d4-0000-4000-8000-123456789abc"
STRANGE_TENANT = "99999999-0000-4000-8000-123456789abc"
CLIENT = "00001111-aaaa-2222-bbbb-3333cccc4444"
NEW_ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"
OLD_ISSUER = f"https://sts.windows.net/{TENANT}/"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """A key, and whose tokens it signs."""

    def __init__(self, kid, tenant=TENANT):
        self.kid = kid
        self.tenant = tenant
        self._private = rsa.generate_private_key(65537, 2048)

    def jwk(self):
        numbers = self._private.public_key().public_numbers()
        number = lambda value: b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))
        issuer = f"https://login.microsoftonline.com/{self.tenant}/v2.0"
        members = {"kty": "RSA", "use": "sig", "kid": self.kid, "issuer": issuer}
        return members | {"n": number(numbers.n), "e": number(numbers.e)}

    def sign(self, claims, **header):
        """A token. What is None is left out; `claims` may also be JSON already."""
        header = present({"typ": "JWT", "alg": "RS256", "kid": self.kid} | header)
        text = claims if isinstance(claims, str) else json.dumps(present(claims))
        signed = f"{b64(json.dumps(header).encode())}.{b64(text.encode())}"
        signature = self._private.sign(signed.encode(), padding.PKCS1v15(), SHA256())
        return f"{signed}.{b64(signature)}"


def present(members):
    return {name: value for name, value in members.items() if value is not None}


def person(**changes):
    """What a browser sends: an ID token."""
    now = int(time.time())
    return {
        "iss": NEW_ISSUER, "tid": TENANT, "ver": "2.0", "aud": CLIENT, "sub": "s", "oid": "object",
        "preferred_username": "ada.l@example.org", "roles": ["Operator"],
        "iat": now, "nbf": now, "exp": now + 3600,
    } | changes  # fmt: skip


def program(**changes):
    """What a program sends: an access token for the application itself, in the older format."""
    now = int(time.time())
    return {
        "iss": OLD_ISSUER, "tid": TENANT, "ver": "1.0", "aud": CLIENT, "appid": CLIENT, "sub": "robot",
        "oid": "robot", "idtyp": "app", "iat": now, "nbf": now, "exp": now + 3600,
    } | changes  # fmt: skip
