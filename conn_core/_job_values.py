"""The values of jobs: what they need, whether they could run, and when they do."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ._secret import Secret
from ._value import Value
from ._values import Exposure


@dataclass(frozen=True, slots=True, kw_only=True)
class Need(Value):
    """Something that a job needs.

    Attributes:
        name: A connection; empty where a built-in task uses its internal one.
        scopes: What must have been granted.
        task: The built-in task, such as ``slack.post_message``.
    """

    name: str = ""
    scopes: tuple[str, ...] = ()
    task: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness(Value):
    """Whether a job could use something it needs, without a person.

    Attributes:
        name: The connection's link name, or what was asked for where there is none.
        ready: It could, until ``until``.
        service_name: The service's display name.
        runs_as: Whose credentials a job would use.
        account: Who that is at the service, where it said so.
        until: When it stops working without a person; None when it renews itself.
        problem: Why it could not; a sentence, else empty.
        hint: What to do about it; a command, else empty.
        needs_person: What is missing is an authorization.
    """

    name: str
    ready: bool
    service_name: str = ""
    runs_as: str = ""
    account: str | None = None
    until: datetime | None = None
    problem: str = ""
    hint: str = ""
    needs_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule(Value):
    """A notebook that runs by itself, as jupyter-scheduler keeps it.

    Attributes:
        id: The job definition's id at jupyter-scheduler.
        name: What people read; one person has no two of one name.
        notebook: The notebook's path below the server's root folder.
        cron: When it runs, five fields.
        timezone: In which the fields are meant, such as ``Europe/Berlin``.
        active: It runs; a paused one does not.
        parameters: What the notebook is given.
        runs_as: The person who scheduled it.
        created_at: When it was made.
        next_run_at: When it runs next, None where nobody can tell.
        last_run_at: When it ran last, None before the first run.
        last_status: How that ended, in jupyter-scheduler's word, in lower case.
        last_message: The text of the error it ended with, else empty.
        sha256: The SHA-256 of the copy of the notebook that it runs, in hex; empty where
            jupyter-scheduler keeps it elsewhere.
    """

    id: str
    name: str
    notebook: str
    cron: str
    timezone: str = "UTC"
    active: bool = True
    parameters: dict[str, Any] = field(default_factory=dict)
    runs_as: str = ""
    created_at: datetime | None = None
    next_run_at: datetime | None = None
    last_run_at: datetime | None = None
    last_status: str = ""
    last_message: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Value):
    """A permission for a job: which connections, as whom, until when.

    Attributes:
        id: Names it; it opens nothing.
        name: What it is for, in a person's words.
        connections: Link names that it may use; no other exists for it.
        owner: As whom it acts.
        exposure: ``sealed``: it never gets a token. ``direct``: of its owner's own
            connections it may.
        created_at: When it was made.
        expires_at: When it ends.
        revoked_at: When it was revoked, else None.
        last_used_at: When it was last used; kept to the minute.
        last_used_from: The job or machine that used it, as it said itself.
    """

    id: str
    name: str
    connections: tuple[str, ...]
    owner: str
    exposure: Exposure = "sealed"
    created_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    last_used_from: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedGrant(Value):
    """A grant in the one moment when its bearer is known: it is stored as a hash.

    Attributes:
        grant: What it allows.
        bearer: What a job shows. Left out of ``to_json``; the endpoint that makes
            grants adds it by hand, and is the only place that does.
        endpoint: Where a job shows it, ending in ``connections/``; None where no
            server is.
    """

    grant: Grant
    bearer: Secret
    endpoint: str | None = None
