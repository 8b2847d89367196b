"""Stands for the script of the DESTINY repository's page without the SDK: any client of httpx does."""

import sys

import httpx

from authkeep.destiny_sdk import OAuthMiddleware

auth = OAuthMiddleware(
    azure_client_id="7164ff26-4078-4107-850f-57b43b97f605",
    azure_application_id="e314440e-f72c-4b8e-89c1-7eefef4b55ed",
    azure_login_url="https://login.microsoftonline.com/f870e5ae-5521-4a94-b9ff-cdde7d36dd35",
)
with httpx.Client(base_url=sys.argv[1], auth=auth) as client:
    print(client.get("/v1/references/search/", params={"q": "heat"}).raise_for_status().json())
