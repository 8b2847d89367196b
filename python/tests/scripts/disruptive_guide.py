"""Stands for the guide of Disruptive Technologies: its function is imported, the rest is as there."""

import os
import sys

import requests

from authkeep.disruptive import get_access_token

access_token = get_access_token(
    os.getenv("DT_SERVICE_ACCOUNT_KEY_ID", ""),
    os.getenv("DT_SERVICE_ACCOUNT_EMAIL", ""),
    os.getenv("DT_SERVICE_ACCOUNT_SECRET", ""),
)
answer = requests.get(sys.argv[1] + "/projects", headers={"Authorization": "Bearer " + access_token}, timeout=60)
print(answer.json())
