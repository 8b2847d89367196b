"""How idpyoidc is set up: code with PKCE, refresh, token exchange, userinfo, introspection; access tokens are
signed with ES256, ID tokens with RS256."""

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
PERSON = {"preferred_username": "diana", "email": "diana@example.org", "name": "Diana"}
BASIC = {"client_authn_method": ["client_secret_basic", "client_secret_post"]}
SERVER = "idpyoidc.server"
KEYS = [{"type": "RSA", "use": ["sig"]}, {"type": "EC", "crv": "P-256", "use": ["sig"]}]
HIDDEN = {
    "keys": {"key_defs": [{"type": "OCT", "use": ["enc"], "kid": kid} for kid in ["password", "salt"]]},
    "iterations": 1,
}


def configuration(issuer):
    return {
        "issuer": issuer,
        "base_url": issuer,
        "httpc_params": {"verify": True, "timeout": 5},
        "keys": {"uri_path": "jwks.json", "key_defs": KEYS},
        "preference": {
            "subject_types_supported": ["public"],
            "grant_types_supported": ["authorization_code", "refresh_token", EXCHANGE],
        },
        "cookie_handler": {
            "class": f"{SERVER}.cookie_handler.CookieHandler",
            "kwargs": {
                "keys": {"key_defs": [{"type": "oct", "kid": use, "use": [use], "bytes": 32} for use in ["sig", "enc"]]}
            },
        },
        "endpoint": endpoints(),
        "add_on": {
            "pkce": {
                "function": f"{SERVER}.oauth2.add_on.pkce.add_support",
                "kwargs": {"essential": True, "code_challenge_methods": {"S256": {}}},
            }
        },
        "authentication": {
            "anon": {"acr": "0", "class": f"{SERVER}.user_authn.user.NoAuthn", "kwargs": {"user": "diana"}}
        },
        "userinfo": {"class": f"{SERVER}.user_info.UserInfo", "kwargs": {"db": {"diana": PERSON}}},
        "authz": {"class": f"{SERVER}.authz.AuthzHandling", "kwargs": {"grant_config": grants()}},
        "token_handler_args": tokens(),
        "session_params": {"encrypter": {"kwargs": HIDDEN}},
    }


def endpoints():
    def endpoint(path, name, **kwargs):
        return {"path": path, "class": f"{SERVER}.{name}", "kwargs": kwargs}

    methods = [*BASIC["client_authn_method"], "none"]
    return {
        "provider_config": endpoint(
            ".well-known/openid-configuration", "oidc.provider_config.ProviderConfiguration"
        ),
        "authorization": endpoint("authorization", "oidc.authorization.Authorization"),
        "token": endpoint("token", "oidc.token.Token", client_authn_method=methods),
        "introspection": endpoint("introspection", "oauth2.introspection.Introspection", **BASIC),
        "userinfo": endpoint("userinfo", "oidc.userinfo.UserInfo"),
    }


def grants():
    def makes(*tokens, **more):
        return {"supports_minting": list(tokens), **more}

    rules = {
        "authorization_code": makes("access_token", "refresh_token", "id_token", max_usage=1),
        "access_token": makes("access_token", "refresh_token", expires_in=600),
        "refresh_token": makes("access_token", "refresh_token", "id_token", expires_in=43200),
    }
    return {"usage_rules": rules, "expires_in": 43200}


def tokens():
    def jwt(lifetime):
        kwargs = {"lifetime": lifetime, "add_claims_by_scope": True}
        return {"class": f"{SERVER}.token.jwt_token.JWTToken", "kwargs": kwargs}

    return {
        "code": {"lifetime": 600, "kwargs": {"crypt_conf": {"kwargs": HIDDEN}}},
        "token": jwt(600),
        "refresh": jwt(3600),
        "id_token": {"class": f"{SERVER}.token.id_token.IDToken", "kwargs": {}},
    }
