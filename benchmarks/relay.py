"""P15, P16: requests that the server carries for sealed connections.

A Jupyter server carries them to a small API on this machine; the peer is
jupyter-server-proxy in the same kind of server, and the same request sent directly.
Run it with ``python benchmarks/relay.py``.
"""

import concurrent.futures
import contextlib
import http.client
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

_OPTIONS = (
    "--allow-root",
    "--no-browser",
    "--ServerApp.port=0",
    "--ServerApp.log_level=ERROR",
)
_BIG = 50 * 2**20
_ROUNDS = 150
_STREAMS = 5
_API = textwrap.dedent("""
    import asyncio, os, sys
    from tornado import iostream, web

    PART = os.urandom(65536)  # as a file of columns or a picture is

    class Small(web.RequestHandler):
        def get(self):
            self.finish(b'{"login": "ada"}')

    class Big(web.RequestHandler):
        async def get(self):
            self.set_header("Content-Length", str(int(sys.argv[1])))
            for _ in range(int(sys.argv[1]) // len(PART)):
                self.write(PART)
                try:
                    await self.flush()
                except iostream.StreamClosedError:
                    return  # nobody reads it any more

    async def main():
        app = web.Application([("/me", Small), ("/big", Big)])
        server = app.listen(0, "127.0.0.1")
        print(next(iter(server._sockets.values())).getsockname()[1], flush=True)
        await asyncio.Event().wait()

    asyncio.run(main())
""")
_SERVICE = """
[[service]]
id = "bench"
name = "Bench"
predefined = true
category = "practice"
auth_type = "api_key"
param_name = "X-Key"
param_prefix = ""
api_base_url = "http://127.0.0.1:{port}"
api_hosts = ["127.0.0.1:{port}"]
"""
_TOKEN = "CNRY-bench-token-77aa"  # of a server that lives for a minute
_KEY = "CNRY-bench-key-16C7e42F292c6912E7710c83"  # as long as keys are


@contextlib.contextmanager
def _servers():
    """Start the API and a Jupyter server with both proxies; yield port, port and pid."""
    with tempfile.TemporaryDirectory() as home, contextlib.ExitStack() as stack:
        api = _started([sys.executable, "-c", _API, str(_BIG)], home, stack)
        port = int(api.stdout.readline())
        Path(home, "bench.toml").write_text(_SERVICE.format(port=port))
        jupyter = _started(
            [sys.executable, "-m", "jupyter_server", *_OPTIONS],
            home,
            stack,
        )
        handle = _handle(Path(home, "RUNTIME"))
        yield port, handle, jupyter.pid


