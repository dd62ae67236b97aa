"""What the vault needs from the store: the deployment's id and the key checks."""

import secrets as randomness
from collections.abc import Mapping

import sqlalchemy as sa

from ._postgres import alone
from ._tables import deployment, key_checks, registrations, secrets


def deployment_id(tx: sa.Connection, *, now: float) -> str:
    """Return the id of this deployment; made at the first call."""
    alone(tx)
    found = tx.execute(sa.select(deployment.c.id)).scalar()
    if found is None:
        found = randomness.token_hex(16)
        tx.execute(deployment.insert().values(id=found, created_at=now))
    return str(found)


def known_deployment(tx: sa.Connection) -> str | None:
    """Return the id of this deployment; None where nobody ever used the store."""
    found = tx.execute(sa.select(deployment.c.id)).scalar()
    return None if found is None else str(found)


def stored_key_checks(tx: sa.Connection) -> dict[str, bytes]:
    """Return the constant sealed under each master key, by key id."""
    return {row.kid: row.sealed for row in tx.execute(sa.select(key_checks))}


def put_key_checks(
    tx: sa.Connection, checks: Mapping[str, bytes], *, now: float | None = None
) -> None:
    """Store the checks of keys that are new."""
    alone(tx)
    known = stored_key_checks(tx)
    for kid in checks.keys() - known.keys():
        values = {"kid": kid, "sealed": checks[kid], "noted_at": now}
        tx.execute(key_checks.insert().values(**values))


def forget_key_check(tx: sa.Connection, kid: str) -> None:
    """Forget a key that nothing is sealed with any more."""
    tx.execute(key_checks.delete().where(key_checks.c.kid == kid))


def take_identity(tx: sa.Connection, own: str, *, now: float) -> None:
    """Make this the store of another deployment, whose keys it has not heard of yet."""
    tx.execute(deployment.delete())
    tx.execute(deployment.insert().values(id=own, created_at=now))
    tx.execute(key_checks.delete())


def keys_noted_at(tx: sa.Connection) -> dict[str, float | None]:
    """Return since when the store knows its keys, by key id; None where nobody noted it."""
    columns = (key_checks.c.kid, key_checks.c.noted_at)
    return {row.kid: row.noted_at for row in tx.execute(sa.select(*columns))}


def has_sealed_rows(tx: sa.Connection) -> bool:
    """Tell whether anything is sealed: then a new key must not be made."""
    sealed_secret = sa.select(secrets.c.credential_id).limit(1)
    sealed_registration = (
        sa.select(registrations.c.service_id)
        .where(registrations.c.sealed_secret.is_not(None))
        .limit(1)
    )
    return any(
        tx.execute(query).first() is not None
        for query in (sealed_secret, sealed_registration)
    )
