"""Stands for a program of the library `disruptive`: its `Auth` is ours."""

import os
import sys

import disruptive as dt

from authkeep.disruptive import Auth

dt.base_url = sys.argv[1]
dt.default_auth = Auth.service_account(
    key_id=os.environ["DT_SERVICE_ACCOUNT_KEY_ID"],
    secret=os.environ["DT_SERVICE_ACCOUNT_SECRET"],
    email=os.environ["DT_SERVICE_ACCOUNT_EMAIL"],
)
print([project.display_name for project in dt.Project.list_projects()])
dt.default_auth = Auth.init()
print([project.display_name for project in dt.Project.list_projects()])
