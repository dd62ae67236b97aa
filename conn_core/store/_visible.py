"""What a person sees: their own connections, and those that are shared with them.

Each row comes with the credentials that count for the person who asks: their columns,
from ``credential_id`` on, are None where there are none. ``shared_with`` holds the
principals, ``status`` one of the four words, ``described_as`` what people who described
the service here called it.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ._tables import acceptances, connections, credentials, services, shares
from ._texts import Row

PERSON = sa.bindparam("person", type_=sa.String)
PRINCIPALS = sa.bindparam("principals", type_=sa.String, expanding=True)

IS_OWN = connections.c.owner == PERSON
#: What a built-in task made is nobody else's, whatever the table says.
IS_LENT = sa.not_(connections.c.internal) & sa.exists().where(
    (shares.c.connection_id == connections.c.id) & shares.c.principal.in_(PRINCIPALS)
)
IS_VISIBLE = IS_OWN | IS_LENT
#: It works with somebody else's credentials, and rests while their account does.
USES_ANOTHERS = sa.not_(IS_OWN) & sa.not_(connections.c.use_login_user_credentials)
RESTS = USES_ANOTHERS & connections.c.owner.in_(
    sa.bindparam("gone", type_=sa.String, expanding=True)
)

#: The creator's credentials, or the person's own where each person uses their own.
#: Nobody falls back to the creator's.
_HOLDER = sa.case(
    (connections.c.use_login_user_credentials, PERSON), else_=connections.c.owner
)
WITH_CREDENTIALS = connections.outerjoin(
    credentials,
    (credentials.c.connection_id == connections.c.id)
    & (credentials.c.holder == _HOLDER),
)
#: What people see of them and what decides whether they can be used; no more, for a
#: long list's sake.
SHOWN_OF_CREDENTIALS = (
    credentials.c.id.label("credential_id"),
    credentials.c.generation,
    credentials.c.granted_scopes,
    credentials.c.missing_scopes,
    credentials.c.account,
    credentials.c.expires_at,
    credentials.c.refreshable,
    credentials.c.grant_dies_at,
    credentials.c.ended_at,
    credentials.c.ended_because,
    credentials.c.ended_by,
    credentials.c.hosts,
)
#: What the person was shown when they accepted it; None where they never did.
_ACCEPTED = (
    acceptances.c.scopes.label("accepted_scopes"),
    acceptances.c.hosts.label("accepted_hosts"),
)
_WITH_ACCEPTANCE = WITH_CREDENTIALS.outerjoin(
    acceptances,
    (acceptances.c.connection_id == connections.c.id)
    & (acceptances.c.person == PERSON),
)
_WITH_SERVICE = _WITH_ACCEPTANCE.outerjoin(
    services, services.c.id == connections.c.service_id
)
_BETWEEN = "\n"  # which no principal has
_SHARED_WITH = (
    sa.select(sa.func.aggregate_strings(shares.c.principal, _BETWEEN))
    .where(shares.c.connection_id == connections.c.id)
    .scalar_subquery()
    .label("shared_with")
)


def principals_of(row: Row) -> list[str]:
    """Return whom a row's connection is shared with."""
    return row.shared_with.split(_BETWEEN) if row.shared_with else []


STATUS: sa.ColumnElement[str] = sa.case(
    (connections.c.revoked_at.is_not(None), "revoked"),
    (credentials.c.id.is_(None), "needs authorization"),
    # Who ended it here knows that; what the provider ended has failed.
    (
        credentials.c.ended_at.is_not(None),
        sa.case(
            (credentials.c.ended_by.is_(None), "failed"), else_="needs authorization"
        ),
    ),
    (credentials.c.missing_scopes.is_not(None), "needs authorization"),
    else_="connected",
)
VISIBLE = sa.select(
    *connections.c,
    *SHOWN_OF_CREDENTIALS,
    *_ACCEPTED,
    _SHARED_WITH,
    STATUS.label("status"),
    services.c.name.label("described_as"),
).select_from(_WITH_SERVICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Onlooker:
    """Who looks, and from where.

    Attributes:
        person: The person.
        principals: What they are known as to those who share: never their own name
            alone.
        place: The notebook or job.
        sees_all: They look after the deployment, and see that everything is there.
    """

    person: str
    principals: tuple[str, ...] = ()
    place: str = ""
    sees_all: bool = False

    def bound(self, **more: Any) -> dict[str, Any]:
        """Return what every statement here has to be told."""
        return {"person": self.person, "principals": self.principals, **more}
