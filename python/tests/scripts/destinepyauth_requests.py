"""Stands for the page of destinepyauth: only an import differs."""

import sys

import requests

from authkeep.destinepyauth import get_token

result = get_token("highway")
headers = {"Authorization": f"Bearer {result.access_token}"}
response = requests.get(sys.argv[1], headers=headers, timeout=60)
print(response.json()["preferred_username"], result.decoded["iss"])
get_token("cacheb", write_netrc=True)
get_token("polytope")
