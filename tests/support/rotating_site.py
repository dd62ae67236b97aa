"""Processes that rotate the master key of a deployment, and may die of it."""

from dataclasses import dataclass
from typing import Any

from refresh_site import Place

from conn_core import _failpoints
from conn_core.broker._rotating import rotate


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What a process does: it rotates, a row in each transaction.

    Attributes:
        failpoint: Where it dies.
        times: How often, one after the other.
    """

    place: Place
    failpoint: str | None = None
    times: int = 1


def turn(job: Turn, pipe: Any) -> None:
    """Be the process."""
    if job.failpoint:
        _failpoints._armed = _failpoints._Armed(job.failpoint)
    core = job.place.open()
    pipe.send("ready")
    pipe.recv()
    for _ in range(job.times):
        done = rotate(core, by="ada", batch=1)
    pipe.send(done.to_json() | {"keys": core.vault.key_ids})
    core.close()
