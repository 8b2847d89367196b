"""Tokens on requests: by requests, and by httpx, sync and async."""

from __future__ import annotations

import asyncio
import io
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Callable

import httpx
import pytest
import requests
import trio

import authkeep
import authkeep.httpx
import authkeep.requests

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Api, Runs

Send = Callable[..., int]


def by_requests(url: str, content: object = None, profile: object = "lab", **auth: Any) -> int:
    data: Any = content
    how: Any = authkeep.requests.Auth(profile, **auth)  # type: ignore[arg-type]
    return requests.post(url, data=data, auth=how, timeout=60).status_code


def by_httpx(url: str, content: object = None, profile: object = "lab", **auth: Any) -> int:
    data: Any = content
    how = authkeep.httpx.Auth(profile, **auth)  # type: ignore[arg-type]
    with httpx.Client(auth=how, follow_redirects=True, timeout=60) as client:
        return client.post(url, content=data).status_code


def by_httpx_async(
    url: str,
    content: object = None,
    profile: object = "lab",
    *,
    with_trio: bool = False,
    **auth: Any,
) -> int:
    data: Any = content
    how = authkeep.httpx.Auth(profile, **auth)  # type: ignore[arg-type]

    async def send() -> int:
        async with httpx.AsyncClient(auth=how, follow_redirects=True, timeout=60) as client:
            return (await client.post(url, content=data)).status_code

    return trio.run(send) if with_trio else asyncio.run(send())


def by_httpx_trio(url: str, content: object = None, profile: object = "lab", **auth: Any) -> int:
    return by_httpx_async(url, content, profile, with_trio=True, **auth)


each = pytest.mark.parametrize("send", [by_requests, by_httpx, by_httpx_async, by_httpx_trio])


@each
def test_a_request_has_the_token_on_it(send: Send, origin: str, api: Api) -> None:
    assert send(api.url, b"body") == 200
    assert api.seen == [("/", authkeep.token("lab").access_token, b"body")]
    assert requests.get(f"{origin}/api/whoami", auth=authkeep.requests.Auth("lab"), timeout=60).json()["sub"] == "robot"


@each
def test_a_refused_token_is_renewed_once_and_the_request_sent_again(send: Send, api: Api, runs: Runs) -> None:
    first = authkeep.token("lab").access_token
    api.refused = {first}
    assert send(api.url, b"body") == 200
    second = authkeep.token("lab").access_token
    assert api.seen == [("/", first, b"body"), ("/", second, b"body")]
    assert first != second
    assert send(api.url, b"body") == 200
    # The second asks whether another process has renewed it.
    assert [("--refresh" in run) for run in runs.all()] == [False, False, True]


@each
def test_what_another_process_renewed_is_not_renewed_again(send: Send, api: Api, runs: Runs) -> None:
    first = authkeep.token("lab").access_token
    api.refused = {first}
    other = authkeep.Source("lab")
    renewed = other.renew(other.token())
    assert renewed is not None
    assert send(api.url) == 200
    assert api.tokens() == [first, renewed.access_token]
    assert [run for run in runs.all() if "--refresh" in run][1:] == []


@each
def test_an_api_that_refuses_everything_costs_one_renewal(send: Send, api: Api, runs: Runs) -> None:
    api.refuses_all = True
    assert [send(api.url) for _ in range(5)] == [401] * 5
    assert len(api.seen) == 6
    assert len([run for run in runs.all() if "--refresh" in run]) == 1


@each
def test_a_stream_that_can_t_be_sent_again_is_not(send: Send, api: Api, caplog: pytest.LogCaptureFixture) -> None:
    api.refused = {authkeep.token("lab").access_token}
    body: Any = (piece for piece in [b"bo", b"dy"])
    if send in {by_httpx_async, by_httpx_trio}:
        body = slowly([b"bo", b"dy"])
    with caplog.at_level(logging.WARNING, "authkeep"):
        assert send(api.url, body) == 401
    assert [body for _, _, body in api.seen] == [b"body"]
    assert "its body is a stream; the next request has another token" in caplog.text
    assert send(api.url, b"body") == 200


