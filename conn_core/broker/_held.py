"""A workshop in somebody's hands: what they do in it is written down as theirs."""

from typing import Any

from ._auditing import Acting
from ._policy import Actor
from ._workshop import Workshop


class HeldWorkshop(Workshop):
    """The same workshop, that knows who works in it.

    Args:
        whole: The workshop; everything but who acts is looked up there.
        actor: Who works in it.
        place: From where: the notebook or job.
    """

    def __init__(self, whole: Workshop, actor: Actor, *, place: str = "") -> None:
        self._whole = whole
        self.acting = Acting.as_actor(actor, place=place)

    def __getattr__(self, name: str) -> Any:
        """Return what the workshop has."""
        return getattr(self._whole, name)
