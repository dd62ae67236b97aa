"""P17: an empty notebook job with one connection, against the same job without.

Each run is papermill in a process of its own, with a kernel of its own, as cron starts
it. Run it with ``python benchmarks/jobs.py``.
"""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

import psutil
from _table import Row, print_table
from magics import _ARRANGE, _home, _run, _server

_TURNS = 9
_TIME_LIMIT = 1.05
_MEMORY_LIMIT = 10.0  # MiB


class Run(NamedTuple):
    """What one run took.

    Attributes:
        seconds: From its start to its end.
        processor: Seconds of the processor, its kernel's too.
        memory: The most that its kernel had, in MiB.
    """

    seconds: float
    processor: float
    memory: float


_PLAIN = ("x = 1", "x = 2")
_WITH = ("%load_ext conn_magics", "%%connection coffee\nx = 1")


def rows() -> list[Row]:
    """Measure time and memory, with and without a connection, in turns.

    Beside a server, as jobs with a grant have one; and alone, where the kernel opens the
    store itself.
    """
    with _home() as environment:
        _run(_ARRANGE, environment)
        with _server(environment) as endpoint:
            here = environment | {"JUPYTER_CONNECTIONS_ENDPOINT": endpoint}
            found = _measured(here, "server")
        return [*found, *_measured(environment, "local store")]


def _measured(environment: dict[str, str], where: str) -> list[Row]:
    folder = Path(environment["HOME"])
    plain = _write(folder / "plain.ipynb", _PLAIN)
    connected = _write(folder / "connected.ipynb", _WITH)
    for book in (plain, connected):
        _timed(book, environment)  # compiles
    ours, peer = [], []
    for _ in range(_TURNS):
        ours.append(_timed(connected, environment))
        peer.append(_timed(plain, environment))
    return [_of_time(ours, peer, where), _of_memory(ours, peer, where)]


def _of_time(ours: list[Run], peer: list[Run], where: str) -> Row:
    took, plain = (statistics.median(r.seconds for r in runs) for runs in (ours, peer))
    worked, idle = (
        statistics.median(r.processor for r in runs) for runs in (ours, peer)
    )
    return Row(
        id="P17",
        what=f"empty notebook job with one connection, {where}",
        ours=f"{took:.2f} s, processor {worked:.2f} s",
        peer=f"the same without {plain:.2f} s, processor {idle:.2f} s",
        ratio=took / plain,
        target=_TIME_LIMIT,
        ok=took / plain <= _TIME_LIMIT,
    )


def _of_memory(ours: list[Run], peer: list[Run], where: str) -> Row:
    took, plain = (statistics.median(r.memory for r in runs) for runs in (ours, peer))
    return Row(
        id="P17",
        what=f"the same, memory of its kernel at its most, MiB added, {where}",
        ours=f"{took:.1f} MiB",
        peer=f"the same without {plain:.1f} MiB",
        ratio=took - plain,
        target=_MEMORY_LIMIT,
        ok=took - plain <= _MEMORY_LIMIT,
    )


def _timed(book: Path, environment: dict[str, str]) -> Run:
    """Run a notebook and watch it."""
    began = time.perf_counter()
    job = subprocess.Popen(
        [sys.executable, "-m", "papermill", str(book), os.devnull, "--no-progress-bar"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    watched = _Watched(job.pid)
    _, status, used = os.wait4(job.pid, 0)
    took = time.perf_counter() - began
    job.returncode = os.waitstatus_to_exitcode(status)
    if job.returncode:
        msg = f"{book.name} failed"
        raise RuntimeError(msg)
    return Run(took, used.ru_utime + used.ru_stime, watched.most())


class _Watched:
    """Looks at the memory of a process's children until they are gone."""

    def __init__(self, pid: int) -> None:
        self._most = 0
        self._thread = threading.Thread(target=self._look, args=(psutil.Process(pid),))
        self._thread.start()

    def most(self) -> float:
        self._thread.join()
        return self._most / (1024 * 1024)

    def _look(self, job: psutil.Process) -> None:
        while job.is_running() and job.status() != psutil.STATUS_ZOMBIE:
            try:
                for kernel in job.children():
                    self._most = max(self._most, kernel.memory_info().rss)
            except psutil.Error:
                return
            time.sleep(0.02)


def _write(path: Path, cells: tuple[str, ...]) -> Path:
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = {
        "cells": [
            {**code, "id": f"cell-{n}", "source": text} for n, text in enumerate(cells)
        ],
        "metadata": {"kernelspec": spec, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(book))
    return path


if __name__ == "__main__":
    print_table(rows())
