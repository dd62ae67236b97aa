"""What the refresh engine keeps on this machine, and how long it waits for what."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ._presence import Presence
from ._spill import Spill
from ._watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long the engine waits for what, seconds.

    Attributes:
        lease: Longer than any token request may take, so that a lease never ends under
            its holder.
        pulse: Between two signs of life of a lease's holder.
        silence: A holder that another machine may have lost is taken for gone after so
            long without one; with a new refresh it is still within ``wait``.
        hurry: Whoever has not asked the provider so soon after the last sign does not:
            the process was stopped, and another may ask by the time that it would.
        wait: … for another's refresh; longer than a token request.
        wait_while_good: The same while the old token still works.
        poll: Between the first looks whether another process is done.
        longest_poll: … and between later ones.
        winner: How long somebody whose refresh token was refused waits for the one who
            may have spent it.
        cool_down: An API that answers 401 to brand-new tokens gets no second refresh
            within this time.
        longest_back_off: Between two attempts at a provider that is down.
        store: How long an answer is offered to a store that does not take it.
        first_store: … before it is written into a file as well.
    """

    lease: float = 90.0
    pulse: float = 4.0
    silence: float = 20.0
    hurry: float = 10.0
    wait: float = 35.0
    wait_while_good: float = 2.0
    poll: float = 0.02
    longest_poll: float = 0.25
    winner: float = 2.0
    cool_down: float = 10.0
    longest_back_off: float = 300.0
    store: float = 45.0
    first_store: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """One opening of a store, as the refresh engine sees it.

    Attributes:
        pace: How long it waits for what.
        presence: Who we are to other processes.
        spill: What the store did not take.
        watch: What we see of others' leases.
    """

    pace: Pace
    presence: Presence
    spill: Spill
    watch: Watch

    @classmethod
    def in_folder(cls, folder: Path, pace: Pace) -> Self:
        """Keep what is kept below a deployment's own folder."""
        presence = Presence(folder / "alive")
        return cls(
            pace=pace,
            presence=presence,
            spill=Spill(folder / "spill", presence),
            watch=Watch(pace.silence),
        )
