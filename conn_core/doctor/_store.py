"""Checks of the database: is it whole, is it up to date, what is stuck in it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from .._services import Service
from ..broker import Core, binding_of, key_status, verify_log
from ..errors import ConnectionsError, Tampered, WrongKey
from ..store import (
    HEAD,
    Store,
    ailing,
    contents_of,
    damage_of,
    revision_of,
    sealed_rows,
)
from ._finding import Finding, fine, note, problem
from ._patient import Patient

#: A refresh that began before is not under way any more, seconds.
_LONG_AGO = 600.0
#: So far from anybody else's a clock makes tokens look good or spent that are not.
_SKEW = 120.0
_FORTNIGHT = 14 * 86_400.0
_DATABASE = "database"


def whole(patient: Patient) -> Iterator[Finding]:
    """Look whether the database is whole and of our version."""
    try:
        if patient.database is not None:
            revision = revision_of(patient.database.reveal())
            yield _up_to_date("The database answers", revision)
        elif patient.file.exists():
            yield _whole(patient.file)
        else:
            yield fine(_DATABASE, f"{patient.file} is not there yet")
    except ConnectionsError as error:
        yield problem(_DATABASE, error.message, error.hint)


def _whole(file: Path) -> Finding:
    broken = damage_of(file)
    if broken is not None:
        return problem(
            _DATABASE,
            f"{file} is damaged ({broken})",
            "Run jupyter connections doctor --salvage FILE, then jupyter connections "
            "restore FILE --replace",
        )
    return _up_to_date(f"{file} is whole", contents_of(file).revision)


def _up_to_date(words: str, revision: str | None) -> Finding:
    if revision == HEAD:
        return fine(_DATABASE, f"{words}, its tables of version {revision}")
    if revision is not None and revision > HEAD:
        return problem(
            _DATABASE,
            f"The tables are of version {revision}, which a newer version of this "
            f"program wrote; this one knows {HEAD}",
            "Run pip install --upgrade jupyter-connections",
        )
    return problem(
        _DATABASE,
        f"The tables are of version {revision or 'none'}, {HEAD} is needed",
        "Run jupyter connections migrate",
    )


def keys(patient: Patient, store: Store) -> Iterator[Finding]:
    """Look whether every key is here that something is sealed with."""
    found = key_status(patient.settings, store)
    if found.problem is not None:
        yield problem("key", found.problem.message, found.problem.hint)
    elif not found.keys:
        yield fine("key", "There is no key yet: the first use makes it")
    else:
        yield fine("key", f"Keys are in the {found.source}")
    newest = found.keys[0] if found.keys else None
    for key in found.keys:
        if key.here and not key.newest and key.total and newest is not None:
            yield problem(
                "rows by key",
                f"{key.total} rows are sealed with the older key {key.id}, "
                f"{newest.total} rows with the newest {newest.id}: a rotation is not at "
                "its end",
                "Run jupyter connections key rotate",
            )
        elif not key.here and key.total and found.problem is None:
            yield problem(
                "rows by key",
                f"{key.total} rows are sealed with the key {key.id}, which is not here",
                "Bring its key file back, or run jupyter connections key recover",
            )


def clock_of_database(patient: Patient, store: Store) -> Iterator[Finding]:
    """Compare our clock with the database server's."""
    with store.read() as tx:
        there = ailing.time_there(tx)
    if there is not None:
        yield _compared(patient.now, there, "the database server's")


def clock_of_service(patient: Patient, store: Store) -> Iterator[Finding]:
    """Compare our clock with that of a service in use (RFC 9110, 6.6.1)."""
    with store.read() as tx:
        text = ailing.definition_of_one(tx)
    if text is None or patient.way_out is None:
        return
    try:
        service = Service.model_validate_json(text)
        url = service.token_endpoint or service.api_base_url or ""
        parts = urlsplit(url)
        answer = patient.way_out.get(
            f"{parts.scheme}://{parts.netloc}/", headers={}, timeout=5.0
        )
        there = parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (ConnectionsError, ValueError, LookupError, TypeError):
        yield note("clock", "No service that is in use said its time")
        return
    yield _compared(patient.now, there, f"that of {parts.hostname}")


