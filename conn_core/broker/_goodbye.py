"""Ending grants at the provider (RFC 7009), and saying what it answered."""

import contextlib
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from .. import auth
from .._services import Service
from ..errors import ConnectionsError, ProviderUnavailable
from ..store import rows
from ._clients import client_if_used
from ._credentials import definition_of, held_tokens
from ._workshop import Workshop

#: A refresh may come in between: then there is another token to end.
_TRIES = 2


class _Told(NamedTuple):
    """What became of one person's grant."""

    service_name: str
    problem: str | None


def end_grants(workshop: Workshop, connection: rows.Row, *, by: str) -> str:
    """End everybody's live grant of a connection, and note which of them ended.

    Args:
        workshop: Store, vault and the way out.
        connection: The connection's row.
        by: Who wants that.

    Returns:
        What the provider answered, in sentences; empty where there was nothing to end.
    """
    with workshop.store.read() as tx:
        credentials = rows.sealed_of_connection(tx, connection.id)
    return end_all(workshop, credentials, by=by)


def end_all(workshop: Workshop, credentials: Sequence[rows.Row], *, by: str) -> str:
    """End live grants; as ``end_grants``, for credentials that were read before."""
    farewell = _Farewell(workshop, by)
    told = [farewell.say(row) for row in credentials if row.ended_at is None]
    return " ".join(_sentence(one, count) for one, count in Counter(told).items())


def give_back(workshop: Workshop, service: Service, tokens: auth.TokenSet) -> None:
    """End a grant that came when its connection had been deleted."""
    kind = auth.auth_type(service.auth_type)
    # The person is gone on: what the provider does not end now, ends by itself.
    with contextlib.suppress(ConnectionsError):
        client = client_if_used(workshop, service)
        workshop.drive(kind.revoke(service, client, tokens, now=workshop.clock()))


class _Farewell:
    """Ends grants one after the other."""

    def __init__(self, workshop: Workshop, by: str) -> None:
        self._workshop = workshop
        self._by = by
        #: Who does not answer for one does not for the next, and nobody waits twice.
        self._silence: dict[str | None, str] = {}

    def say(self, row: rows.Row) -> _Told:
        """End one person's grant; say what became of it."""
        try:
            service = definition_of(row)
            silence = self._silence.get(service.token_endpoint)
            return _Told(service.name, silence or self._problem(service, row))
        except ProviderUnavailable as error:
            self._silence[service.token_endpoint] = error.message
            return _Told(service.name, error.message)
        except ConnectionsError as error:
            return _Told("", error.message)

    def _problem(self, service: Service, row: rows.Row) -> str | None:
        """Return why a grant could not be ended; None where it was."""
        if service.revocation_endpoint is None:
            return f"{service.name} has no way to end an authorization from here"
        for _ in range(_TRIES):
            if not self._ended(service, row):
                return f"{service.name} did not end the authorization"
            newer = self._newer(row)
            if newer is None:
                break
            row = newer
        because = f"Ended at {service.name} by {self._by}"
        now = self._workshop.clock()
        with self._workshop.store.write() as tx:
            rows.end_credential(tx, row.id, at=now, by=self._by, because=because)
        return None

    def _ended(self, service: Service, row: rows.Row) -> bool:
        workshop = self._workshop
        steps = auth.auth_type(service.auth_type).revoke(
            service,
            client_if_used(workshop, service),
            held_tokens(workshop, row),
            now=workshop.clock(),
        )
        return workshop.drive(steps)

    def _newer(self, row: rows.Row) -> rows.Row | None:
        with self._workshop.store.read() as tx:
            found = rows.credential_row(tx, row.id)
        is_newer = found is not None and found.generation != row.generation
        return found if is_newer else None


def _sentence(told: _Told, people: int) -> str:
    if told.problem is not None:
        return (
            f"{told.problem}." if people == 1 else f"{told.problem} ({people} people)."
        )
    if people == 1:
        return f"{told.service_name} ended the authorization."
    return f"{told.service_name} ended the authorizations of {people} people."
