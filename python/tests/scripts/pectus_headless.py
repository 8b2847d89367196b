"""Stands for the listing of Open Pectus: only an import differs. The program has checked the token."""

import os
import sys

import requests

from authkeep import msal


def acquire_access_token(client_id: str, tenant_id: str, client_secret: str) -> str:
    authority = f"https://login.microsoftonline.com/{tenant_id}"
    result = msal.ConfidentialClientApplication(
        client_id,
        authority=authority,
        client_credential=client_secret,
    ).acquire_token_for_client(scopes=[f"{client_id}/.default"])
    return result.get("access_token")


access_token = acquire_access_token(
    client_id=os.environ["AZURE_APPLICATION_CLIENT_ID"],
    tenant_id=os.environ["AZURE_DIRECTORY_TENANT_ID"],
    client_secret=os.environ["AZURE_CLIENT_SECRET"],
)
recent_runs = requests.get(sys.argv[1] + "/recent_runs/", headers={"X-Identity": access_token}, timeout=60)
print(recent_runs, recent_runs.json())
