"""Stands for the script of the DESTINY repository's page that uses MSAL: only an import differs."""

import json
import sys

import httpx

from authkeep.msal import PublicClientApplication

app = PublicClientApplication(
    client_id="7164ff26-4078-4107-850f-57b43b97f605",
    authority="https://login.microsoftonline.com/f870e5ae-5521-4a94-b9ff-cdde7d36dd35",
    client_credential=None,
)
token = app.acquire_token_interactive(scopes=["api://e314440e-f72c-4b8e-89c1-7eefef4b55ed/.default"])
response = httpx.get(
    f"{sys.argv[1]}/v1/references/search/?q=heat",
    headers={"Authorization": f"Bearer {token['access_token']}"},
)
print(json.dumps(response.raise_for_status().json(), indent=2))
