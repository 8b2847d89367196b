"""The tokens that both servers see, in words, and the reason where their decisions differ on purpose."""

import hashlib
import hmac
import json
import time

from forge import CLIENT, NEW_ISSUER, OLD_ISSUER, STRANGE_TENANT, b64, person, program

# The differences that the documentation of `auth_verify::preset::open_pectus` lists.
NO_END = "a token must end"
ROLES = "roles are a list of words"
CRITICAL = "`crit` is refused"
LEEWAY = "clocks may be a minute apart"
AGREEMENT = "tenant, version, issuer and key agree"
OPENID = "an ID token says when, and to whom"
STRICT = "no claim twice"
TYPE = "no other type of token"
BOUND = "not from whoever carries it"
NAME = "an odd name is for showing only"
SCHEME = "a scheme is a malformed request"


def cases(key, strange_key, unknown_key):
    """Words, token, reason to differ."""
    now = int(time.time())
    yield from accepted(key)
    yield from refused(key, unknown_key, now)
    yield from different(key, strange_key, now)


def accepted(key):
    yield "ID token of a person", key.sign(person()), None
    yield "ID token, no roles", key.sign(person(roles=None)), None
    yield "ID token, a role that is not asked for", key.sign(person(roles=["Visitor"])), None
    yield "ID token, two roles", key.sign(person(roles=["Visitor", "Admin"])), None
    yield "ID token, empty list of roles", key.sign(person(roles=[])), None
    yield "ID token, user name without @", key.sign(person(preferred_username="ada")), None
    yield "ID token, no user name", key.sign(person(preferred_username=None)), None
    yield "ID token, no oid", key.sign(person(oid=None)), None
    yield "ID token, aud a list", key.sign(person(aud=[CLIENT])), None
    yield "ID token, aud several, azp the client", key.sign(person(aud=["other", CLIENT], azp=CLIENT)), None
    yield "ID token, no nbf", key.sign(person(nbf=None)), None
    yield "program, format 1.0", key.sign(program()), None
    yield "program, format 2.0", key.sign(newer(program())), None
    yield "program with a role besides", key.sign(program(roles=["Operator"])), None
    yield "program, no idtyp", key.sign(program(idtyp=None)), None
    yield "access token of a person, idtyp user", key.sign(person(idtyp="user", azp=CLIENT, scp="read")), None
    yield "access token, given to another client", key.sign(person(azp="other", scp="read")), None


def newer(claims):
    return claims | {"iss": NEW_ISSUER, "ver": "2.0", "appid": None, "azp": CLIENT}


def refused(key, unknown_key, now):
    good = key.sign(person())
    head, body, signature = good.split(".")
    yield "no header at all", None, None
    yield "empty header", "", None
    yield "garbage", "garbage", None
    yield "two parts", f"{head}.{body}", None
    yield "signature of another token", f"{head}.{body}.{key.sign(program()).split('.')[2]}", None
    yield "signature cut short", good[:-8], None
    yield "claims changed after signing", f"{head}.{b64(json.dumps(person(roles=['Admin'])).encode())}.{signature}", None
    yield "signed by an unknown key", unknown_key.sign(person()), None
    yield "unknown key under a known name", unknown_key.sign(person(), kid=key.kid), None
    yield "no kid", key.sign(person(), kid=None), None
    yield "alg none", f"{b64(json.dumps({'alg': 'none', 'kid': key.kid}).encode())}.{body}.", None
    yield "HS256, keyed with the published key", keyed_with(key), None
    yield "alg RS512", key.sign(person(), alg="RS512"), None
    yield "aud api:// and the client", key.sign(person(aud=f"api://{CLIENT}")), None
    yield "aud of somebody else", key.sign(person(aud="other")), None
    yield "no aud", key.sign(person(aud=None)), None
    yield "iss of another tenant", key.sign(program(iss=f"https://sts.windows.net/{STRANGE_TENANT}/")), None
    yield "iss without its slash", key.sign(program(iss=OLD_ISSUER.rstrip("/"))), None
    yield "iss with a slash too many", key.sign(person(iss=NEW_ISSUER + "/")), None
    yield "no iss", key.sign(person(iss=None)), None
    yield "ended two minutes ago", key.sign(person(exp=now - 120)), None
    yield "starts in two minutes", key.sign(person(nbf=now + 120)), None
    yield "issued in two minutes", key.sign(person(iat=now + 120)), None
    yield "exp a word", key.sign(person(exp="tomorrow")), None
    yield "iat a word", key.sign(person(iat="now")), None
    yield "claims a list", key.sign("[]"), None


def keyed_with(key):
    header = b64(json.dumps({"alg": "HS256", "kid": key.kid}).encode())
    signed = f"{header}.{b64(json.dumps(person()).encode())}"
    return f"{signed}.{b64(hmac.digest(key.jwk()['n'].encode(), signed.encode(), hashlib.sha256))}"


def different(key, strange_key, now):
    yield "ID token, aud several, no azp", key.sign(person(aud=["other", CLIENT])), OPENID
    yield "ID token, no iat", key.sign(person(iat=None)), OPENID
    yield "no exp", key.sign(person(exp=None)), NO_END
    yield "roles one string", key.sign(person(roles="Admin")), ROLES
    yield "roles with a number", key.sign(person(roles=["Admin", 7])), ROLES
    yield "crit with an unknown extension", key.sign(person(), crit=["x"], x=1), CRITICAL
    yield "ended five seconds ago", key.sign(person(exp=now - 5)), LEEWAY
    yield "starts in 30 seconds", key.sign(person(nbf=now + 30)), LEEWAY
    yield "issued in 30 seconds", key.sign(person(iat=now + 30)), LEEWAY
    yield "no tid", key.sign(person(tid=None)), AGREEMENT
    yield "tid of another tenant", key.sign(person(tid=STRANGE_TENANT)), AGREEMENT
    yield "no ver", key.sign(person(ver=None)), AGREEMENT
    yield "ver 1.0 with the issuer of 2.0", key.sign(person(ver="1.0")), AGREEMENT
    yield "key of another tenant", strange_key.sign(person()), AGREEMENT
    yield "user name a number", key.sign(person(preferred_username=7)), NAME
    yield "Bearer before the token", f"Bearer {key.sign(person())}", SCHEME
    yield "a claim twice", key.sign(json.dumps(person())[:-1] + ', "roles": ["Admin"]}'), STRICT
    yield "type logout+jwt", key.sign(person(), typ="logout+jwt"), TYPE
    yield "bound to a key (cnf)", key.sign(program(cnf={"jkt": "x"})), BOUND
