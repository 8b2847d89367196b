"""What a headless program of Open Pectus does: a token for the application itself, checked, and the runs.

The calls are those of the documentation's listing, with another host for Entra ID."""

import json
import os
import ssl

import jwt
import msal
import requests

origin, tenant = os.environ["ENTRA_ORIGIN"], os.environ["ENTRA_TENANT"]
client, secret = os.environ["ENTRA_PECTUS"], os.environ["ENTRA_SECRET"]

authority = f"{origin}/{tenant}"
app = msal.ConfidentialClientApplication(
    client, authority=authority, client_credential=secret, instance_discovery=False
)
answer = app.acquire_token_for_client(scopes=[f"{client}/.default"])
token = answer["access_token"]
trust = ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])
keys = jwt.PyJWKClient(f"{authority}/discovery/v2.0/keys", ssl_context=trust)
claims = jwt.decode(
    token,
    keys.get_signing_key_from_jwt(token).key,
    algorithms=["RS256"],
    audience=client,
    issuer=f"https://sts.windows.net/{tenant}/",
)
runs = requests.get(
    os.environ["PECTUS"] + "/api/recent_runs/", headers={"X-Identity": token}, timeout=30
)
print(json.dumps({"idtyp": claims.get("idtyp"), "status": runs.status_code, "runs": runs.json()}))
