"""Tokens for many who ask in the same moment: one look at the database for all.

Only the plainest wish is met here: somebody's own connection, with a credential that
works and a use that is written down. Whatever else it is, the broker answers, one by one.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from .._values import AccessToken
from ..store import rows
from ._credentials import access_token_from, definition_of, needs_client
from ._exposure import exposure_for
from ._freshness import Freshness, freshness
from ._policy import Actor, allows
from ._uses import is_noted, place_from
from ._workshop import Workshop

Made = TypeVar("Made")


class Wish(NamedTuple):
    """What somebody wants a token for.

    Attributes:
        person: Who.
        place: From where: the notebook or job.
        name: Of which connection.
        require: Scopes without which it is pointless.
    """

    person: str
    place: str
    name: str
    require: tuple[str, ...] = ()


class Vending(Generic[Made]):
    """Looks for many at once, and makes nothing anew while the database says the same.

    Used by one thread.

    Args:
        make: Makes of a token what is given; it must not show it.
    """

    def __init__(self, make: Callable[[AccessToken], Made]) -> None:
        self._make = make
        #: What the database said, what was made of it, and when that was given last.
        self._kept: dict[rows.OwnName, tuple[rows.Owned, Made, float]] = {}

    def at_once(self, workshop: Workshop, wishes: Sequence[Wish]) -> list[Made | None]:
        """Return what each is given, None for those that the broker has to answer.

        Args:
            workshop: Store, vault and the people.
            wishes: What is wanted.

        Raises:
            StoreUnavailable: If the database does not answer.
            StoreLocked: If the vault may not be used now.
        """
        workshop.vault.refuse_if_locked()
        named = [rows.OwnName(wish.person, wish.name) for wish in wishes]
        with workshop.store.read() as tx:
            found = rows.owned_rows(tx, named)
        return [
            self._given(workshop, wish, found.get(name))
            for wish, name in zip(wishes, named, strict=True)
        ]

    def forget(self, *, before: float) -> bool:
        """Forget what was not given since; tell whether anything is left.

        Args:
            before: A moment by the workshop's clock.
        """
        kept = self._kept.items()
        self._kept = {name: one for name, one in kept if one[2] >= before}
        return bool(self._kept)

    def _given(
        self, workshop: Workshop, wish: Wish, owned: rows.Owned | None
    ) -> Made | None:
        if owned is None:
            return None
        try:
            if not _may_now(workshop, wish, owned):
                return None
            return self._made(workshop, owned)
        except Exception:  # noqa: BLE001 - what is wrong with one is nobody else's matter
            return None

    def _made(self, workshop: Workshop, owned: rows.Owned) -> Made | None:
        name = rows.OwnName(owned.connection.owner, owned.connection.link_name)
        before = self._kept.pop(name, None)
        if before is not None and before[0] == owned:
            made = before[1]
        else:
            token = _lent(workshop, owned)
            if token is None:
                return None
            made = self._make(token)
        self._kept[name] = (owned, made, workshop.clock())
        return made


def _may_now(workshop: Workshop, wish: Wish, owned: rows.Owned) -> bool:
    """Tell whether nothing speaks against it that comes with time, or with who asks."""
    row, fresh = owned
    granted = rows.load_tuple(row.granted_scopes)
    return (
        row.owner == wish.person
        and row.status == "connected"
        and workshop.people.is_known_active(wish.person)
        and all(scope in granted for scope in wish.require)
        and freshness(workshop, fresh) is Freshness.FRESH
        and is_noted(workshop, row, person=wish.person, place=place_from(wish.place))
    )


def _lent(workshop: Workshop, owned: rows.Owned) -> AccessToken | None:
    row, fresh = owned
    actor = Actor.person(row.owner)
    if not allows(actor, "use", row) or needs_client(definition_of(fresh)):
        return None
    token = access_token_from(workshop, fresh, link_name=row.link_name)
    exposure = exposure_for(actor, row, workshop.settings)
    return dataclasses.replace(token, exposure=exposure)
