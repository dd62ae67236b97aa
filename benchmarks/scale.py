"""How the broker service bears many: replicas, kernels and connections on PostgreSQL.

Each person has a token of the hub and a few connections. So many of them at once ask for
a token, and each question is another person's than the one before: none comes again so
soon that it is answered from memory, as with real kernels. The peer is a minimal tornado
handler, asked by as many. All of them share one machine, so the rates say little of what
more machines do; the processor time of each answer does, and what a core of each part
bears follows from it.
``python benchmarks/scale.py`` prints the table; with ``--picture FILE`` it draws
``docs/images/scale.svg`` too.
"""

import asyncio
import itertools
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
from _scale_crowd import KERNELS, Load, Minute, crowd
from _scale_deployment import CONNECTIONS, Deployment, deployed
from _scale_peer import minimal_server
from _scale_picture import Curve, picture
from _table import Row, print_table
from lists import fill
from service_process import ServiceProcess

REPLICA, DATABASE = "a replica", "PostgreSQL"


def _asked(
    deployment: Deployment,
    minute: Minute,
    replicas: list[ServiceProcess],
    at_once: int,
    *,
    different: int | None = None,
) -> Load:
    """Ask for tokens; only so many different ones, where that is given."""
    questions = [
        (f"{replica.address}api/v1/connections/{name}/token", token)
        for name in CONNECTIONS
        for token, replica in zip(deployment.tokens, itertools.cycle(replicas))
    ]
    parts = {
        REPLICA: [psutil.Process(replica.process.pid) for replica in replicas],
        DATABASE: [deployment.database],
    }
    minute.prepare(questions)
    return asyncio.run(crowd(questions[:different], at_once, parts))


def _minimal(at_once: int) -> Load:
    with minimal_server() as (address, process):
        return asyncio.run(crowd([(address, "x")], at_once, {REPLICA: [process]}))


@dataclass(frozen=True)
class Found:
    """All that was measured."""

    by_replicas: dict[int, Load]
    by_kernels: dict[int, Load]
    idle_before: Load
    idle_after: Load
    #: The same question again and again, as by processes that share a connection.
    idle_again: Load
    minimal: Load
    minimal_idle: Load


def measure() -> Found:
    """Start a deployment, and load it in one direction after the other."""
    minute = Minute()
    with deployed() as deployment:
        replicas = [deployment.replica("r1")]
        try:
            idle_before = _asked(deployment, minute, replicas, 1)
            fill(deployment.core)  # 10,000 connections more
            idle_after = _asked(deployment, minute, replicas, 1)
            idle_again = _asked(deployment, minute, replicas, 1, different=1)
            by_kernels = {
                n: _asked(deployment, minute, replicas, n) for n in (1, 10, 50, KERNELS)
            }
            by_replicas = {1: by_kernels[KERNELS]}
            for count in (2, 3):
                replicas.append(deployment.replica(f"r{count}"))
                by_replicas[count] = _asked(deployment, minute, replicas, KERNELS)
        finally:
            for replica in replicas:
                replica.stop()
        return Found(
            by_replicas=by_replicas,
            by_kernels=by_kernels,
            idle_before=idle_before,
            idle_after=idle_after,
            idle_again=idle_again,
            minimal=_minimal(KERNELS),
            minimal_idle=_minimal(1),
        )


def rows(found: Found | None = None) -> list[Row]:
    """Tell what was measured as rows of the table."""
    found = found or measure()
    again = found.idle_again
    one, three = found.by_replicas[1], found.by_replicas[3]
    broken = sum(load.broken for load in found.by_replicas.values())
    rate = found.minimal.per_second / one.per_second
    return [
        Row(
            id="P5",
            what="vend by the service, p50, the same again and again",
            ours=f"{again.p50:.2f} ms, each another's {found.idle_after.p50:.2f} ms",
            peer=f"minimal tornado {found.minimal_idle.p50:.2f} ms",
            ratio=again.p50 / found.minimal_idle.p50,
            target=1.4,
            ok=again.p50 / found.minimal_idle.p50 <= 1.4,
        ),
        Row(
            id="P6",
            what="vend with store, unsealing and audit, p99, each another's, ms",
            ours=f"{found.idle_after.p99:.2f} ms",
            peer=f"before 10,000 more connections {found.idle_before.p99:.2f} ms",
            ratio=found.idle_after.p99,
            target=3.0,
            ok=found.idle_after.p99 <= 3.0,
        ),
        Row(
            id="P6",
            what=f"the same, {KERNELS} kernels: tornado's rate over ours",
            ours=f"{one.per_second:.0f}/s, p99 {one.p99:.0f} ms",
            peer=f"minimal tornado {found.minimal.per_second:.0f}/s",
            ratio=rate,
            target=1 / 0.55,
            ok=rate <= 1 / 0.55,
        ),
        Row(
            id="P6",
            what=f"three replicas, {KERNELS} kernels: broken answers",
            ours=f"{three.per_second:.0f}/s, p99 {three.p99:.0f} ms",
            peer=f"one replica {one.per_second:.0f}/s",
            ratio=float(broken),
            target=0.0,
            ok=broken == 0,
        ),
        Row(
            id="P6",
            what="processor time of a vend over a minimal handler's",
            ours=f"{one.work[REPLICA]:.2f} ms",
            peer=f"minimal tornado {found.minimal.work[REPLICA]:.2f} ms",
            ratio=one.work[REPLICA] / found.minimal.work[REPLICA],
            target=round(1 / 0.55, 2),
            ok=one.work[REPLICA] / found.minimal.work[REPLICA] <= 1 / 0.55,
        ),
    ]


def limits(found: Found) -> list[str]:
    """Say how much a core of each part bears, were it the only thing it did."""
    work = found.by_replicas[1].work
    return [
        f"a core of {part} bears {1000 / took:,.0f} vends a second ({took:.2f} ms each)"
        for part, took in work.items()
    ]


def _curves(found: Found) -> list[Curve]:
    few = KERNELS * len(CONNECTIONS)
    stored = {f"{few:,}": found.idle_before, f"{few + 10_000:,}": found.idle_after}
    return [
        _curve("People at once, one replica", found.by_kernels),
        _curve(f"Replicas, {KERNELS} people at once", found.by_replicas),
        _curve("Connections stored, one person", stored),
    ]


def _curve(title: str, loads: Mapping[int, Load] | Mapping[str, Load]) -> Curve:
    return Curve(
        title,
        {f"{n}": load.per_second for n, load in loads.items()},
        {
            f"{n}": (
                f"p99 {_short(load.p99)}",
                f"work {sum(load.work.values()):.1f} ms",
            )
            for n, load in loads.items()
        },
    )


def _short(milliseconds: float) -> str:
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds:.{0 if milliseconds >= 10 else 1}f} ms"


def main(arguments: list[str]) -> None:
    found = measure()
    print_table(rows(found))
    print("", *limits(found), sep="\n")
    if "--picture" in arguments:
        file = Path(arguments[arguments.index("--picture") + 1])
        file.write_text(picture(_curves(found)))


if __name__ == "__main__":
    main(sys.argv[1:])
