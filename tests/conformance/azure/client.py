"""One flow of Entra ID by one of Microsoft's clients: client.py PEER FLOW, with what it needs in the environment.

Writes one line of JSON: the audiences of the tokens that it got, or the error.
"""

import base64
import json
import os
import sys

import msal
import requests
from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
    InteractiveBrowserCredential,
    OnBehalfOfCredential,
    WorkloadIdentityCredential,
)

ORIGIN = os.environ["ENTRA_ORIGIN"]
TENANT = os.environ["ENTRA_TENANT"]
AUTHORITY = f"{ORIGIN}/{TENANT}"
DESKTOP = os.environ["ENTRA_DESKTOP"]
ROBOT = os.environ["ENTRA_ROBOT"]
SECRET = os.environ["ENTRA_SECRET"]
API = os.environ["ENTRA_API"] + "/.default"
OTHER = os.environ["ENTRA_OTHER_API"] + "/.default"
PEM = os.environ["ENTRA_PEM"]  # a file with a key and its certificate
ASSERTION = os.environ["ENTRA_ASSERTION"]  # a file with a workload's token
CA = os.environ["REQUESTS_CA_BUNDLE"]
CLAIMS = os.environ["ENTRA_CLAIMS"]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def allow(page, code):
    """What a person does on the page for devices."""
    fields = {"user_code": code, "username": "ada", "password": "pw"}
    requests.post(page, data=fields, timeout=30).raise_for_status()


def public(**more):
    return msal.PublicClientApplication(
        DESKTOP, authority=AUTHORITY, instance_discovery=False, **more
    )


def confidential(credential):
    return msal.ConfidentialClientApplication(
        ROBOT, client_credential=credential, authority=AUTHORITY, instance_discovery=False
    )


def login(app, scopes):
    """With a device code, which needs no browser."""
    flow = app.initiate_device_flow(scopes)
    allow(flow["verification_uri"], flow["user_code"])
    return app.acquire_token_by_device_flow(flow)


def token(_, answer):
    if "access_token" not in answer:
        raise RuntimeError(f"{answer.get('error')}: {answer.get('error_codes')}")
    return answer["access_token"]


def msal_secret():
    app = confidential(SECRET)
    return [token(app, app.acquire_token_for_client([API]))]


def msal_certificate():
    pem = read(PEM)
    app = confidential({"private_key": pem, "public_certificate": pem})
    return [token(app, app.acquire_token_for_client([API]))]


def msal_assertion():
    app = confidential({"client_assertion": lambda: read(ASSERTION)})
    return [token(app, app.acquire_token_for_client([API]))]


def msal_browser():
    app = public()
    return [token(app, app.acquire_token_interactive([API]))]


def msal_device():
    app = public()
    return [token(app, login(app, [API]))]


def msal_refresh():
    app = public()
    first = token(app, login(app, [API]))
    [account] = app.get_accounts()
    again = app.acquire_token_silent([API], account, force_refresh=True)
    return [first, token(app, again)]


def msal_another():
    app = public()
    first = token(app, login(app, [API]))
    [account] = app.get_accounts()
    return [first, token(app, app.acquire_token_silent_with_error([OTHER], account))]


def msal_claims():
    app = public(client_capabilities=["cp1"])
    first = token(app, login(app, [API]))
    [account] = app.get_accounts()
    again = app.acquire_token_silent_with_error([API], account, claims_challenge=CLAIMS)
    return [first, token(app, again)]


def msal_behalf():
    assertion = read(os.environ["ENTRA_CALLER"])
    app = confidential(SECRET)
    return [token(app, app.acquire_token_on_behalf_of(assertion, [API]))]


def identity(kind, *arguments, **more):
    return kind(
        *arguments,
        authority=ORIGIN,
        disable_instance_discovery=True,
        connection_verify=CA,
        **more,
    )


def tell(page, code, _):
    allow(page, code)


def device_credential():
    return identity(
        DeviceCodeCredential, tenant_id=TENANT, client_id=DESKTOP, prompt_callback=tell
    )


def identity_secret():
    credential = identity(ClientSecretCredential, TENANT, ROBOT, SECRET)
    return [credential.get_token(API).token]


def identity_certificate():
    credential = identity(CertificateCredential, TENANT, ROBOT, PEM)
    return [credential.get_token(API).token]


def identity_assertion():
    credential = identity(
        WorkloadIdentityCredential,
        tenant_id=TENANT,
        client_id=ROBOT,
        token_file_path=ASSERTION,
    )
    return [credential.get_token(API).token]


def identity_browser():
    credential = identity(InteractiveBrowserCredential, tenant_id=TENANT, client_id=DESKTOP)
    return [credential.get_token(API).token]


def identity_device():
    return [device_credential().get_token(API).token]


def identity_another():
    credential = device_credential()
    return [credential.get_token(API).token, credential.get_token(OTHER).token]


def identity_claims():
    credential = device_credential()
    first = credential.get_token(API, enable_cae=True).token
    return [first, credential.get_token(API, enable_cae=True, claims=CLAIMS).token]


def identity_behalf():
    credential = identity(
        OnBehalfOfCredential,
        TENANT,
        ROBOT,
        client_secret=SECRET,
        user_assertion=read(os.environ["ENTRA_CALLER"]),
    )
    return [credential.get_token(API).token]


def audience(text):
    payload = text.split(".")[1]
    payload += "=" * (-len(payload) % 4)
    return json.loads(base64.urlsafe_b64decode(payload))["aud"]


def main():
    [_, peer, flow] = sys.argv
    try:
        tokens = globals()[f"{peer}_{flow}"]()
        result = {"audiences": [audience(token) for token in tokens]}
    except Exception as error:  # whatever it is, the other side is to see it
        result = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(result))


main()
