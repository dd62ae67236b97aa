"""P14: ``jupyter connections list`` of 10,000 connections, from a server and from the store.

Each measurement is a process of its own. The peer is one too: it reads the same rows with
the bare ``sqlite3``, and prints the same columns without a thought. Run it with
``python benchmarks/command_line.py``.
"""

import contextlib
import http.server
import json
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from _table import Row, print_table
from lists import fill

from conn_core import Secret, Settings, os_user
from conn_core.broker import Core, open_core, write_handle

_TURNS = 7
#: 0.3 s and 64 MiB where the peer takes 0.05 s: the ratios hold on slower machines too.
_TIMES_PEER, _MEBIBYTES = 6.0, 64.0
_MEASURED = textwrap.dedent("""
    import re, sys
    from pathlib import Path
    {work}
    sys.stdout.flush()
    peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
    print(peak[1], file=sys.stderr)
""")
_OURS = _MEASURED.format(
    work="from conn_magics.command_line import run; assert run(['list']) == 0"
)
_PEER = _MEASURED.format(
    work=textwrap.dedent("""
    import json, sqlite3
    rows = sqlite3.connect(sys.argv[1]).execute(
        "SELECT c.link_name, c.service_id, c.owner, k.account, c.scopes "
        "FROM connections c LEFT JOIN credentials k "
        "ON k.connection_id = c.id AND k.holder = c.owner ORDER BY c.folded"
    ).fetchall()
    for name, service, owner, account, scopes in rows:
        print(f"{name:20}  {service:14}  {owner} {account or '':20}  {json.loads(scopes)}")
    """)
)


def _run(
    program: str, environment: Mapping[str, str], *arguments: str
) -> tuple[float, float]:
    """Return how long a process takes, in seconds, and its memory, in MiB."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=dict(environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
    )
    return time.perf_counter() - began, int(done.stderr) / 1024


@contextlib.contextmanager
def _server(core: Core, folder: Path) -> Iterator[str]:
    """Answer as our REST does, with what the store holds; yields the address."""
    broker = core.acting_as(os_user())
    page = broker.connections(limit=10_000)
    assert len(page.items) == 10_000
    bodies = {
        "status": broker.status().to_json(),
        "connections": {
            "items": [connection.to_json() for connection in page.items],
            "next_cursor": None,
            "total": page.total,
        },
    }
    answers = {path: json.dumps(body).encode() for path, body in bodies.items()}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = answers[self.path.partition("?")[0].rpartition("/")[2]]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}/connections/"
    write_handle(folder, endpoint=endpoint, bearer=Secret("CNRY-benchmark"))
    yield endpoint
    server.shutdown()
    server.server_close()


def _time(what: str, ours: float, peer: float) -> Row:
    return Row(
        id="P14",
        what=what,
        ours=f"{ours:.2f} s",
        peer=f"bare sqlite3 {peer:.2f} s",
        ratio=ours / peer,
        target=_TIMES_PEER,
        ok=ours / peer <= _TIMES_PEER,
    )


def _memory(what: str, ours: float, peer: float) -> Row:
    return Row(
        id="P14",
        what=what,
        ours=f"{ours:.0f} MiB",
        peer=f"bare sqlite3 {peer:.0f} MiB",
        ratio=ours,
        target=_MEBIBYTES,
        ok=ours <= _MEBIBYTES,
    )


def rows() -> list[Row]:
    """Measure on a store in a fresh folder, and on a server that answers from it."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        settings = Settings(
            data_dir=place / "data",
            runtime_dir=place / "run",
            user=os_user(),
            use_keyring=False,
        )
        core = open_core(settings)
        fill(core, user=settings.user)
        environment = os.environ | {
            "JUPYTER_CONNECTIONS_DATA_DIR": str(settings.data_dir),
            "JUPYTER_CONNECTIONS_KEYRING": "0",
            "JUPYTER_RUNTIME_DIR": str(settings.runtime_dir),
        }
        environment.pop("JUPYTER_CONNECTIONS_ENDPOINT", None)
        settings.runtime_dir.mkdir(mode=0o700)
        database = str(settings.data_dir / "connections.db")
        with _server(core, settings.runtime_dir) as endpoint:
            asking = environment | {"JUPYTER_CONNECTIONS_ENDPOINT": endpoint}
            turns = [
                (
                    _run(_OURS, asking),
                    _run(_OURS, environment),
                    _run(_PEER, environment, database),
                )
                for _ in range(_TURNS)
            ]
        core.close()
    (remote, remote_size), (local, local_size), (bare, bare_size) = (
        (statistics.median(t for t, _ in ways), statistics.median(m for _, m in ways))
        for ways in zip(*turns, strict=True)
    )
    return [
        _time("list 10,000, asking a server", remote, bare),
        _memory("the same, its memory", remote_size, bare_size),
        _time("list 10,000, opening the store", local, bare),
        _memory("the same, its memory", local_size, bare_size),
    ]


if __name__ == "__main__":
    print_table(rows())
