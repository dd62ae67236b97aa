"""A server whose web pages have their picture taken, at a frozen moment."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import gallery_site
import jupyter_process
from ports import free_port

PERSON = gallery_site.PERSON
_SUPPORT = Path(__file__).resolve().parents[1] / "tests" / "support"
#: What the server is told, and told to believe about the time.
_CONFIG = """
import sys
sys.path.insert(0, {support!r})
from datetime import datetime
import conn_core.look
moment = datetime.fromisoformat({now!r})
conn_core.look.now = lambda: moment
c.ServerApp.identity_provider_class = "company.Company"
c.ServerApp.jpserver_extensions = {{"conn_serverext": True}}
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = {port}
c.ServerApp.port_retries = 0
c.ServerApp.open_browser = False
c.Connections.administrators = ["priya"]
"""


@contextlib.contextmanager
def running(home: Path) -> Iterator[str]:
    """Fill a store and serve it; the address of the pages is yielded."""
    gallery_site.seed(home)
    port = free_port()
    config = home / "config" / "jupyter_server_config.py"
    config.parent.mkdir(parents=True)
    config.write_text(
        _CONFIG.format(
            support=str(_SUPPORT), now=gallery_site.NOW.isoformat(), port=port
        )
    )
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", "--allow-root"],
            cwd=home,
            env=jupyter_process.home_environment(home),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}/connections/"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=1),
        ):
            return
        time.sleep(0.2)
    msg = "the server of the pages did not start"
    raise RuntimeError(msg)
