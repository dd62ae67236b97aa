"""Grants in memory, for brokers that are fakes."""

import dataclasses
from datetime import UTC, datetime

from conn_core import Grant, IssuedGrant, Secret
from conn_core.errors import GrantNotFound

_MADE = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class KeptGrants:
    """Makes permissions for jobs, as ``priya``; their bearers open nothing."""

    def _issued(self):
        return self.__dict__.setdefault("_grants", {})

    def grant(self, draft):
        names = tuple(self.connection(name).link_name for name in draft.connections)
        made = Grant(
            id=f"grant-{len(self._issued()) + 1}",
            name=draft.name,
            connections=names,
            owner="priya",
            exposure=draft.exposure,
            created_at=_MADE,
            expires_at=_MADE + draft.ttl,
        )
        self._issued()[made.id] = made
        return IssuedGrant(
            grant=made,
            bearer=Secret("CNRY-bearer-of-a-fake-grant"),
            endpoint="https://lab.example/connections/",
        )

    def grants(self):
        return tuple(reversed(self._issued().values()))

    def revoke_grant(self, grant_id):
        if grant_id not in self._issued():
            raise GrantNotFound(
                f"You have no grant '{grant_id}'", "See %conn grant list"
            )
        ended = dataclasses.replace(self._issued()[grant_id], revoked_at=_MADE)
        self._issued()[grant_id] = ended
        return ended
