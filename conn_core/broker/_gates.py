"""One at a time per credential in this process, and what nobody may interrupt."""

import concurrent.futures
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

Result = TypeVar("Result")


class StillUnderWay(Exception):
    """It takes longer than the caller waits; it goes on without them."""


@dataclass(slots=True)
class _Gate:
    """A lock, who is at it, and the news of those who were behind it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    waiting: int = 0
    news: Any = None
    told: int = 0


class Turn:
    """The time behind a gate.

    Args:
        gate: The gate.
        since: How often news was told there when we came to it.
        end: Opens the gate for the next one.
    """

    def __init__(self, gate: _Gate, since: int, end: Callable[[], None]) -> None:
        self._gate = gate
        #: What somebody told while we waited; None when nobody told anything.
        self.news = gate.news if gate.told > since else None
        self.end = end
        self.is_handed_over = False

    def tell(self, news: Any) -> None:
        """Tell those who wait at the gate now, so that they need not look themselves.

        For them it is as new as what they would find; whoever comes later looks.
        """
        self._gate.news = news
        self._gate.told += 1

    def shielded(self, work: Callable[[], Result], *, patience: float) -> Result:
        """Do something that must be finished once it is begun; ends the turn.

        It runs in a thread of its own: whoever waits may be interrupted (the stop
        button of a notebook, Ctrl-C), the work is not, and the gate stays closed until
        it is done. The interpreter does not exit before that either.

        Args:
            work: What to do.
            patience: Seconds to wait for it.

        Raises:
            StillUnderWay: If it takes longer than that.
        """
        done: concurrent.futures.Future[Result] = concurrent.futures.Future()

        def run() -> None:
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - it is for whoever waits
                self.end()
                done.set_exception(error)
            else:
                self.end()
                done.set_result(result)

        self.is_handed_over = True
        try:
            threading.Thread(target=run, name="refresh").start()
        except RuntimeError:  # no new threads: the interpreter is about to exit
            run()
        finished, _ = concurrent.futures.wait([done], timeout=max(0.0, patience))
        if not finished:
            raise StillUnderWay
        return done.result()


class Gates:
    """Locks by name that exist only while somebody holds or awaits them."""

    def __init__(self) -> None:
        self._forget_all()

    @contextmanager
    def only_one(
        self, name: str, *, patience: float | None = None
    ) -> Iterator[Turn | None]:
        """Let one thread at a time through for ``name``.

        Args:
            name: What must not be done twice at once.
            patience: Seconds to wait before the gate; None waits for ever.

        Yields:
            The turn; None when it did not come in time.
        """
        gate, turn = self._approach(name), None
        since, limit = gate.told, -1 if patience is None else max(0.0, patience)
        try:
            if gate.lock.acquire(timeout=limit):
                turn = Turn(gate, since, lambda: self._pass_on(name, gate))
            yield turn
        finally:
            if turn is None:
                self._leave(name)
            elif not turn.is_handed_over:
                turn.end()

    def _approach(self, name: str) -> _Gate:
        if self._process != os.getpid():
            # After a fork: whoever held these locks is not in this process.
            self._forget_all()
        with self._guard:
            gate = self._gates.setdefault(name, _Gate())
            gate.waiting += 1
        return gate

    def _forget_all(self) -> None:
        self._guard = threading.Lock()
        self._gates: dict[str, _Gate] = {}
        self._process = os.getpid()

    def _pass_on(self, name: str, gate: _Gate) -> None:
        gate.lock.release()
        self._leave(name)

    def _leave(self, name: str) -> None:
        with self._guard:
            gate = self._gates[name]
            gate.waiting -= 1
            if not gate.waiting:
                del self._gates[name]
