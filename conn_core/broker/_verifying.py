"""Reading the audit log over: whether every line is as it was written."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from .._audit_values import AuditReport
from ..errors import AuditUnavailable
from ..store import audit_rows, rows
from ._auditing import CHAINS
from ._chain import ChainKey, same
from ._workshop import Workshop


@dataclass(slots=True)
class _Found:
    lines: int = 0
    chains: int = 0
    problems: list[str] = field(default_factory=list)


def verify_log(workshop: Workshop) -> AuditReport:
    """Read the whole log over; name the first broken link of each chain.

    What it cannot see: a whole database that was put back as it was before.
    """
    found = _Found()
    try:
        with workshop.store.read() as tx:
            key = workshop.auditing.key(tx, workshop.vault)
            strange = sorted(audit_rows.writers_of_lines(tx) - set(CHAINS))
    except AuditUnavailable as error:
        return AuditReport(whole=False, problems=(error.message,))
    found.problems += [f"Lines of a chain '{name}' that is none" for name in strange]
    for writer in CHAINS:
        _verify_chain(workshop, key, writer, found)
    return AuditReport(
        whole=not found.problems,
        lines=found.lines,
        chains=found.chains,
        problems=tuple(found.problems),
    )


def _verify_chain(
    workshop: Workshop, key: ChainKey, writer: str, found: _Found
) -> None:
    """Verify one chain while nobody writes it."""
    store = workshop.store
    # A reader of a file sees one moment of it; elsewhere the chain is held.
    with store.read() if store.is_file else store.write() as tx:
        head = audit_rows.held_head(tx, writer)
        walk = _Walk(key, writer)
        problem = walk.first_problem(tx, head)
    found.lines += walk.lines
    found.chains += bool(walk.lines)
    if problem:
        found.problems.append(f"Chain {writer}: {problem}")


class _Walk:
    """One way along a chain.

    Args:
        key: The key of the log.
        writer: The chain.
    """

    def __init__(self, key: ChainKey, writer: str) -> None:
        self.lines = 0
        self._key = key
        self._writer = writer
        self._number = 0
        self._digest = ""
        self._seq = 0

    def first_problem(self, tx: sa.Connection, head: rows.Row | None) -> str:
        """Return the first broken link in words; empty where all is whole."""
        return next(self._problems(tx, head), "")

    def _problems(self, tx: sa.Connection, head: rows.Row | None) -> Iterator[str]:
        if head is None:
            yield "it was taken away"
            return
        self._number, self._digest = head.base, head.base_digest
        for line in audit_rows.lines_of_writer(tx, self._writer):
            self.lines += 1
            yield from self._broken_at(line)
        if self._number < head.number:
            yield f"its last lines are missing, {self._number + 1} to {head.number}"
        elif self._number > head.number or not same(self._digest, head.digest):
            yield f"it goes on after line {head.number}, where it ended"
        if not same(self._key.signature_of(audit_rows.as_map(head)), head.signature):
            yield "where it begins or ends was changed"

    def _broken_at(self, line: rows.Row) -> Iterator[str]:
        expected, number = self._number + 1, line.number
        if number > expected:
            yield f"lines {expected} to {number - 1} are missing"
        elif number < expected:
            yield f"line {number} was trimmed, and is there"
        elif not same(self._digest_of(line), line.digest):
            yield f"line {number} (entry {line.seq}) is not as it was written"
        elif line.seq <= self._seq:
            yield f"line {number} (entry {line.seq}) is not where it was written"
        self._number, self._digest, self._seq = number, line.digest, line.seq

    def _digest_of(self, line: rows.Row) -> str:
        return self._key.digest_of(audit_rows.as_map(line), after=self._digest)
