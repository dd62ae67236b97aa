"""The remote broker's connections: found, created, changed, and where they are used."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._values import (
    Connection,
    Event,
    Group,
    Page,
    Status,
    TestResult,
    Use,
)
from ._asker import PATIENT, Asker, if_match, page, part, path_of

if TYPE_CHECKING:  # pydantic is not paid for on the kernel's hot path
    from .._drafts import ConnectionDraft, ConnectionEdit


class RemoteConnections(Asker):
    """The part of ``RemoteBroker`` that is about connections."""

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
            into=lambda body: page(body, Connection.from_json),
            q=query or None,
            group=group,
            service=service,
            status=status,
            cursor=cursor,
            limit=limit,
        )

    def connection(self, name: str) -> Connection:
        """Return one connection."""
        return self._get(path_of(name), into=Connection.from_json)

    def create(self, draft: "ConnectionDraft") -> Connection:
        """Create a connection; it needs authorization next."""
        body = draft.model_dump(
            mode="json", exclude_none=True, exclude_unset=True, exclude={"secret"}
        )
        if draft.secret:
            body["secret"] = {n: s.get_secret_value() for n, s in draft.secret.items()}
        return self._send("POST", "connections", body, into=Connection.from_json)

    def internal_connection(
        self,
        service_id: str,
        *,
        scopes: Sequence[str] = (),
        parameters: Mapping[str, str] | None = None,
    ) -> Connection:
        """Return the person's internal connection of a service; made at first use."""
        return self._send(
            "PUT",
            f"internal-connections/{part(service_id)}",
            {"scopes": list(scopes), "parameters": dict(parameters or {})},
            repeatable=True,
            into=Connection.from_json,
        )

    def edit(
        self, name: str, change: "ConnectionEdit", *, version: int | None = None
    ) -> Connection:
        """Change name or scopes; new scopes need authorization again."""
        body = change.model_dump(mode="json", exclude_none=True)
        return self._send(
            "PATCH",
            path_of(name),
            body,
            headers=if_match(version),
            into=Connection.from_json,
        )

    def refresh(self, name: str) -> Connection:
        """Obtain a new access token now."""
        return self._change(name, "refresh", timeout=PATIENT)

    def test(self, name: str, *, timeout: float = 10) -> TestResult:
        """Make one harmless call; never changes a token."""
        return self._send(
            "POST",
            path_of(name, "test"),
            {"timeout": timeout},
            repeatable=True,
            timeout=timeout + self._timeout,
            into=TestResult.from_json,
        )

    def revoke(self, name: str, *, at_provider: bool = False) -> Connection:
        """Suspend at once, everywhere, reversibly."""
        return self._change(
            name,
            "revoke",
            {"at_provider": True} if at_provider else {},
            timeout=PATIENT if at_provider else None,
        )

    def enable(self, name: str) -> Connection:
        """Undo ``revoke``; no new authorization is needed."""
        return self._change(name, "enable")

    def accept(self, name: str) -> Connection:
        """Agree to use what somebody else shares."""
        return self._change(name, "accept")

    def share(self, name: str, shared_with: Sequence[str]) -> Connection:
        """Say anew who may use a connection beside its owner."""
        return self._change(name, "share", {"shared_with": list(shared_with)})

    def transfer(self, name: str, to: str) -> Connection:
        """Make somebody else the owner; nobody's credentials go with it."""
        return self._change(name, "transfer", {"to": to}, timeout=PATIENT)

    def seal(self, name: str, *, sealed: bool = True) -> Connection:
        """Keep a connection's credential with the broker, or lend it again."""
        return self._change(name, "seal", {"sealed": sealed})

    def delete(self, name: str, *, keep_grant: bool = False) -> Connection:
        """Delete the connection and everybody's credentials of it."""
        question = "?keep_grant=true" if keep_grant else ""
        return self._send(
            "DELETE",
            path_of(name) + question,
            timeout=PATIENT,
            into=Connection.from_json,
        )

    def uses(self, name: str, *, limit: int = 20) -> tuple[Use, ...]:
        """Return where a connection is used, the latest first."""
        found: Page[Use] = self._get(
            path_of(name, "uses"),
            into=lambda body: page(body, Use.from_json),
            limit=limit,
        )
        return found.items

    def events(self, name: str, *, limit: int = 20) -> tuple[Event, ...]:
        """Return the latest events of a connection, newest first."""
        found: Page[Event] = self._get(
            path_of(name, "events"),
            into=lambda body: page(body, Event.from_json),
            limit=limit,
        )
        return found.items

    def _change(
        self,
        name: str,
        verb: str,
        body: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> Connection:
        return self._send(
            "POST",
            path_of(name, verb),
            body or {},
            timeout=timeout,
            into=Connection.from_json,
        )
