"""Lines of requests that the broker sends for others: many share one transaction.

Whoever waits for a line waits for a commit, and a commit waits for the disk. While one
is under way further lines gather, and the next takes them all.
"""

import threading
from collections import deque
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..errors import AuditUnavailable, StoreUnavailable
from ..store import rows
from ._auditing import Acting, about
from ._line_texts import path_template
from ._policy import Actor
from ._sampling import Sampling

if TYPE_CHECKING:
    from ._workshop import Workshop

#: So many lines wait at most, and so many are written at once.
_MOST_WAITING: Final = 5_000
_AT_ONCE: Final = 500
_NO_DISK: Final = "Free the disk, or ask who runs this server"


class _Waiting(NamedTuple):
    line: dict[str, Any]
    written: "Future[None]"


class RequestLog:
    """Writes lines in a thread that lives as long as there are some."""

    def __init__(self) -> None:
        self.sampling = Sampling()
        self._waiting: deque[_Waiting] = deque()
        self._is_writing = False
        self._lock = threading.Lock()

    def write(self, workshop: "Workshop", line: dict[str, Any]) -> "Future[None]":
        """Have a line written; the future is done when that is committed.

        Raises:
            AuditUnavailable: If too many are waiting.
        """
        written: Future[None] = Future()
        with self._lock:
            if len(self._waiting) >= _MOST_WAITING:
                raise AuditUnavailable(
                    "More requests are sent than can be written into the audit log",
                    "Try again in a moment",
                )
            self._waiting.append(_Waiting(line, written))
            if not self._is_writing:
                self._is_writing = True
                self._start(workshop)
        return written

    def close(self, workshop: "Workshop") -> None:
        """Write down what was only counted so far."""
        left = self.sampling.left_over(workshop.clock(), every=True)
        if left:
            with workshop.store.write() as tx:
                _write(workshop, tx, [standing_for(*one) for one in left])

    def _start(self, workshop: "Workshop") -> None:
        thread = threading.Thread(
            target=self._write_all, args=(workshop,), name="connections audit log"
        )
        try:
            thread.start()
        except RuntimeError as error:  # there are too many, or Python is ending
            self._is_writing = False
            self._waiting.clear()
            raise AuditUnavailable(
                "The audit log cannot be written: no thread can be started", _NO_DISK
            ) from error

    def _write_all(self, workshop: "Workshop") -> None:
        while batch := self._next_batch():
            left = self.sampling.left_over(workshop.clock())
            lines = [one.line for one in batch]
            lines += [standing_for(*one) for one in left]
            try:
                with workshop.store.write() as tx:
                    _write(workshop, tx, lines)
            except BaseException as error:  # noqa: BLE001 - whoever waits gets it
                for one in batch:
                    one.written.set_exception(_unavailable(error))
            else:
                for one in batch:
                    one.written.set_result(None)

    def _next_batch(self) -> list[_Waiting]:
        with self._lock:
            many = min(len(self._waiting), _AT_ONCE)
            batch = [self._waiting.popleft() for _ in range(many)]
            self._is_writing = bool(batch)
            return batch


def request_noted(
    workshop: "Workshop", actor: Actor, row: rows.Row, **facts: Any
) -> "Future[None]":
    """Have a request written down; the future is done when that is committed.

    Args:
        workshop: Store and audit log.
        actor: As whom it was sent.
        row: With which connection.
        facts: From where (``place``); the request's ``host``, ``method`` and ``path``, of
            which a query is left out, and numbers and ids are; what the service answered
            (``status``, ``bytes``, ``milliseconds``, None where nothing came); and
            ``result`` and ``detail``.

    Raises:
        AuditUnavailable: If too many are waiting. The future raises it where the line
            cannot be written: then the answer is not released.
    """
    now, place = workshop.clock(), str(facts.get("place", ""))
    by = Acting.as_actor(actor, place=place).really(actor.name)
    line = about(row) | facts | {"at": now, "action": "request"}
    line |= {"actor": actor.name, "by": by}
    line["path"] = path_template(str(facts.get("path", "")))
    kind = (row.id, actor.name, place, str(facts.get("result", "ok")))
    many = workshop.requests.sampling.take(kind, line, now)
    if many:
        return workshop.requests.write(workshop, standing_for(line, many))
    counted: Future[None] = Future()
    counted.set_result(None)
    return counted


def standing_for(line: dict[str, Any], many: int) -> dict[str, Any]:
    """Return a line that says for how many requests it stands."""
    if many == 1:
        return line
    told = f"One of {many} such requests; they came too fast to write each"
    return line | {"detail": ". ".join(filter(None, (line.get("detail"), told)))}


def _write(workshop: "Workshop", tx: Any, lines: list[dict[str, Any]]) -> None:
    workshop.auditing.write_all(tx, workshop.vault, lines)


def _unavailable(error: BaseException) -> AuditUnavailable:
    if isinstance(error, AuditUnavailable):
        return error
    why = error.message if isinstance(error, StoreUnavailable) else "something failed"
    told = AuditUnavailable(f"The audit log cannot be written: {why}", _NO_DISK)
    told.__cause__ = error
    return told
