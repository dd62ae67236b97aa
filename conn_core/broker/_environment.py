"""The broker over what the environment brings: ``JUPYTER_CONN_<NAME>``, for CI and Colab.

These connections cannot be changed from here, and come before whatever else has one
of the same name. All other names are asked for below.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .._job_values import Need, Readiness
from .._value import format_time
from .._values import (
    AccessToken,
    BrokerStatus,
    Connection,
    Event,
    Group,
    Page,
    Status,
    TestResult,
    Use,
)
from ..errors import (
    AuthorizationEnded,
    BrokerUnavailable,
    ConnectionsError,
    InvalidInput,
    NotAllowed,
    ScopeMissing,
)
from ._below import ConnectionsBelow, ServicesBelow
from ._below_audit import AuditBelow
from ._below_grants import GrantsBelow
from ._below_jobs import SchedulesBelow
from ._variables import link_names_in, read_variable, variable_of

if TYPE_CHECKING:
    from ._port import Broker
    from ._relay import Relay


def _utc_now() -> datetime:
    return datetime.now(UTC)


class EnvironmentBroker(
    ServicesBelow, ConnectionsBelow, SchedulesBelow, GrantsBelow, AuditBelow
):
    """Serves what the environment brings. See ``Broker`` for what each method promises.

    Args:
        environ: The variables; read again at each question.
        below: Finds the broker for all other names; called when one is asked for.
        user: As whom this process acts.
        now: The time of day.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        below: "Callable[[], Broker]",
        user: str,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._environ = environ
        self.below = below
        self._user = user
        self._now = now

    def __repr__(self) -> str:
        return f"<EnvironmentBroker with {', '.join(link_names_in(self._environ))}>"

    def status(self) -> BrokerStatus:
        """Say where credentials come from, and as whom."""
        try:
            return self.below().status()
        except BrokerUnavailable:
            return BrokerStatus(
                kind="local",
                user=self._user,
                location="environment variables",
                key_source="none: nothing is stored here",
            )

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
        """List what the environment brings, then what is below."""
        brought = [self.connection(name) for name in link_names_in(self._environ)]
        fitting = tuple(
            c
            for c in brought
            if query.lower() in c.link_name
            and group in {None, c.group}
            and service in {None, c.service}
            and status in {None, c.status}
        )
        page = self._below_or_nothing(
            lambda below: below.connections(
                query,
                group=group,
                service=service,
                status=status,
                cursor=cursor,
                limit=limit,
            )
        )
        hidden = {c.link_name for c in brought}
        return Page(
            items=(fitting if cursor is None else ())
            + tuple(c for c in page.items if c.link_name not in hidden),
            next_cursor=page.next_cursor,
            total=page.total + len(fitting),
        )

    def connection(self, name: str) -> Connection:
        """Return one connection."""
        brought = self._brought(name)
        if brought is None:
            return self.below().connection(name)
        try:
            token = self._read(brought)
        except InvalidInput as error:
            return Connection(
                link_name=brought,
                name=brought,
                service=brought,
                service_name=brought,
                owner=self._user,
                status="failed",
                status_reason=error.message,
            )
        expired = token.expires_at is not None and token.expires_at <= self._now()
        return Connection(
            link_name=brought,
            name=brought,
            service=token.service_name,
            service_name=token.service_name,
            scopes=token.scopes,
            granted_scopes=token.scopes,
            owner=self._user,
            status="failed" if expired else "connected",
            status_reason=_expired(token).message if expired else "",
            expires_at=token.expires_at,
        )

    def test(self, name: str, *, timeout: float = 10) -> TestResult:
        """Make one harmless call; the environment names none."""
        brought = self._brought(name)
        if brought is None:
            return self.below().test(name, timeout=timeout)
        raise InvalidInput(
            f"{variable_of(brought)} names no address that is harmless to call",
            "Call one of your own in a %%connection cell",
        )

    def check(
        self, needs: Sequence[Need], *, until: datetime | None = None
    ) -> tuple[Readiness, ...]:
        """Say whether a job could use what it needs; a variable lasts as long as it says."""
        return tuple(
            self._readiness(brought, need, until)
            if (brought := need.name and self._brought(need.name))
            else self.below().check((need,), until=until)[0]
            for need in needs
        )

    def _readiness(self, brought: str, need: Need, until: datetime | None) -> Readiness:
        try:
            token = self.access_token(brought, require=need.scopes)
        except ConnectionsError as error:
            return Readiness(
                name=brought, ready=False, problem=error.message, hint=error.hint
            )
        ends = token.expires_at
        late = until is not None and ends is not None and ends < until
        problem = f"The token in {variable_of(brought)} expires at {format_time(ends)}"
        return Readiness(
            name=brought,
            ready=not late,
            service_name=token.service_name,
            runs_as=self._user,
            until=ends,
            problem=problem if late else "",
            hint=f"Set {variable_of(brought)} anew before then" if late else "",
        )

    def uses(self, name: str, *, limit: int = 20) -> tuple[Use, ...]:
        """Return where a connection is used; the environment keeps no note of it."""
        if self._brought(name) is not None:
            return ()
        return self.below().uses(name, limit=limit)

    def events(self, name: str, *, limit: int = 20) -> tuple[Event, ...]:
        """Return the latest events of a connection; the environment keeps none."""
        if self._brought(name) is not None:
            return ()
        return self.below().events(name, limit=limit)

    # --- tokens -----------------------------------------------------------------------

    def access_token(
        self, name: str, *, require: Sequence[str] = (), rejected: int | None = None
    ) -> AccessToken:
        """Vend a token; one from the environment is what it is, and never renewed."""
        brought = self._brought(name)
        if brought is None:
            return self.below().access_token(name, require=require, rejected=rejected)
        token = self._read(brought)
        if token.expires_at is not None and token.expires_at <= self._now():
            raise _expired(token)
        missing = [scope for scope in require if scope not in token.scopes]
        if token.scopes and missing:
            raise ScopeMissing(
                f"'{brought}' lacks the scope '{missing[0]}' "
                f"(it has: {', '.join(token.scopes)})",
                f"Set {variable_of(brought)} anew",
            )
        return token

    def relay(self, name: str) -> "Relay | None":
        """Return what carries requests below; none for what the environment brings."""
        return None if self._brought(name) is not None else self.below().relay(name)

    def sign(
        self,
        name: str,
        *,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> dict[str, str]:
        """Return headers that sign one request, from below: variables sign nothing."""
        brought = self._brought(name)
        if brought is None:
            return self.below().sign(
                name, method=method, url=url, headers=headers, body=body
            )
        raise InvalidInput(
            f"{variable_of(brought)} holds the credential itself: nothing is signed",
            "Ask for the access token",
        )

    # --- which is which ---------------------------------------------------------------

    def _brought(self, name: str) -> str | None:
        """Return the link name of a connection that the environment brings."""
        plain = name.lower().replace("_", "-")
        return plain if plain in link_names_in(self._environ) else None

    def _read(self, link_name: str) -> AccessToken:
        return read_variable(link_name, self._environ[variable_of(link_name)])

    def _changeable(self, name: str) -> "Broker":
        brought = self._brought(name)
        if brought is None:
            return self.below()
        raise NotAllowed(
            f"'{brought}' comes from the environment variable {variable_of(brought)} "
            "and cannot be changed from here",
            "Change the variable, or remove it",
        )

    def _below_or_nothing(
        self, ask: "Callable[[Broker], Page[Connection]]"
    ) -> Page[Connection]:
        try:
            return ask(self.below())
        except BrokerUnavailable:
            return Page(items=())


def _expired(token: AccessToken) -> AuthorizationEnded:
    variable = variable_of(token.link_name)
    return AuthorizationEnded(
        f"The token in {variable} expired at {format_time(token.expires_at)}",
        f"Set {variable} anew",
    )
