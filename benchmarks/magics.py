"""P8 and P9: what ``%load_ext conn_magics`` and a ``%%connection`` cell cost.

Every measurement is a process of its own that has loaded IPython, as a kernel has.
Run it with ``python benchmarks/magics.py``.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

from _table import Row, print_table

_TURNS = 9
#: 5 ms where autoreload takes 17: the ratio holds on slower machines too.
_LOAD_LIMIT = 0.29
_FIRST_LIMIT, _LATER_LIMIT = 100.0, 1.0

_SHELL = textwrap.dedent("""
    import json, os, sys, time
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    for _ in range(20):
        shell.run_cell("x = 1")
    shell.run_line_magic("load_ext", "storemagic")  # the loader itself

    def timed(work):
        began = time.perf_counter()
        work()
        return (time.perf_counter() - began) * 1000
""")
_LOAD = _SHELL + textwrap.dedent("""
    before = set(sys.modules)
    took = timed(lambda: shell.run_line_magic("load_ext", sys.argv[1]))
    new = {name.split(".")[0] for name in set(sys.modules) - before}
    ours = {"IPython", "conn_core", "conn_magics", sys.argv[1]}
    print(json.dumps([took, sorted(new - sys.stdlib_module_names - ours)]), flush=True)
    os._exit(0)  # what loads in the background is not waited for
""")
_CELL = _SHELL + textwrap.dedent("""
    def cell(text):
        took = timed(lambda: shell.run_cell(text).raise_error())
        return took

    shell.run_line_magic("load_ext", "conn_magics")
    time.sleep(float(sys.argv[1]))
    first = cell("%%connection coffee\\nx = 1")
    later, plain = [], []
    for _ in range(100):
        later.append(cell("%%connection coffee\\nx = 1"))
        plain.append(cell("x = 0\\nx = 1"))
    print(json.dumps([first, later, plain]), flush=True)
    os._exit(0)
""")
_ARRANGE = textwrap.dedent("""
    import json, os
    from types import SimpleNamespace
    from urllib.parse import parse_qs, urlsplit
    from conn_core import ClientRegistration, ConnectionDraft, os_user
    from conn_core.broker import open_core
    from conn_magics._holder import settings_here

    class Provider:
        def post_form(self, url, fields, *, headers):
            body = {"access_token": "CNRY-benchmark", "token_type": "Bearer",
                    "expires_in": 86400, "scope": "read"}
            return SimpleNamespace(status=200, headers={}, body=json.dumps(body).encode())

        def close(self):
            pass

    settings = settings_here()
    core = open_core(settings, provider=Provider())
    core.settings = __import__("dataclasses").replace(
        settings, public_url="http://127.0.0.1:8888/connections/")
    broker = core.acting_as(os_user())
    broker.register_client("coffee", ClientRegistration(client_id="x", client_secret="y"))
    broker.create(ConnectionDraft(service="coffee", name="Coffee"))
    begun = core.start_authorization(broker.authorize("coffee").flow, user=os_user())
    state = parse_qs(urlsplit(begun.authorization_url).query)["state"][0]
    done = core.finish_authorization("coffee", {"state": state, "code": "c"},
                                     binding=begun.binding.reveal(), user=os_user())
    assert done.state == "done", done.error
    core.close()
""")
_CATALOGUE = """
[[service]]
id = "coffee"
name = "Coffee"
authorization_endpoint = "https://login.coffee.example/authorize"
token_endpoint = "https://login.coffee.example/token"
api_base_url = "https://api.coffee.example"
api_hosts = ["api.coffee.example"]
default_scopes = ["read"]
scopes = [{ name = "read" }]
"""


def rows() -> list[Row]:
    """Measure loading, the first cell and later cells, with and without a server."""
    with _home() as environment:
        found = [_loading(environment)]
        _run(_ARRANGE, environment)
        found += _cells(environment, "local store")
        with _server(environment) as endpoint:
            here = environment | {"JUPYTER_CONNECTIONS_ENDPOINT": endpoint}
            found += _cells(here, "server")
    return found


def _loading(environment: dict[str, str]) -> Row:
    ours, peer, foreign = [], [], set()
    _run(_LOAD, environment, "conn_magics")  # compiles
    for _ in range(_TURNS):
        took, packages = json.loads(_run(_LOAD, environment, "conn_magics"))
        ours.append(took)
        foreign |= set(packages)
        peer.append(json.loads(_run(_LOAD, environment, "autoreload"))[0])
    took, theirs = statistics.median(ours), statistics.median(peer)
    return Row(
        id="P8",
        what=f"%load_ext conn_magics; foreign packages: {len(foreign)}",
        ours=f"{took:.1f} ms",
        peer=f"autoreload {theirs:.1f} ms",
        ratio=took / theirs,
        target=_LOAD_LIMIT,
        ok=took / theirs <= _LOAD_LIMIT and not foreign,
    )


def _cells(environment: dict[str, str], where: str) -> list[Row]:
    found = []
    later: list[float] = []
    plain: list[float] = []
    for pause, when in ((1.0, "1 s after loading"), (0.0, "at once after loading")):
        firsts = []
        for _ in range(_TURNS):
            first, more, peer = json.loads(_run(_CELL, environment, str(pause)))
            firsts.append(first)
            later += more
            plain += peer
        base = statistics.median(plain)
        added = statistics.median(firsts) - base
        found.append(
            _row(f"first cell {when}, {where}, ms added", added, base, _FIRST_LIMIT)
        )
    base = statistics.median(plain)
    added = statistics.median(later) - base
    return [*found, _row(f"later cells, {where}, ms added", added, base, _LATER_LIMIT)]


def _row(what: str, added: float, plain: float, target: float) -> Row:
    return Row(
        id="P9",
        what=what,
        ours=f"+{added:.2f} ms",
        peer=f"plain cell {plain:.2f} ms",
        ratio=added,
        target=target,
        ok=added <= target,
    )


@contextlib.contextmanager
def _home() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as home:
        catalogue = Path(home, "shops.toml")
        catalogue.write_text(_CATALOGUE)
        yield {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "IPYTHONDIR": f"{home}/ipython",
            "JUPYTER_CONFIG_DIR": f"{home}/config",
            "JUPYTER_DATA_DIR": f"{home}/data",
            "JUPYTER_RUNTIME_DIR": f"{home}/runtime",
            "JUPYTER_CONNECTIONS_KEYRING": "0",
            "JUPYTER_CONNECTIONS_CATALOG": str(catalogue),
        }


def _run(program: str, environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout.splitlines()[-1] if done.stdout else ""


@contextlib.contextmanager
def _server(environment: dict[str, str]) -> Iterator[str]:
    """Run a real Jupyter server with the extension; yields its endpoint."""
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"]
    options = [
        "--port=0",
        "--log-level=ERROR",
        f"--ServerApp.root_dir={environment['HOME']}",
    ]
    server = subprocess.Popen(
        [*command, *options],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _endpoint(Path(environment["JUPYTER_RUNTIME_DIR"]))
    finally:
        server.terminate()
        server.wait(timeout=30)


def _endpoint(runtime: Path) -> str:
    for _ in range(300):
        for handle in runtime.glob("connections-*.json"):
            endpoint: str = json.loads(handle.read_text())["endpoint"]
            return endpoint
        time.sleep(0.1)
    msg = "the server did not start"
    raise TimeoutError(msg)


if __name__ == "__main__":
    print_table(rows())
