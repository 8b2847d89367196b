"""Thirty-two callers of one MSAL application that has no token yet; writes how long they took."""

import json
import os
import threading
import time

import msal

CALLERS = 32
app = msal.ConfidentialClientApplication(
    os.environ["ENTRA_ROBOT"],
    client_credential=os.environ["ENTRA_SECRET"],
    authority=f"{os.environ['ENTRA_ORIGIN']}/{os.environ['ENTRA_TENANT']}",
    instance_discovery=False,
)
start = threading.Barrier(CALLERS)
tokens = []


def call():
    start.wait()
    answer = app.acquire_token_for_client([os.environ["ENTRA_API"] + "/.default"])
    tokens.append(answer["access_token"])


threads = [threading.Thread(target=call) for _ in range(CALLERS)]
began = time.monotonic()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps({"tokens": len(set(tokens)), "seconds": time.monotonic() - began}))
