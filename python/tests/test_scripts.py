"""Scripts that were written for other libraries get their tokens with nothing but an import changed."""

from __future__ import annotations

import asyncio
import json
import netrc
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from conftest import PROGRAM

import authkeep
from authkeep import azure_identity, destinepyauth, msal
from authkeep.destiny_sdk import OAuthMiddleware
from authkeep.disruptive import Auth

SCRIPTS = Path(__file__).parent / "scripts"

DESTINY = ("7164ff26-4078-4107-850f-57b43b97f605", "e314440e-f72c-4b8e-89c1-7eefef4b55ed")
TENANT = "https://login.microsoftonline.com/f870e5ae-5521-4a94-b9ff-cdde7d36dd35"


def script(name: str, *arguments: str) -> str:
    """What one of them prints."""
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / name), *arguments],
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def logged_in() -> None:
    """Ada is logged in at Entra ID."""
    with subprocess.Popen([PROGRAM, "login", "destiny-azure", "--device-code"], stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        said = process.stderr.readline().decode()
        url, code = re.search(r"(http\S+) and enter the code (\S+)", said).groups()  # type: ignore[union-attr]
        form = {"user_code": code, "username": "ada", "password": "lovelace"}
        httpx.post(url, data=form).raise_for_status()
        process.communicate()
        assert process.returncode == 0


@pytest.fixture
def destine(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    """The emulator is the platform of Destination Earth."""
    monkeypatch.setenv("DESPAUTH_IAM_URL", origin)
    exchange = f"{origin}/sso/auth/realms/highway/protocol/openid-connect/token"
    monkeypatch.setenv("AUTH_HIGHWAY_EXCHANGE_URL", exchange)


@pytest.fixture
def ada(monkeypatch: pytest.MonkeyPatch, destine: None) -> None:  # noqa: ARG001
    """Her name and password are in the environment."""
    monkeypatch.setenv("DESPAUTH_USER", "ada")
    monkeypatch.setenv("DESPAUTH_PASSWORD", "lovelace")


@pytest.mark.usefixtures("logged_in")
@pytest.mark.parametrize("name", ["destiny_sdk_client.py", "destiny_httpx.py", "destiny_msal.py"])
def test_a_script_of_the_destiny_repository(name: str, origin: str) -> None:
    if name == "destiny_sdk_client.py":
        pytest.importorskip("destiny_sdk")
    assert '"sub"' in script(name, f"{origin}/destiny").replace("'", '"')


def test_a_person_who_is_not_logged_in_at_destiny_is_told_how() -> None:
    app = msal.PublicClientApplication(DESTINY[0], TENANT)
    with pytest.raises(authkeep.InteractionRequired, match="run `auth login destiny-azure`"):
        app.acquire_token_interactive([f"api://{DESTINY[1]}/.default"])
    with pytest.raises(authkeep.InteractionRequired, match="run `auth login destiny-staging`"):
        OAuthMiddleware(env="staging").source.token()


@pytest.mark.usefixtures("logged_in")
def test_a_script_that_looks_for_what_msal_has_kept_goes_on_to_ask(emulator: dict[str, str]) -> None:
    scopes = [f"api://{DESTINY[1]}/.default"]
    person = msal.PublicClientApplication(DESTINY[0], TENANT)
    accounts = person.get_accounts()
    result = person.acquire_token_silent(scopes, accounts[0]) if accounts else None
    result = result or person.acquire_token_interactive(scopes)
    assert result == person.acquire_token_silent(scopes, None) | {"expires_in": result["expires_in"]}
    client = emulator["AZURE_APPLICATION_CLIENT_ID"]
    authority = f"https://login.microsoftonline.com/{emulator['AZURE_DIRECTORY_TENANT_ID']}"
    application = msal.ConfidentialClientApplication(client, emulator["AZURE_CLIENT_SECRET"], authority)
    result = application.acquire_token_silent([f"{client}/.default"], account=None)
    result = result or application.acquire_token_for_client([f"{client}/.default"])
    assert result["access_token"]


def test_an_application_of_the_destiny_repository(emulator: dict[str, str], origin: str) -> None:
    auth = OAuthMiddleware(
        azure_client_id=emulator["AZURE_APPLICATION_CLIENT_ID"],
        azure_application_id=DESTINY[1],
        azure_login_url=f"{origin}/{emulator['AZURE_DIRECTORY_TENANT_ID']}",
        azure_client_secret=emulator["AZURE_CLIENT_SECRET"],
    )
    assert destinepyauth.TokenResult(auth.source.token().access_token).decoded["aud"] == DESTINY[1]  # type: ignore[index]


def test_a_service_of_its_newer_realm(origin: str) -> None:
    job = {"client_id": "job", "client_secret": "a secret of the lake only"}
    auth = OAuthMiddleware(auth_url=f"{origin}/auth", realm="dedl", **job)  # type: ignore[arg-type]
    assert auth.source.token().expires_in > 0


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, "there is no environment given; env is one of production, staging, development"),
        ({"env": "prod"}, "there is no environment prod"),
        ({"client_id": "robot"}, "there is no environment robot"),
        ({"client_secret": "s"}, "client_secret needs the client_id"),
        ({"azure_client_id": "a"}, "Azure needs"),
        ({"azure_client_id": "a", "azure_application_id": "b", "azure_login_url": TENANT}, "no built-in profile has"),
        ({"azure_client_id": "a", "azure_application_id": "b", "use_managed_identity": True}, 'resource = "api://b"'),
    ],
)
def test_arguments_that_name_nobody_are_the_configuration_s(arguments: dict[str, object], text: str) -> None:
    with pytest.raises(authkeep.ConfigError, match=re.escape(text)):
        OAuthMiddleware(**arguments)  # type: ignore[arg-type]


