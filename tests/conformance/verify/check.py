"""What PyJWT says about each token: one line, `accepted` or why not."""

import json
import sys

import jwt

with open(sys.argv[1], encoding="utf-8") as file:
    given = json.load(file)

keys = {key["kid"]: jwt.PyJWK(key) for key in given["jwks"]["keys"]}


def verdict(token):
    try:
        header = jwt.get_unverified_header(token)
        # As with any library that is given the whole set: without an id, the one key that fits.
        fitting = [key for key in keys.values() if key.algorithm_name == header["alg"]]
        key = keys.get(header["kid"]) if "kid" in header else fitting[0]
        if key is None:
            return "no key"
        jwt.decode(
            token,
            key,
            algorithms=["RS256", "ES256", "EdDSA"],
            issuer=given["issuer"],
            audience=given["audience"],
            leeway=60,
            options={"require": ["exp", "iss", "aud"]},
        )
        return "accepted"
    except Exception as error:  # whatever it raises, it does not accept
        return type(error).__name__


for case in given["cases"]:
    print(verdict(case["token"]))
