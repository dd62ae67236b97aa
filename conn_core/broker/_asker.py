"""Asking a server that has the real broker, over REST: the wire, and whose bearer."""

import contextlib
import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import quote, urlencode

from .._secret import Secret
from .._values import Page
from ..errors import error_from_json
from ._bearers import BearerSource, bearer_of_handle, door_of_handle, no_door
from ._wire import Reply, Wire

Answer = TypeVar("Answer")

_TIMEOUT: Final = 10.0
#: Where the server itself waits for a provider, which has 30 seconds.
PATIENT: Final = 40.0
#: Says from which notebook or job a request comes; percent-encoded.
PLACE_HEADER: Final = "X-Connections-Place"
_LONGEST_PLACE: Final = 300


class Asker:
    """Sends questions to one server, and reads answers.

    Args:
        endpoint: The server's address, ending in ``connections/``.
        runtime_dir: Where the server left the bearer; read when it is needed, and
            again when the server no longer takes it because it was restarted.
        bearer: Finds the bearer where no server of this machine left it.
        timeout: Seconds to wait for an answer.
        place: The notebook or job that asks.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        runtime_dir: str | Path = "",
        bearer: BearerSource | None = None,
        timeout: float = _TIMEOUT,
        place: str = "",
    ) -> None:
        self._endpoint = endpoint if endpoint.endswith("/") else f"{endpoint}/"
        self._find_bearer = bearer or bearer_of_handle(runtime_dir, endpoint)
        door = no_door if bearer else door_of_handle(runtime_dir, endpoint)
        self._timeout = timeout
        self._place = quote(place[-_LONGEST_PLACE:], safe="/")
        self._wire = Wire(self._endpoint, timeout=timeout, door=door)
        self._bearer: Secret | None = None

    def __reduce__(self) -> NoReturn:
        msg = "brokers are opened where they are needed: they hold a bearer"
        raise TypeError(msg)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._wire.close()

    def _get(
        self, path: str, *, into: Callable[[dict[str, Any]], Answer], **query: object
    ) -> Answer:
        given = {name: value for name, value in query.items() if value is not None}
        question = f"?{urlencode(given)}" if given else ""
        return self._send("GET", path + question, repeatable=True, into=into)

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        into: Callable[[dict[str, Any]], Answer],
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
        timeout: float | None = None,
    ) -> Answer:
        """Send a request and read the answer.

        Raises:
            ConnectionsError: The error of the answer, or that there is none.
        """
        question = functools.partial(
            self._wire.ask,
            method,
            f"api/v1/{path}",
            content=None if body is None else json.dumps(body).encode(),
            repeatable=repeatable,
            timeout=timeout or self._timeout,
        )
        known = self._bearer
        bearer = known or self._read_bearer()
        reply = question(headers=self._headers(bearer, headers))
        if reply.status in {401, 403} and known is not None:
            # The server may have been restarted since: its handle has a new bearer.
            bearer = self._read_bearer()
            if not known.same_as(bearer.reveal()):
                reply = question(headers=self._headers(bearer, headers))
        return _read(reply, into)

    def _bearer_to_show(self, refused: Secret | None) -> Secret:
        """Return what to show the server; read anew where that is what it refused."""
        known = self._bearer
        if known is None or (refused is not None and known.same_as(refused.reveal())):
            return self._read_bearer()
        return known

    def _read_bearer(self) -> Secret:
        self._bearer = self._find_bearer()
        return self._bearer

    def _headers(
        self, bearer: Secret, more: Mapping[str, str] | None
    ) -> dict[str, str]:
        place = {PLACE_HEADER: self._place} if self._place else {}
        return {
            "Authorization": f"Bearer {bearer.reveal()}",
            "Accept": "application/json",
            "Content-Type": "application/json",
            **place,
            **(more or {}),
        }


def _read(reply: Reply, into: Callable[[dict[str, Any]], Answer]) -> Answer:
    if 200 <= reply.status < 300:
        with contextlib.suppress(AttributeError, KeyError, TypeError, ValueError):
            return into(reply.body or {})
    raise error_from_json(reply.body or {}, status=reply.status)


def nothing(_: dict[str, Any]) -> None:
    """Read an answer without a body."""


def part(text: str) -> str:
    """Return a text as one part of a path."""
    return quote(text, safe="")


def path_of(name: str, *rest: str) -> str:
    """Return the path of a connection, or of something below it."""
    return "/".join(("connections", part(name), *rest))


def page(
    body: Mapping[str, Any], read: Callable[[dict[str, Any]], Answer]
) -> Page[Answer]:
    """Read a list."""
    items = tuple(read(item) for item in body["items"])
    return Page(
        items=items,
        next_cursor=body.get("next_cursor"),
        total=body.get("total", len(items)),
    )


def if_match(version: int | None) -> dict[str, str]:
    """Return the header that names the version that was read (RFC 9110 13.1.1)."""
    return {} if version is None else {"If-Match": f'"{version}"'}
