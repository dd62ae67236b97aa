"""P10 and P7: what the extension adds to a Jupyter server, and how soon a server vends.

P10 is the start, in time and memory. P7 is a vend while somebody loads notebooks of 10 MB
as fast as they come: through the door that is for kernels, and in turns, as the peer,
through the event loop that sends the notebooks. Run it with ``python benchmarks/server.py``.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

from _table import Row, print_table
from magics import _ARRANGE, _home, _run, _server

from conn_core.broker import RemoteBroker, read_handle

_PAIRS = 15
_VENDING_SECONDS = 8
_VEND_LIMIT = 10.0  # milliseconds
_TOKEN = "a-token-of-this-benchmark"
_READER = textwrap.dedent("""
    import http.client, sys
    from urllib.parse import urlsplit

    address = urlsplit(sys.argv[1])
    while True:
        line = http.client.HTTPConnection(address.hostname, address.port)
        line.request("GET", "/api/contents/large.ipynb?content=1",
                     headers={"Authorization": f"token {sys.argv[2]}"})
        answer = line.getresponse()
        assert (answer.status, len(answer.read()) > 9_000_000) == (200, True)
        line.close()
        print("read", flush=True)
""")
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
    """Measure the start, then the vends."""
    return [*_starting(), *_vending()]


def _vending() -> list[Row]:
    """Vend while notebooks of two kinds are read."""
    with _home() as environment:
        _run(_ARRANGE, environment)
        with _server(environment | {"JUPYTER_TOKEN": _TOKEN}) as endpoint:
            runtime = environment["JUPYTER_RUNTIME_DIR"]
            door = RemoteBroker(endpoint, runtime_dir=runtime)
            bearer = read_handle(runtime, endpoint).bearer
            front = RemoteBroker(endpoint, bearer=lambda: bearer)
            book = Path(environment["HOME"], "large.ipynb")
            found = []
            for what, outputs in (("pictures", _pictures()), ("text", _text())):
                book.write_text(json.dumps(_notebook(outputs)))
                found.append(_vended(door, front, endpoint, what))
            door.close()
            front.close()
    return found


def _vended(door: RemoteBroker, front: RemoteBroker, endpoint: str, what: str) -> Row:
    idle, _ = _timed(door, front)
    reader = subprocess.Popen(
        [sys.executable, "-c", _READER, endpoint, _TOKEN], stdout=subprocess.PIPE
    )
    try:
        reader.stdout.readline()
        ours, peer = _timed(door, front)
        assert reader.poll() is None, "nobody read notebooks"
    finally:
        reader.kill()
        reader.communicate()
    return Row(
        id="P7",
        what=f"vend while notebooks are sent, 10 MB of {what}, p99 in ms",
        ours=f"{ours[98]:.1f} ms, p50 {ours[49]:.1f}, idle p99 {idle[98]:.1f}",
        peer=f"by the same event loop {peer[98]:.1f} ms, p50 {peer[49]:.1f}",
        ratio=ours[98],
        target=_VEND_LIMIT,
        ok=ours[98] <= _VEND_LIMIT,
    )


def _timed(*brokers: RemoteBroker) -> list[list[float]]:
    """Vend through one and the other; return the hundredths of their milliseconds."""
    times: list[list[float]] = [[] for _ in brokers]
    end = time.monotonic() + _VENDING_SECONDS
    while time.monotonic() < end:
        for broker, took in zip(brokers, times, strict=True):
            time.sleep(0.01)
            began = time.perf_counter()
            broker.access_token("coffee")
            took.append((time.perf_counter() - began) * 1e3)
    return [statistics.quantiles(took, n=100) for took in times]


def _pictures() -> list[dict[str, object]]:
    picture = {"image/png": "A" * 500_000}
    return [{"output_type": "display_data", "metadata": {}, "data": picture}] * 20


def _text() -> list[dict[str, object]]:
    lines = ["a line of the usual length, that some library has printed\n"] * 160
    return [{"output_type": "stream", "name": "stdout", "text": lines}] * 1000


def _notebook(outputs: list[dict[str, object]]) -> dict[str, object]:
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "execution_count": 1,
            "source": "x = 1",
            "outputs": [output],
        }
        for number, output in enumerate(outputs)
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def _starting() -> list[Row]:
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