def test_a_file_is_sent_again_from_where_it_began(api: Api, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"header body")
    for file in [io.BytesIO(b"header body"), (tmp_path / "data").open("rb")]:
        api.refused = {authkeep.token("lab").access_token}
        api.seen = []
        with file:
            file.seek(7)
            assert by_requests(api.url, file, authkeep.Source("lab")) == 200
        assert [body for _, _, body in api.seen] == [b"body", b"body"]
        authkeep.source("lab").discard(authkeep.token("lab"))


@each
def test_a_header_of_its_own_has_no_scheme(send: Send, api: Api) -> None:
    sent: list[str] = []
    token = authkeep.token("pectus").access_token
    assert send(api.url, None, "pectus", header="X-Identity") == 200
    assert send(api.url, None, "lab", scheme="Token") == 200
    sent += [str(seen) for seen in api.tokens()]
    assert sent == [token, authkeep.token("lab").access_token]


@each
@pytest.mark.parametrize("url", ["http://api.example.org/", "http://10.0.0.1/", "http://localhost.example.org/"])
def test_no_token_goes_where_others_can_read_it(send: Send, url: str) -> None:
    with pytest.raises(authkeep.ConfigError, match="use https"):
        send(url)


@each
def test_no_token_follows_to_another_server(send: Send, api: Api, runs: Runs) -> None:
    assert send(f"{api.url}/leave") == 401
    assert api.tokens()[1] is None
    if send is by_requests:
        assert send(f"{api.url}/leave", None, "lab", header="X-Identity") == 401
        assert api.tokens()[3] is None
    # Nor is one renewed because another server refused to do without.
    assert len(runs.all()) == 1


@pytest.mark.parametrize("header", ["Authorization", "X-Identity"])
def test_no_token_follows_an_answer_to_a_request_that_was_sent_again(header: str, api: Api) -> None:
    first = authkeep.token("lab").access_token
    api.refused = {first}
    assert by_requests(f"{api.url}/leave", header=header) == 401
    second = authkeep.token("lab").access_token
    assert api.tokens() == [first, second, None]


@each
def test_what_follows_a_request_that_was_sent_again_has_the_new_token(send: Send, api: Api) -> None:
    first = authkeep.token("lab").access_token
    api.refused, api.other = {first}, api.url
    assert send(f"{api.url}/leave") == 200
    second = authkeep.token("lab").access_token
    assert api.tokens() == [first, second, second]


def test_a_crowd_that_is_refused_renews_once(api: Api, runs: Runs) -> None:
    api.refused = {authkeep.token("lab").access_token}
    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda _: by_requests(api.url, b"body"), range(20)))
    assert statuses == [200] * 20
    assert len([run for run in runs.all() if "--refresh" in run]) == 1


def test_a_crowd_of_tasks_that_is_refused_renews_once(api: Api, runs: Runs) -> None:
    api.refused = {authkeep.token("lab").access_token}

    async def crowd() -> list[int]:
        async with httpx.AsyncClient(auth=authkeep.httpx.Auth("lab"), timeout=60) as client:
            answers = await asyncio.gather(*(client.get(api.url) for _ in range(20)))
            return [answer.status_code for answer in answers]

    assert asyncio.run(crowd()) == [200] * 20
    assert len([run for run in runs.all() if "--refresh" in run]) == 1


@each
def test_a_renewal_that_fails_says_what_to_do(send: Send, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.refused = {authkeep.token("lab").access_token}
    monkeypatch.setenv("AUTH_LAB_CLIENT_SECRET", "wrong")
    with pytest.raises(authkeep.Refused):
        send(api.url)


def test_a_session_keeps_its_cookies_and_its_connection(api: Api) -> None:
    with requests.Session() as session:
        session.auth = authkeep.requests.Auth("lab")
        api.refused = {authkeep.token("lab").access_token}
        answer = session.get(api.url, timeout=60)
        assert answer.status_code == 200
        assert [earlier.status_code for earlier in answer.history] == [401]


async def slowly(pieces: list[bytes]) -> Any:
    for piece in pieces:
        yield piece
