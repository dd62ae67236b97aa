"""A scripted API behind the tasks: it answers what it was told to, and keeps the requests."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from conn_core import Connection
from conn_magics.tasks import _task


@dataclass
class ScriptedApi:
    """Answers requests in order; a request that nobody scripted fails the test."""

    base_url: str = ""
    answers: list[tuple[int, Any]] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    opened: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def will_answer(self, *bodies: Any, status: int = 200) -> None:
        """Script the next answers."""
        self.answers += [(status, body) for body in bodies]

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.requests.append(request)
        status, body = self.answers.pop(0)
        return httpx.Response(status, json=body)

    def client(self, name: str, **options: Any) -> httpx.Client:
        """Return a client as ``open_client`` would."""
        self.opened.append((name, options))
        return httpx.Client(
            base_url=self.base_url, transport=httpx.MockTransport(self.answer)
        )

    @property
    def body(self) -> Any:
        """The last request's JSON."""
        return json.loads(self.requests[-1].content)

    @property
    def line(self) -> str:
        """The last request's method and address."""
        request = self.requests[-1]
        return f"{request.method} {request.url}"


class InternalBroker:
    """A broker that makes internal connections and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...], dict[str, str] | None]] = []

    def internal_connection(
        self, service_id: str, *, scopes: Any = (), parameters: Any = None
    ) -> Connection:
        """Return a connected internal connection."""
        self.asked.append((service_id, tuple(scopes), parameters))
        return Connection(
            link_name=f"{service_id}-tasks",
            name="Tasks",
            service=service_id,
            service_name=service_id,
            status="connected",
            group="internal",
        )


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> InternalBroker:
    """Return the broker that tasks find."""
    found = InternalBroker()
    monkeypatch.setattr(_task.Desk, "broker", property(lambda _: found))
    return found


@pytest.fixture
def api(
    monkeypatch: pytest.MonkeyPatch, broker: InternalBroker
) -> Callable[[str], ScriptedApi]:
    """Return a maker of scripted APIs that stand at an address."""
    del broker

    def at(base_url: str) -> ScriptedApi:
        scripted = ScriptedApi(base_url=base_url)
        monkeypatch.setattr(_task, "open_client", scripted.client)
        return scripted

    return at
