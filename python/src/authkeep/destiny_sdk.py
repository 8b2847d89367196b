"""For scripts that were written for the SDK of the DESTINY repository: `OAuthMiddleware` for its `OAuthClient`."""

from __future__ import annotations

from authkeep._entra import application, person, revealed
from authkeep._error import ConfigError
from authkeep._program import Variables
from authkeep._shared import source
from authkeep._source import Source
from authkeep.httpx import Auth


class OAuthMiddleware(Auth):
    """The `auth` of the SDK's client, and of any other of httpx.

    A person logs in once, with `auth login destiny`, or `auth login destiny-azure` where the arguments are Azure's.
    """

    def __init__(  # noqa: PLR0913
        self,
        env: str | None = None,
        auth_url: str = "https://auth.evidence-repository.org",
        realm: str = "destiny",
        client_id: str | None = None,
        client_secret: object = None,
        *,
        azure_client_id: str | None = None,
        azure_application_id: str | None = None,
        azure_login_url: object = None,
        azure_client_secret: object = None,
        use_managed_identity: bool = False,
    ) -> None:
        """The arguments are those of the SDK, of its earlier versions too."""
        if use_managed_identity:
            raise ConfigError(_managed_identity(azure_client_id, azure_application_id))
        if azure_client_id or azure_application_id or azure_login_url or azure_client_secret:
            if not (azure_client_id and azure_application_id and azure_login_url):
                msg = "Azure needs azure_client_id, azure_application_id and azure_login_url"
                raise ConfigError(msg)
            scope = [f"api://{azure_application_id}/.default"]
            client, url = azure_client_id, str(azure_login_url)
            if azure_client_secret:
                found = application("destiny-azure", client, url, azure_client_secret, scope)
            else:
                found = person(client, url, scope)
        elif client_secret:
            found = _service(client_id, f"{auth_url.rstrip('/')}/realms/{realm}", client_secret)
        else:
            found = source(_environment(env, client_id))
        super().__init__(found)


def _service(client_id: str | None, issuer: str, secret: object) -> Source:
    if not client_id:
        msg = "client_secret needs the client_id that it belongs to"
        raise ConfigError(msg)
    variables = Variables(
        AUTH_DESTINY_ISSUER=issuer,
        AUTH_DESTINY_CLIENT_ID=client_id,
        AUTH_DESTINY_CLIENT_SECRET=revealed(secret),
    )
    return Source("destiny", scope="openid", variables=variables)


def _environment(env: str | None, client_id: str | None) -> str:
    name = env or (client_id or "").replace("destiny-auth-client-", "", 1)
    if name not in ENVIRONMENTS:
        msg = f"there is no environment {name or 'given'}; env is one of {', '.join(ENVIRONMENTS)}"
        raise ConfigError(msg)
    return ENVIRONMENTS[name]


def _managed_identity(client_id: str | None, application_id: str | None) -> str:
    return (
        'a managed identity is a profile: write [profile.NAME] with kind = "managed-identity",'
        f' client-id = "{client_id}", resource = "api://{application_id}" into auth/config.toml,'
        ' and use authkeep.httpx.Auth("NAME")'
    )


ENVIRONMENTS = {
    "production": "destiny",
    "staging": "destiny-staging",
    "development": "destiny-development",
}
