"""The client of the DESTINY repository: destiny.py secret|person, two calls of the API, the second after a 401.

Writes the statuses. The package has no argument for a host that is not Microsoft's: MSAL gets it here."""

import functools
import json
import os
import sys

import msal

for name in ("ConfidentialClientApplication", "PublicClientApplication"):
    plain = getattr(msal, name)

    class Local(plain):
        __init__ = functools.partialmethod(plain.__init__, instance_discovery=False)

    setattr(msal, name, Local)

from destiny_sdk.client import OAuthClient, OAuthMiddleware  # noqa: E402

is_person = sys.argv[1] == "person"
auth = OAuthMiddleware(
    azure_client_id=os.environ["ENTRA_DESKTOP" if is_person else "ENTRA_ROBOT"],
    azure_application_id=os.environ["ENTRA_API"].removeprefix("api://"),
    azure_login_url=f"{os.environ['ENTRA_ORIGIN']}/{os.environ['ENTRA_TENANT']}",
    azure_client_secret=None if is_person else os.environ["ENTRA_SECRET"],
)
client = OAuthClient(os.environ["ENTRA_ORIGIN"], auth=auth).get_client()


def call():
    try:
        return client.get("/system/healthcheck/").status_code
    except Exception as error:
        return type(error).__name__


print(json.dumps({"answers": [call(), call()]}))
