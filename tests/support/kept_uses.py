"""Looking whether connections work, in memory, for brokers that are fakes."""

from conn_core import Readiness, TestResult
from conn_core.errors import ConnectionsError, NeedsPerson


class KeptUses:
    """Says what works. A broker says with ``_usable`` which connections do, and why not."""

    #: What it answers; a test arranges another one.
    api_answers = 200

    def relay(self, name):
        """It is in this process."""

    def refresh(self, name):
        return self._usable(name)

    def check(self, needs, *, until=None):
        return tuple(self._readiness(need.name, until) for need in needs)

    def _readiness(self, name, until):
        try:
            usable = self._usable(name)
        except ConnectionsError as error:
            return Readiness(
                name=name,
                ready=False,
                problem=error.message,
                hint=error.hint,
                needs_person=isinstance(error, NeedsPerson),
            )
        ends = usable.expires_at
        late = ends is not None and until is not None and ends < until
        called = usable.link_name
        return Readiness(
            name=called,
            ready=not late,
            problem=f"The authorization of '{called}' ends before then" if late else "",
            hint=f"Run %conn authorize {called} before then" if late else "",
            needs_person=late,
            service_name=usable.service_name,
            runs_as=usable.owner,
            account=usable.account,
            until=ends,
        )

    def test(self, name, *, timeout=10):
        connection, status = self._usable(name), self.api_answers
        works = f"as {connection.account} in 42 ms"
        return TestResult(
            link_name=connection.link_name,
            ok=status == 200,
            message=f"{connection.service_name} answered "
            f"{works if status == 200 else status}",
            http_status=status,
            latency_ms=42,
            account=connection.account,
        )
