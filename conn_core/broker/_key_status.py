"""Which master keys a store has, which are here, and what each has sealed."""

from dataclasses import asdict, dataclass

from .._settings import Settings
from ..errors import StoreLocked, Tampered
from ..store import (
    Store,
    keys_noted_at,
    known_deployment,
    sealed_rows,
    stored_key_checks,
)
from ..vault import Vault, open_vault


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """One master key.

    Attributes:
        id: Its id; says nothing about the key itself.
        newest: Everything new is sealed with it.
        here: It is where the keys are; what it sealed can be read.
        noted_at: Since when the store knows it, seconds since 1970.
        rows: What it has sealed, by table.
    """

    id: str
    newest: bool
    here: bool
    noted_at: float | None
    rows: dict[str, int]

    @property
    def total(self) -> int:
        """How many rows it has sealed."""
        return sum(self.rows.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStatus:
    """The master keys of a store.

    Attributes:
        source: Where they come from, in words for people; empty where that is unknown.
        keys: The newest first.
        problem: Why they cannot be read; None where they can.
    """

    source: str
    keys: tuple[KeyFacts, ...]
    problem: StoreLocked | Tampered | None

    def to_json(self) -> dict[str, object]:
        """Return it as ``--json`` shows it."""
        problem = None if self.problem is None else self.problem.to_json()
        keys = [asdict(key) for key in self.keys]
        return {"source": self.source, "keys": keys, "problem": problem}


def key_status(settings: Settings, store: Store) -> KeyStatus:
    """Say which keys there are; never makes one.

    Args:
        settings: Where keys may be.
        store: The database.
    """
    vault, problem = _opened(settings, store)
    with store.read() as tx:
        counts, noted = sealed_rows.rows_by_key(tx), keys_noted_at(tx)
    here = () if vault is None else vault.key_ids
    gone = sorted((counts.keys() | noted.keys()) - set(here))
    keys = tuple(
        KeyFacts(
            id=kid,
            newest=here[:1] == (kid,),
            here=kid in here,
            noted_at=noted.get(kid),
            rows=counts.get(kid, {}),
        )
        for kid in (*here, *gone)
    )
    source = "" if vault is None else vault.key_source
    return KeyStatus(source=source, keys=keys, problem=problem)


def _opened(
    settings: Settings, store: Store
) -> tuple[Vault | None, StoreLocked | Tampered | None]:
    with store.read() as tx:
        deployment, checks = known_deployment(tx), stored_key_checks(tx)
    if deployment is None or not checks:
        return None, None
    try:
        found = open_vault(
            settings, deployment=deployment, checks=checks, has_sealed_rows=True
        )
    except (StoreLocked, Tampered) as error:
        return None, error
    return found, None
