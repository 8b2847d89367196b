"""What the clients of the services find in the files at home."""

import logging
import os

import aiohttp.helpers
import requests.utils
from polytope.api import Client
from yarl import URL

CACHEB = "https://cacheb.dcms.destine.eu/path/to/data.json"

logging.disable()
print(*requests.utils.get_netrc_auth(CACHEB, raise_errors=True))
found = aiohttp.helpers.basicauth_from_netrc(aiohttp.helpers.netrc_from_env(), URL(CACHEB).host)
print(found.login, found.password)
[header] = Client(quiet=True).auth.get_auth_headers()
print(header)