def _started(command, home, stack):
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": home,
        "JUPYTER_TOKEN": _TOKEN,
        "JUPYTER_CONNECTIONS_KEYRING": "0",
        "JUPYTER_CONNECTIONS_ALLOW_LOOPBACK": "1",
        "JUPYTER_CONNECTIONS_CATALOG": f"{home}/bench.toml",
        **{f"JUPYTER_{n}_DIR": f"{home}/{n}" for n in ("CONFIG", "DATA", "RUNTIME")},
    }
    Path(home, "RUNTIME").mkdir(exist_ok=True)
    process = subprocess.Popen(
        command, env=environment, cwd=home, stdout=subprocess.PIPE, text=True
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


def _handle(runtime):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for file in runtime.glob("connections-*.json"):
            return json.loads(file.read_text())
        time.sleep(0.1)
    sys.exit("The server did not start")


class _Way:
    """One way to the API: a socket that stays open."""

    def __init__(self, port, path, headers):
        self.port, self.path, self.headers = port, path, headers
        self._line = http.client.HTTPConnection("127.0.0.1", port)

    def another(self):
        return _Way(self.port, self.path, self.headers)

    def small(self):
        self._line.request("GET", f"{self.path}/me", headers=self.headers)
        answer = self._line.getresponse()
        answer.read()
        assert answer.status == 200, answer.status

    def big(self):
        self._line.request("GET", f"{self.path}/big", headers=self.headers)
        answer, size = self._line.getresponse(), 0
        while part := answer.read(2**20):
            size += len(part)
        assert size == _BIG, size

    def stalled(self):
        """Ask for much, and read nothing but its head."""
        self._line.request("GET", f"{self.path}/big", headers=self.headers)
        return self._line.getresponse()


def _ways(api_port, handle):
    from urllib.parse import urlsplit

    endpoint = urlsplit(handle["endpoint"])
    bearer = {"Authorization": f"Bearer {handle['bearer']}"}
    made = http.client.HTTPConnection("127.0.0.1", endpoint.port)
    draft = {"service": "bench", "name": "b", "secret": {"api_key": _KEY}}
    made.request(
        "POST",
        f"{endpoint.path}api/v1/connections",
        body=json.dumps(draft),
        headers=bearer | {"Content-Type": "application/json"},
    )
    assert made.getresponse().status == 201
    base = endpoint.path.removesuffix("connections/")
    return {
        "ours": _Way(
            endpoint.port, f"{endpoint.path}api/v1/connections/b/proxy", bearer
        ),
        "peer": _Way(
            endpoint.port,
            f"{base}proxy/{api_port}",
            {"Authorization": f"token {_TOKEN}"},
        ),
        "direct": _Way(api_port, "", {}),
    }


def _small(ways):
    """Return the median seconds of a small request by each way, measured in turns."""
    found = {name: [] for name in ways}
    for _ in range(_ROUNDS):
        for name, way in ways.items():
            began = time.perf_counter()
            way.small()
            found[name].append(time.perf_counter() - began)
    return {name: statistics.median(times[10:]) for name, times in found.items()}


def _rate(way, pid, *, at_once=8, each=120):
    """Return how many requests of several callers a second of the server's CPU carries.

    The callers and the API are on this machine, too: the clock would measure them.
    """

    def call(_):
        mine = way.another()
        for _ in range(each):
            mine.small()

    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        began = _cpu(pid)
        list(pool.map(call, range(at_once)))
        return at_once * each / (_cpu(pid) - began)


def _cpu(pid):
    """Return the seconds that a process has computed, in all its threads."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def _peak(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def _streams(ways):
    """Return the median seconds of a large answer by each way, measured in turns."""
    found = {name: [] for name in ways}
    for _ in range(_STREAMS):
        for name, way in ways.items():
            began = time.perf_counter()
            way.big()
            found[name].append(time.perf_counter() - began)
    return {name: statistics.median(times) for name, times in found.items()}


def _grown(ours, pid):
    """Return how much memory a large answer takes, and one that nobody reads."""
    ours.small()
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew
    before = _peak(pid)
    ours.another().big()
    answers = [ours.another().stalled() for _ in range(4)]
    time.sleep(1)
    del answers
    return _peak(pid) - before


def rows() -> list[Row]:
    """Measure ours against the peer and against no proxy at all."""
    with _servers() as (api_port, handle, pid):
        ways = _ways(api_port, handle)
        small = _small(ways)
        rates = {name: [] for name in ("ours", "peer")}
        for _ in range(3):
            for name, found in rates.items():
                found.append(_rate(ways[name], pid))
        grown = _grown(ways["ours"], pid)
        big = _streams(ways)
    return [*_rows_of_small(small, rates), *_rows_of_big(big, grown)]


def _rows_of_small(small, rates):
    added = (small["ours"] - small["direct"]) * 1000
    theirs = (small["peer"] - small["direct"]) * 1000
    ours, peer = (statistics.median(rates[name]) for name in ("ours", "peer"))
    return [
        Row(
            id="P15",
            what="carried request, added in ms",
            ours=f"{added:.2f} ms",
            peer=f"jupyter-server-proxy {theirs:.2f} ms",
            ratio=added,
            target=0.6,
            ok=added <= 0.6,
        ),
        Row(
            id="P15",
            what="carried per second of CPU, peer's over ours",
            ours=f"{ours:.0f}/s",
            peer=f"jupyter-server-proxy {peer:.0f}/s",
            ratio=peer / ours,
            target=0.25,
            ok=peer / ours <= 0.25,
        ),
    ]


def _rows_of_big(big, grown):
    speed = big["ours"] / big["direct"]
    theirs = big["peer"] / big["direct"]
    return [
        Row(
            id="P16",
            what="50 MB carried, time over direct",
            ours=f"{big['ours'] * 1000:.0f} ms",
            peer=f"direct {big['direct'] * 1000:.0f} ms, "
            f"jupyter-server-proxy {theirs:.1f} times that",
            ratio=speed,
            target=2.5,
            ok=speed <= 2.5,
        ),
        Row(
            id="P16",
            what="50 MB carried and four that nobody reads, MiB",
            ours=f"{grown / 2**20:.1f} MiB",
            peer="none",
            ratio=grown / 2**20,
            target=10,
            ok=grown / 2**20 <= 10,
        ),
    ]


if __name__ == "__main__":
    print_table(rows())