def _compared(here: float, there: float, whose: str) -> Finding:
    ahead = here - there
    if abs(ahead) <= _SKEW:
        return fine("clock", f"The clock here and {whose} agree")
    return problem(
        "clock",
        f"The clock here is {abs(round(ahead))} seconds "
        f"{'ahead of' if ahead > 0 else 'behind'} {whose}",
        "Run timedatectl set-ntp true, or set the clock",
    )


def refreshes(patient: Patient, store: Store) -> Iterator[Finding]:
    """Look for refreshes that began and never ended."""
    with store.read() as tx:
        names = ailing.interrupted(tx, before=patient.now - _LONG_AGO)
    for name in names:
        yield problem(
            "refreshes",
            f"A refresh of '{name}' was interrupted, and its end is unknown",
            f"Run %conn refresh {name}",
        )


def secrets_of_clients(patient: Patient, store: Store) -> Iterator[Finding]:
    """Look for client secrets that end, and clients that a provider refuses."""
    with store.read() as tx:
        found = ailing.client_secrets(tx)
    for row in found:
        mend = f"Run %conn service register {row.service_id}"
        ends = row.secret_expires_at
        if row.refused_at is not None:
            yield problem("client secrets", f"{row.refused_because}", mend)
        if ends is not None and ends <= patient.now + _FORTNIGHT:
            day = f"{datetime.fromtimestamp(ends, UTC):%Y-%m-%d}"
            is_over = ends <= patient.now
            text = f"The client secret of {row.service_id} {'ended' if is_over else 'ends'} on {day}"
            make = problem if is_over else note
            yield make("client secrets", text, mend)


def grants(patient: Patient, store: Store) -> Iterator[Finding]:
    """Look for grants whose connections are all gone."""
    with store.read() as tx:
        found = ailing.idle_grants(tx, now=patient.now)
    for row in found:
        yield problem(
            "grants",
            f"The grant '{row.name}' of {row.owner} leads to no connection any more",
            f"Run jupyter connections grant revoke {row.id}",
        )


def sealed(core: Core) -> Iterator[Finding]:
    """Open everything that is sealed, and forget it at once."""
    with core.store.read() as tx:
        names = ailing.link_names(tx)
        found = [
            (table, row)
            for table in sealed_rows.SEALED
            for row in sealed_rows.sealed_rows(tx, table)
        ]
    shut = 0
    for table, row in found:
        try:
            binding = binding_of(core, table, row)
            core.vault.open(sealed_rows.sealed_of(table, row), binding=binding)
        except (Tampered, WrongKey) as error:
            shut += 1
            yield _shut(table, sealed_rows.name_of(table, row), names, error)
    if not shut:
        yield fine("sealed rows", f"All {len(found)} sealed rows open")


def _shut(
    table: str, name: str, names: dict[str, str], error: ConnectionsError
) -> Finding:
    if table == "secrets":
        link_name = names[name]
        text = f"The credentials of '{link_name}' do not open. {error.message}"
        return problem("sealed rows", text, f"Run %conn authorize {link_name}")
    if table == "registrations":
        text = f"The client secret of {name} does not open. {error.message}"
        return problem("sealed rows", text, f"Run %conn service register {name}")
    text = f"The row {name[:12]} of {table} does not open. {error.message}"
    mend = "Wait until it expires" if table == "flows" else "Bring back a backup"
    return problem("sealed rows", text, mend)


def answers_that_wait(core: Core) -> Iterator[Finding]:
    """Look for answers of providers that the store did not take."""
    aside = core.upkeep.spill.set_aside_files()
    if aside:
        yield note(
            "answers kept aside",
            f"{len(aside)} answers came too late for the store and are kept in "
            f"{aside[0].parent}",
            "Delete them once every connection works",
        )


def log(core: Core) -> Iterator[Finding]:
    """Read the audit log over: was it changed, cut, or put back to an earlier state?"""
    report = verify_log(core)
    for text in report.problems:
        yield problem("audit log", text, "Run jupyter connections audit verify")
    if report.whole:
        yield fine("audit log", f"All {report.lines} lines are as they were written")
