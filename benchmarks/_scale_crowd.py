"""A crowd of kernels that ask for tokens, and what they see."""

import asyncio
import contextlib
import itertools
import statistics
import time
from dataclasses import dataclass

import aiohttp
import psutil

KERNELS = 200
SECONDS = 4.0
#: So many ask at once beforehand.
_WARMING = 20
#: After which a use is noted again, and what one measurement takes of it at most.
_MINUTE, _LONGEST = 61.0, 16.0
#: Where, and with whose token of the hub.
Question = tuple[str, str]


@dataclass(frozen=True)
class Load:
    """What a crowd of kernels saw, and what it cost.

    Attributes:
        per_second: Answers.
        p50: Half of them came sooner, in milliseconds.
        p99: All but a hundredth.
        broken: Answers that were none.
        work: Milliseconds of the processor for each answer, by part.
    """

    per_second: float
    p50: float
    p99: float
    broken: int
    work: dict[str, float]


class Minute:
    """Uses are noted once a minute: none falls due while something is measured."""

    def __init__(self) -> None:
        self._began = self._ended = float("-inf")

    def prepare(self, questions: list[Question]) -> None:
        """Ask for all of them once; a new minute begins where this one is nearly over.

        Each replica hears of a use once a minute, from whoever noted it.
        """
        is_late = time.monotonic() + _LONGEST >= self._began + _MINUTE
        if is_late:
            time.sleep(max(0.0, self._ended + _MINUTE - time.monotonic()))
            self._began = time.monotonic()
        asyncio.run(_each_once(questions))
        if is_late:
            self._ended = time.monotonic()


async def _each_once(questions: list[Question]) -> None:
    left = iter(questions)
    async with aiohttp.ClientSession() as session:

        async def some() -> None:
            for where, token in left:
                bearer = {"Authorization": f"Bearer {token}"}
                async with session.post(where, json={}, headers=bearer) as answer:
                    await answer.read()

        await asyncio.gather(*(some() for _ in range(_WARMING)))


async def crowd(
    questions: list[Question], at_once: int, parts: dict[str, list[psutil.Process]]
) -> Load:
    """Let so many ask again and again; return what they saw."""
    asked = itertools.cycle(questions)
    times: list[float] = []
    broken = 0
    limits = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=limits) as session:

        async def ask(*, counted: bool) -> None:
            nonlocal broken
            where, token = next(asked)
            bearer = {"Authorization": f"Bearer {token}"}
            began = time.perf_counter()
            async with session.post(where, json={}, headers=bearer) as answer:
                await answer.read()
                if counted:
                    times.append(time.perf_counter() - began)
                    broken += answer.status != 200

        async def kernel(until: float) -> None:
            while time.perf_counter() < until:
                await ask(counted=True)

        for _ in range(KERNELS):  # the hub is asked once for each person
            await ask(counted=False)
        until = time.perf_counter() + SECONDS
        before = {part: _worked(those) for part, those in parts.items()}
        began = time.perf_counter()
        await asyncio.gather(*(kernel(until) for _ in range(at_once)))
        took = time.perf_counter() - began
        work = {
            part: (_worked(those) - before[part]) * 1e3 / len(times)
            for part, those in parts.items()
        }
    cuts = statistics.quantiles(times, n=100)
    return Load(len(times) / took, cuts[49] * 1e3, cuts[98] * 1e3, broken, work)


def _worked(processes: list[psutil.Process]) -> float:
    """Return how long the processor has worked for these and their children.

    What a child had worked is its parent's once it is gone: parents are asked last.
    """
    worked = 0.0
    for one in processes:
        for process in (*one.children(recursive=True), one):
            with contextlib.suppress(psutil.NoSuchProcess):
                worked += sum(process.cpu_times()[:4])
    return worked
