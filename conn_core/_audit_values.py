"""The values of the audit log: what was done with credentials, and whether it is whole."""

from dataclasses import dataclass
from datetime import datetime

from ._value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine(Value):
    """One thing that was done; never a secret, never an address's query.

    Attributes:
        seq: Its place in the log of this deployment.
        at: When.
        actor: As whom: the person, or the owner of a grant.
        by: Who it really was where that is somebody else: ``grant:ID``, an administrator.
        action: What, such as ``use``, ``refresh``, ``share``, ``revoke``.
        connection: The connection's link name at that time, else empty.
        owner: Whose connection it is.
        service: The service's id, else empty.
        place: The notebook or job, as it said itself.
        host: Where a request went, else empty.
        method: The request's method.
        path: Its path, without a query; numbers and ids are written ``{}``.
        status: What the service answered, None where nothing was asked.
        bytes: How many bytes were answered.
        milliseconds: How long it took.
        result: ``ok``, ``refused``, ``failed`` …
        detail: A sentence, else empty.
    """

    seq: int
    at: datetime
    actor: str
    action: str
    by: str = ""
    connection: str = ""
    owner: str = ""
    service: str = ""
    place: str = ""
    host: str = ""
    method: str = ""
    path: str = ""
    status: int | None = None
    bytes: int | None = None
    milliseconds: int | None = None
    result: str = "ok"
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport(Value):
    """Whether the log is as it was written.

    Attributes:
        whole: Every line, and every chain's end, is as it was written.
        lines: How many lines were looked at.
        chains: How many writers wrote them.
        problems: What is not, a sentence each; the first broken link of each chain.
    """

    whole: bool
    lines: int = 0
    chains: int = 0
    problems: tuple[str, ...] = ()
