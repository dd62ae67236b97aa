"""One row per measured target, and the table that shows them.

Every benchmark measures us and a peer in one run, interleaved, and says a ratio:
ratios hold from machine to machine, times do not.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one benchmark found.

    Attributes:
        id: The number of the target.
        what: What was measured, in words.
        ours: Our median, with its unit.
        peer: The peer and its median, with its unit.
        ratio: Ours over the peer's, or the quantity that the target limits.
        target: What it should be at most.
        ok: Whether it is.
    """

    id: str
    what: str
    ours: str
    peer: str
    ratio: float
    target: float
    ok: bool


def print_table(rows: Iterable[Row]) -> None:
    """Print the rows under one head, as wide as they need to be."""
    head = ("id", "what", "ours", "peer", "ratio", "target", "")
    cells = [head] + [
        (
            row.id,
            row.what,
            row.ours,
            row.peer,
            f"{row.ratio:.3f}",
            f"≤ {row.target:g}",
            "ok" if row.ok else "MISSED",
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    for line in cells:
        print(
            "  ".join(
                text.ljust(width) for text, width in zip(line, widths, strict=True)
            )
        )
