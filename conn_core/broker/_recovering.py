"""The recovery code of a store: shown once, and typed when the key is gone."""

import base64

from .._secret import Secret
from .._settings import Settings
from ..errors import Conflict, WrongKey
from ..store import Store, known_deployment, sealed_rows, stored_key_checks
from ..vault import (
    KeyPlace,
    MasterKey,
    Vault,
    key_search,
    recovered,
    recovery_code,
)
from ._workshop import Workshop

_STATUS = "Run jupyter connections key status"


def code_of(workshop: Workshop) -> Secret:
    """Return the recovery code of the key that everything is sealed with.

    Raises:
        Conflict: If rows are sealed with another key, too: one code is one key.
        StoreLocked: If the key cannot be read.
    """
    with workshop.store.read() as tx:
        others = sealed_rows.rows_by_key(tx).keys() - {workshop.vault.newest_id}
    if others:
        raise Conflict(
            "Some rows are sealed with an older key, which the code of the newest would "
            "not bring back",
            "Run jupyter connections key rotate, then try again",
        )
    return recovery_code(workshop.vault.newest_material())


def recover(settings: Settings, store: Store, typed: Secret) -> tuple[str, str]:
    """Put the key of a recovery code where the settings say that keys are.

    Args:
        settings: Where keys may be.
        store: The database that was sealed with it.
        typed: The code.

    Returns:
        The id of the key, and where it is now.

    Raises:
        InvalidInput: If it is no recovery code.
        WrongKey: If it is the code of another store.
        Conflict: If the key is there already.
        StoreLocked: If it cannot be put there.
    """
    material = recovered(typed)
    with store.read() as tx:
        deployment, checks = known_deployment(tx), stored_key_checks(tx)
    key = MasterKey(material)
    kid = key.id.hex()
    if deployment is None or kid not in checks:
        raise WrongKey(
            "The recovery code is whole, but it is the code of another store", _STATUS
        )
    Vault([key], deployment=deployment, key_source="the recovery code").verify(checks)
    place = key_search(
        settings, deployment=deployment, checks=checks, has_sealed_rows=True
    ).place()
    if kid in _ids_at(place):
        raise Conflict(f"The key {kid} is in the {place.name} already", _STATUS)
    place.add(base64.b64encode(material).decode("ascii"))
    return kid, place.name


def _ids_at(place: KeyPlace) -> set[str]:
    """Return the keys that a place has; none where there is no such place yet.

    Raises:
        StoreLocked: If what is there cannot be read: it is not written over.
    """
    try:
        return {key.id.hex() for key in place.read()}
    except FileNotFoundError:
        return set()
