"""Provena's own client, one step of it: `theirs.py REALM_URL login | refresh | offline TOKEN_FILE`.

It keeps what it has in the current folder. Prints `token` or why there is none."""

import sys
import types

from provenaclient.auth.implementations import DeviceFlow, OfflineFlow


def main(realm, step, *rest):
    config = types.SimpleNamespace(keycloak_endpoint=realm)
    if step == "offline":
        flow = OfflineFlow(config, "automated-access", offline_token=open(rest[0]).read().strip())
    else:
        flow = DeviceFlow(config, "client-tools")
    if step == "refresh":
        flow.refresh_tokens()
    print("token" if flow.get_token() else "no token")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception as error:  # whatever it is, it is the outcome
        print(f"failed: {type(error).__name__}")
