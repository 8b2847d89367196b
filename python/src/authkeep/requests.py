"""Tokens on the requests of the library requests: `requests.get(url, auth=Auth("lab"))`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from requests.auth import AuthBase
from requests.cookies import extract_cookies_to_jar

from authkeep._header import Header, Origin, sourced, unrepeatable
from authkeep._program import logger

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

    from authkeep._source import Source
    from authkeep._token import Token


class Auth(AuthBase):
    """The token of a profile, or of a source, on each request; after a 401 once more with another one.

    It goes by https, or to this machine, and to no other server that an answer leads to.
    """

    def __init__(
        self,
        profile: str | Source,
        *,
        header: str = "Authorization",
        scheme: str | None = None,
    ) -> None:
        """Another header than `Authorization`, such as `X-Identity`, has no scheme unless one is named."""
        self.source = sourced(profile)
        self._header = Header(header, scheme)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Puts the token on."""
        origin = Origin.safe(request.url or "")
        token = self.source.token()
        self._header.put(token, request.headers)
        answered = partial(self._answered, token, origin, _position(request.body))
        request.register_hook("response", answered)  # type: ignore[no-untyped-call]
        return request

    def _answered(
        self,
        token: Token,
        origin: Origin,
        position: int | None,
        response: Response,
        **options: Any,  # noqa: ANN401
    ) -> Response:
        request = response.request
        if Origin.of(request.url or "") != origin:
            return response
        self._take_off(request, response, origin)
        if response.status_code != UNAUTHORIZED or not self.source.discard(token):
            return response
        if not _rewound(request.body, position):
            logger.warning(unrepeatable(self.source.profile))
            return response
        # The connection is free again only when the answer has been read.
        _ = response.content
        response.close()
        other = self.source.renew(token)
        if other is None:
            return response
        # Where an answer leads on, Requests goes there with a copy of this one.
        self._header.put(other, request.headers)
        again = request.copy()
        cookies = again._cookies  # type: ignore[attr-defined]  # noqa: SLF001
        extract_cookies_to_jar(cookies, request, response.raw)  # type: ignore[no-untyped-call]
        again.headers.pop("Cookie", None)
        again.prepare_cookies(cookies)
        answer: Response = response.connection.send(again, **options)
        answer.history.append(response)
        answer.request = again
        self._take_off(request, answer, origin)
        return answer

    def _take_off(self, request: PreparedRequest, response: Response, origin: Origin) -> None:
        """Requests takes only `Authorization` off where an answer to a request leads to another server."""
        if not response.is_redirect:
            return
        leads_to = urljoin(response.url, response.headers["location"])
        if Origin.of(leads_to) != origin:
            request.headers.pop(self._header.name, None)


def _position(body: object) -> int | None:
    """Where a body begins, or `None` if it can't be sent twice."""
    if body is None or isinstance(body, (str, bytes)):
        return 0
    try:
        return int(body.tell())  # type: ignore[attr-defined]
    except (AttributeError, OSError):
        return None


def _rewound(body: Any, position: int | None) -> bool:  # noqa: ANN401
    """Whether the body is where it began."""
    if position is None:
        return False
    if not (body is None or isinstance(body, (str, bytes))):
        body.seek(position)
    return True


UNAUTHORIZED = 401
