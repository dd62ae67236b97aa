"""P10: what the extension adds to the start of a Jupyter server, in time and memory.

Run it with ``python benchmarks/server.py``.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

from _table import Row, print_table

_PAIRS = 15
_START = textwrap.dedent("""
    import asyncio, json, os, resource, sys, time
    from jupyter_server.serverapp import ServerApp

    app = ServerApp(
        jpserver_extensions={"conn_serverext": sys.argv[1] == "with"},
        allow_root=True, open_browser=False, port=0, log_level="ERROR",
    )
    app.initialize(argv=[], find_extensions=False)

    async def ready():
        await app.extension_manager.start_all_extensions()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps([time.process_time(), peak * (1 if sys.platform == "darwin" else 1024)]))
        await app.cleanup_extensions()
        app.io_loop.stop()

    app.io_loop.add_callback(ready)
    app.io_loop.start()
""")


def _start(kind: str, home: str) -> tuple[float, int]:
    """Start a server until it listens; return processor seconds and peak memory.

    Processor time, because the machine may be doing something else as well.
    """
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": home,
        "JUPYTER_CONNECTIONS_KEYRING": "0",
        **{f"JUPYTER_{n}_DIR": f"{home}/{n}" for n in ("CONFIG", "DATA", "RUNTIME")},
    }
    done = subprocess.run(
        [sys.executable, "-c", _START, kind],
        env=environment,
        cwd=home,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    seconds, memory = json.loads(done.stdout.splitlines()[-1])
    return seconds, memory


def rows() -> list[Row]:
    """Measure a server with the extension against one without, in turns."""
    found: dict[str, list[tuple[float, int]]] = {"with": [], "without": []}
    with tempfile.TemporaryDirectory() as home:
        for name in ("CONFIG", "DATA", "RUNTIME"):
            Path(home, name).mkdir()
        for kind in found:
            _start(kind, home)  # compiles and warms the file cache
        for turn in range(_PAIRS):
            order = ("with", "without") if turn % 2 else ("without", "with")
            for kind in order:  # whoever goes second finds a warmer machine
                found[kind].append(_start(kind, home))
    ours, peer = (
        tuple(statistics.median(column) for column in zip(*found[kind], strict=True))
        for kind in ("with", "without")
    )
    ratio, more = ours[0] / peer[0], (ours[1] - peer[1]) / 2**20
    return [
        Row(
            id="P10",
            what="server start, processor time",
            ours=f"{ours[0] * 1000:.0f} ms",
            peer=f"without the extension {peer[0] * 1000:.0f} ms",
            ratio=ratio,
            target=1.03,
            ok=ratio <= 1.03,
        ),
        Row(
            id="P10",
            what="server start, memory added in MiB",
            ours=f"{ours[1] / 2**20:.1f} MiB",
            peer=f"without the extension {peer[1] / 2**20:.1f} MiB",
            ratio=more,
            target=8,
            ok=more <= 8,
        ),
    ]


if __name__ == "__main__":
    print_table(rows())
