"""slack_sdk: its requests are carried, so that no token is in it or its answers."""

import io
from email.message import Message
from typing import TYPE_CHECKING, Any, cast
from urllib.error import HTTPError
from urllib.request import Request

from slack_sdk import WebClient

from ._by_name import ByName
from ._context import Context

if TYPE_CHECKING:
    from conn_core.http import CarriedAnswer


def slack(context: Context) -> "ConnectedSlack":
    """Return a ``slack_sdk.WebClient``.

    Args:
        context: The connection.
    """
    return ConnectedSlack(context)


class ConnectedSlack(ByName, WebClient):
    """A ``WebClient`` without a token: one is added to each request on the way out."""

    adapter = "slack"

    def __init__(self, context: Context) -> None:
        super().__init__(
            base_url=context.base_url, timeout=max(1, round(context.timeout))
        )
        self.context = context
        self.proxy = None  # the environment is not listened to

    def _perform_urllib_http_request_internal(
        self, url: str, req: Request
    ) -> dict[str, Any]:
        """Send what urllib would send; the one place where the client does.

        Should slack_sdk send elsewhere one day, its requests go out without a token.

        Raises:
            HTTPError: As urllib does, for what is no success.
        """
        with self.context.courier.carry(
            req.get_method(),
            url,
            headers=req.header_items(),
            body=cast("bytes", req.data or b""),
            timeout=self.timeout,
        ) as answer:
            return _read(answer, url)


def _read(answer: "CarriedAnswer", url: str) -> dict[str, Any]:
    headers, body = Message(), answer.read()
    for name, value in answer.headers:
        headers[name] = value
    if not 200 <= answer.status < 300:
        raise HTTPError(url, answer.status, answer.reason, headers, io.BytesIO(body))
    text: str | bytes = body
    if headers.get_content_type() != "application/gzip":
        text = body.decode(headers.get_content_charset() or "utf-8")
    return {"status": answer.status, "headers": headers, "body": text}
