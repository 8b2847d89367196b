"""Tokens on the requests of httpx, sync and async: `httpx.Client(auth=Auth("lab"))`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from authkeep._header import Header, Origin, sourced, unrepeatable
from authkeep._program import logger

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from authkeep._source import Source
    from authkeep._token import Token


class Auth(httpx.Auth):
    """The token of a profile, or of a source, on each request; after a 401 once more with another one.

    It goes by https, or to this machine.
    """

    def __init__(
        self,
        profile: str | Source,
        *,
        header: str = "Authorization",
        scheme: str | None = None,
    ) -> None:
        """Another header than `Authorization`, such as `X-Identity`, has no scheme unless one is named.

        httpx leaves such a header on when it follows an answer to another server, which it does only if told to.
        """
        self.source = sourced(profile)
        self._header = Header(header, scheme)

    def sync_auth_flow(
        self,
        request: httpx.Request,
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """What `httpx.Client` calls."""
        origin = Origin.safe(str(request.url))
        token = self.source.token()
        self._header.put(token, request.headers)
        response = yield request
        if self._is_worth_another(token, origin, response, request):
            other = self.source.renew(token)
            if other is not None:
                self._header.put(other, request.headers)
                yield request

    async def async_auth_flow(
        self,
        request: httpx.Request,
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """What `httpx.AsyncClient` calls."""
        origin = Origin.safe(str(request.url))
        token = await self.source.token_async()
        self._header.put(token, request.headers)
        response = yield request
        if self._is_worth_another(token, origin, response, request):
            other = await self.source.renew_async(token)
            if other is not None:
                self._header.put(other, request.headers)
                yield request

    def _is_worth_another(
        self,
        token: Token,
        origin: Origin,
        response: httpx.Response,
        request: httpx.Request,
    ) -> bool:
        is_refused = response.status_code == httpx.codes.UNAUTHORIZED
        is_theirs = Origin.of(str(response.request.url)) == origin
        if not (is_refused and is_theirs and self.source.discard(token)):
            return False
        try:
            _ = request.content
        except httpx.RequestNotRead:
            logger.warning(unrepeatable(self.source.profile))
            return False
        return True
