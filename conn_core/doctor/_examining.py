"""All checks, in the order in which one needs the other."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

from ..broker import open_core
from ..errors import ConnectionsError
from ..store import Store
from . import _account, _store
from ._finding import Finding, problem
from ._patient import Patient

_OF_ACCOUNT: tuple[Callable[[Patient], Iterator[Finding]], ...] = (
    _account.versions,
    _account.folders,
    _account.jobs,
    _account.locks,
    _account.handle,
    _account.redirects,
    _account.hub,
    _store.whole,
)
_OF_STORE: tuple[Callable[[Patient, Store], Iterator[Finding]], ...] = (
    _store.keys,
    _store.clock_of_database,
    _store.clock_of_service,
    _store.refreshes,
    _store.secrets_of_clients,
    _store.grants,
)
_OF_CORE = (_store.sealed, _store.answers_that_wait, _store.log)


def examine(patient: Patient) -> tuple[Finding, ...]:
    """Look at everything; nothing is made or changed.

    Args:
        patient: What to look at.
    """
    found = [finding for check in _OF_ACCOUNT for finding in check(patient)]
    is_there = patient.database is not None or patient.file.exists()
    if is_there and not _has_problem(found, "database"):
        found += _inside(patient)
    return tuple(found)


def _inside(patient: Patient) -> Iterator[Finding]:
    with ExitStack() as stack:
        try:
            store = _opened(patient)
            stack.callback(store.close)
            found = [f for check in _OF_STORE for f in check(patient, store)]
            yield from found
            if not _has_problem(found, "key"):
                core = open_core(
                    patient.settings, store=store, clock=lambda: patient.now
                )
                stack.callback(core.close)
                for inner in _OF_CORE:
                    yield from inner(core)
        except ConnectionsError as error:
            yield problem("database", error.message, error.hint)


def _opened(patient: Patient) -> Store:
    if patient.database is not None:
        return Store.postgresql(patient.database.reveal())
    return Store.sqlite(patient.file)


def _has_problem(found: list[Finding], name: str) -> bool:
    return any(f.name == name and f.state == "problem" for f in found)