def test_the_guide_of_disruptive_technologies(origin: str) -> None:
    assert "Cold store" in script("disruptive_guide.py", f"{origin}/v2")


def test_a_program_of_the_library_disruptive(origin: str) -> None:
    pytest.importorskip("disruptive")
    assert script("disruptive_library.py", f"{origin}/v2").count("['Cold store', 'Roof']") == 2


def test_the_account_of_a_program_is_the_one_that_it_names() -> None:
    wrong = Auth.service_account("emulatedkey000000000", "a wrong secret", "robot@emulated.serviceaccount.d21s.com")
    with pytest.raises(authkeep.Refused):
        wrong.get_token()
    right = Auth.init()
    first = right.get_token()
    right.refresh()
    assert right.get_token() != first
    with pytest.raises(ValueError, match="must not be empty"):
        Auth.service_account("", "a", "b")


@pytest.mark.usefixtures("ada")
def test_a_script_of_destinepyauth(origin: str, tmp_path: Path) -> None:
    said = script("destinepyauth_requests.py", f"{origin}/sso/auth/realms/highway/api/whoami")
    assert said == f"ada {origin}/sso/auth/realms/highway\n"
    found = netrc.netrc(tmp_path / ".netrc").authenticators("cacheb.dcms.destine.eu")
    assert found is not None
    assert found[0] == "anonymous"
    assert json.loads((tmp_path / ".polytopeapirc").read_text())["user_key"]


@pytest.mark.usefixtures("destine")
def test_destinepyauth_asks_at_the_terminal_and_only_once() -> None:
    text = "from authkeep.destinepyauth import get_token as t; print('TOKEN', len(str(t('cacheb'))) > 99)"
    for answers in [{"Username: ": "ada", "Password: ": "lovelace"}, {}]:
        child, terminal = pty.fork()
        if child == 0:
            os.execv(sys.executable, [sys.executable, "-c", text])  # noqa: S606
        shown = ""
        while "TOKEN True" not in shown:
            shown += os.read(terminal, 1000).decode()
            for question in [question for question in answers if shown.endswith(question)]:
                os.write(terminal, f"{answers.pop(question)}\n".encode())
                shown += "\n"
        assert answers == {}
        assert "lovelace" not in shown
        os.close(terminal)
        os.waitpid(child, 0)


@pytest.mark.usefixtures("destine")
def test_destinepyauth_without_a_terminal_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(authkeep.InteractionRequired, match="set DESPAUTH_USER and DESPAUTH_PASSWORD"):
        destinepyauth.get_token("cacheb")
    with pytest.raises(authkeep.InteractionRequired, match="set DESPAUTH_USER"):
        destinepyauth.get_token("polytope")
    with pytest.raises(authkeep.ConfigError, match="did you mean `highway`"):
        destinepyauth.get_token("highwy")
    with pytest.raises(destinepyauth.AuthenticationError, match="name a service"):
        destinepyauth.get_token()


@pytest.mark.usefixtures("ada")
def test_a_service_of_one_s_own_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("scope: openid\niam_client: edh-public\niam_redirect_uri: https://cacheb.dcms.destine.eu/\n")
    result = destinepyauth.get_token(config_path=str(file))
    assert result is not None
    assert result.decoded is not None
    assert str(result) not in repr(result)
    assert not hasattr(result, "refresh_token")


def test_the_listing_of_open_pectus(origin: str) -> None:
    assert script("pectus_headless.py", f"{origin}/pectus/api").startswith("<Response [200]>")


def test_a_client_of_azure_s_sdk() -> None:
    async def asynchronous() -> azure_identity.AccessToken:
        async with azure_identity.AsyncCredential("pectus") as credential:
            return await credential.get_token()

    with azure_identity.Credential("pectus") as credential:
        found = credential.get_token()
    assert found == asyncio.run(asynchronous())
    assert found.expires_on == int(authkeep.token("pectus").expires_at.timestamp())
    assert found.token not in repr(found)
    own = azure_identity.Credential("pectus").get_token("5ec70500-0000-4000-8000-000000009800/.default", tenant_id=None)
    assert own.token
    with pytest.raises(authkeep.InteractionRequired, match="run `auth login pectus`"):
        azure_identity.Credential("pectus").get_token(claims="{}")
