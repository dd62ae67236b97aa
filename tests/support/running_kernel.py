"""A kernel of a hub's person, as a process: one client object for its whole life."""

import subprocess
import sys
from pathlib import Path

from service_process import clean_environment

_CODE = """
import sys
import conn_magics as cm
from conn_core.errors import ConnectionsError

client = None
for line in sys.stdin:
    try:
        if client is None:
            client = cm.connect("expenses")
        said = client.get("/me").status_code
    except ConnectionsError as error:
        said = f"{type(error).__name__}: {error}".replace(chr(10), " ")
    print(said, flush=True)
"""


class RunningKernel:
    """The kernel.

    Args:
        home: Its home, where there is nothing.
        address: Of the hub's service.
        token: What the hub gave its server.
        more: Other variables.
    """

    def __init__(self, home: Path, *, address: str, token: str, **more: str) -> None:
        variables = clean_environment(
            home,
            JUPYTER_CONNECTIONS_SERVICE=address,
            JUPYTERHUB_API_TOKEN=token,
            JUPYTER_CONNECTIONS_ALLOW_LOOPBACK="1",
            **more,
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CODE],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self) -> str:
        """Run the cell: a request with the same client; return its status or error."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        """End it."""
        with self._process:
            assert self._process.stdin
            self._process.stdin.close()
            self._process.wait(30)
