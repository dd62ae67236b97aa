"""The broker that asks a server which has the real one, over REST."""

import contextlib
import dataclasses
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote, urlencode

from .. import auth
from .._secret import Secret
from .._values import (
    AccessToken,
    AskedWay,
    Authorization,
    BrokerStatus,
    Connection,
    Event,
    Group,
    Page,
    Status,
    TestResult,
)
from ..errors import BrokerUnavailable, error_from_json
from ._handle import read_handle
from ._wire import Reply, Wire

if TYPE_CHECKING:  # pydantic is not paid for on the kernel's hot path
    from .._drafts import ClientRegistration, ConnectionDraft, ConnectionEdit
    from .._services import Service

Answer = TypeVar("Answer")

_TIMEOUT: Final = 10.0
#: Where the server itself waits for a provider, which has 30 seconds.
_PATIENT: Final = 40.0


class RemoteBroker:
    """Asks a server. See ``Broker`` for what each method promises.

    Args:
        endpoint: The server's address, ending in ``connections/``.
        runtime_dir: Where the server left the bearer; read when it is needed, and
            again when the server no longer takes it because it was restarted.
        timeout: Seconds to wait for an answer.
    """

    def __init__(
        self, endpoint: str, *, runtime_dir: str | Path, timeout: float = _TIMEOUT
    ) -> None:
        self._endpoint = endpoint if endpoint.endswith("/") else f"{endpoint}/"
        self._given_endpoint = endpoint
        self._runtime_dir = runtime_dir
        self._timeout = timeout
        self._wire = Wire(self._endpoint, timeout=timeout)
        self._bearer: Secret | None = None

    def __repr__(self) -> str:
        return f"<RemoteBroker at {self._endpoint}>"

    def close(self) -> None:
        """Close the connections that are kept."""
        self._wire.close()

    def status(self) -> BrokerStatus:
        """Say where credentials come from, and as whom."""
        found = self._get("status", into=BrokerStatus.from_json)
        return dataclasses.replace(found, kind="server", location=self._endpoint)

    # --- services ---------------------------------------------------------------------

    def services(
        self,
        query: str = "",
        *,
        predefined: bool | None = None,
        category: str | None = None,
        cursor: str | None = None,
        limit: int = 24,
    ) -> "Page[Service]":
        """Search the services; best matches first."""
        only = None if predefined is None else str(predefined).lower()
        return self._get(
            "services",
            into=lambda body: _page(body, _service),
            q=query or None,
            predefined=only,
            category=category,
            cursor=cursor,
            limit=limit,
        )

    def categories(self) -> tuple[str, ...]:
        """Return the categories that have services, in the order to show them."""
        return self._get("categories", into=lambda body: tuple(map(str, body["items"])))

    def service(self, service_id: str) -> "Service":
        """Return one service, with ``redirect_uri`` and ``registered`` filled in."""
        return self._get(f"services/{_part(service_id)}", into=_service)

    def register_client(
        self, service_id: str, registration: "ClientRegistration"
    ) -> "Service":
        """Keep the client id and secret of a service; a secret left out is kept."""
        body = {"client_id": registration.client_id}
        if registration.client_secret is not None:
            body["client_secret"] = registration.client_secret.get_secret_value()
        path = f"services/{_part(service_id)}/registration"
        return self._send("PUT", path, body, into=_service)

    # --- connections ------------------------------------------------------------------

    def connections(
        self,
        query: str = "",
        *,
        group: Group | None = None,
        service: str | None = None,
        status: Status | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[Connection]:
        """List the connections the person may see, by name."""
        return self._get(
            "connections",
            into=lambda body: _page(body, Connection.from_json),
            q=query or None,
            group=group,
            service=service,
            status=status,
            cursor=cursor,
            limit=limit,
        )

    def connection(self, name: str) -> Connection:
        """Return one connection."""
        return self._get(_path(name), into=Connection.from_json)

    def create(self, draft: "ConnectionDraft") -> Connection:
        """Create a connection; it needs authorization next."""
        body = draft.model_dump(mode="json", exclude_none=True, exclude={"secret"})
        if draft.secret:
            body["secret"] = {n: s.get_secret_value() for n, s in draft.secret.items()}
        return self._send("POST", "connections", body, into=Connection.from_json)

    def edit(
        self, name: str, change: "ConnectionEdit", *, version: int | None = None
    ) -> Connection:
        """Change name or scopes; new scopes need authorization again."""
        body = change.model_dump(mode="json", exclude_none=True)
        expected = {} if version is None else {"If-Match": f'"{version}"'}
        return self._send(
            "PATCH", _path(name), body, headers=expected, into=Connection.from_json
        )

    def refresh(self, name: str) -> Connection:
        """Obtain a new access token now."""
        return self._change(name, "refresh", timeout=_PATIENT)

    def test(self, name: str, *, timeout: float = 10) -> TestResult:
        """Make one harmless call; never changes a token."""
        return self._send(
            "POST",
            _path(name, "test"),
            {"timeout": timeout},
            timeout=timeout + self._timeout,
            into=TestResult.from_json,
        )

    def revoke(self, name: str) -> Connection:
        """Suspend at once, everywhere, reversibly."""
        return self._change(name, "revoke")

    def enable(self, name: str) -> Connection:
        """Undo ``revoke``; no new authorization is needed."""
        return self._change(name, "enable")

    def delete(self, name: str) -> None:
        """Delete the connection and everybody's credentials of it."""
        self._send("DELETE", _path(name), timeout=_PATIENT, into=_nothing)

    def events(self, name: str, *, limit: int = 20) -> tuple[Event, ...]:
        """Return the latest events of a connection, newest first."""
        page: Page[Event] = self._get(
            _path(name, "events"),
            into=lambda body: _page(body, Event.from_json),
            limit=limit,
        )
        return page.items

    # --- authorizations and tokens ----------------------------------------------------

    def authorize(
        self,
        name: str,
        *,
        flow: AskedWay = "auto",
        secret: Mapping[str, str] | None = None,
    ) -> Authorization:
        """Begin an authorization; open ``start_url``, then ask ``authorization``."""
        body: dict[str, Any] = {"flow": flow}
        if secret is not None:
            body["secret"] = dict(secret)
        return self._send(
            "POST",
            _path(name, "authorizations"),
            body,
            timeout=_PATIENT,
            into=Authorization.from_json,
        )

    def paste(self, flow: str, address: str) -> Authorization:
        """Finish an authorization with the address that the browser was sent to."""
        return self._send(
            "POST",
            f"authorizations/{_part(flow)}/paste",
            {"address": address},
            timeout=_PATIENT,
            into=Authorization.from_json,
        )

    def authorization(self, flow: str) -> Authorization:
        """Say how far an authorization is."""
        path = f"authorizations/{_part(flow)}"
        return self._get(path, into=Authorization.from_json)

    def cancel(self, flow: str) -> None:
        """Give an authorization up."""
        self._send("DELETE", f"authorizations/{_part(flow)}", into=_nothing)

    def access_token(
        self, name: str, *, require: Sequence[str] = (), rejected: int | None = None
    ) -> AccessToken:
        """Vend a token that works now, refreshing it when needed."""
        question = {"require": list(require), "rejected": rejected}
        # Repeatable: the generation keeps the server from refreshing twice.
        return self._send(
            "POST",
            _path(name, "token"),
            question,
            repeatable=True,
            timeout=_PATIENT,
            into=AccessToken.from_json,
        )

    def sign(
        self,
        name: str,
        *,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> dict[str, str]:
        """Return headers that sign one request; only what is signed travels."""
        request = auth.Outgoing(method=method, url=url, headers=headers, body=body)
        question = {
            "method": method,
            "url": url,
            "content_type": auth.form_type(request),
            "form": auth.form_to_sign(request, link_name=name),
        }
        return self._send(
            "POST", _path(name, "sign"), question, repeatable=True, into=_signed
        )

    # --- the wire ---------------------------------------------------------------------

    def _change(
        self, name: str, verb: str, *, timeout: float | None = None
    ) -> Connection:
        return self._send(
            "POST", _path(name, verb), {}, timeout=timeout, into=Connection.from_json
        )

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
        reply = question(headers=_headers(bearer, headers))
        if reply.status in {401, 403} and known is not None:
            # The server may have been restarted since: its handle has a new bearer.
            bearer = self._read_bearer()
            if not known.same_as(bearer.reveal()):
                reply = question(headers=_headers(bearer, headers))
        return _read(reply, into)

    def _read_bearer(self) -> Secret:
        try:
            handle = read_handle(self._runtime_dir, self._given_endpoint)
        except PermissionError as error:
            raise BrokerUnavailable(
                f"The key to the server is not trusted: {error}", "Run %conn env"
            ) from None
        if handle is None:
            raise BrokerUnavailable(
                "The server is not running any more, or has left no key for this kernel",
                "Run %conn env",
            )
        self._bearer = handle.bearer
        return handle.bearer


def _headers(bearer: Secret, more: Mapping[str, str] | None) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {bearer.reveal()}",
        "Accept": "application/json",
        "Content-Type": "application/json",
        **(more or {}),
    }


def _read(reply: Reply, into: Callable[[dict[str, Any]], Answer]) -> Answer:
    if 200 <= reply.status < 300:
        with contextlib.suppress(AttributeError, KeyError, TypeError, ValueError):
            return into(reply.body or {})
    raise error_from_json(reply.body or {}, status=reply.status)


def _nothing(_: dict[str, Any]) -> None:
    """Read an answer without a body."""


def _signed(body: dict[str, Any]) -> dict[str, str]:
    return {str(name): str(text) for name, text in body["headers"].items()}


def _part(text: str) -> str:
    return quote(text, safe="")


def _path(name: str, *rest: str) -> str:
    return "/".join(("connections", _part(name), *rest))


def _page(
    body: Mapping[str, Any], read: Callable[[dict[str, Any]], Answer]
) -> Page[Answer]:
    items = tuple(read(item) for item in body["items"])
    return Page(
        items=items,
        next_cursor=body.get("next_cursor"),
        total=body.get("total", len(items)),
    )


def _service(body: Mapping[str, Any]) -> "Service":
    from .._services import Service  # noqa: PLC0415 - pydantic, only where it is needed

    return Service.model_validate(body)
