"""nginx in front of replicas, with the block that ``jupyter connections config`` prints."""

import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import machine

_CONFIG = """
{user}
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {more}
    include {folder}/block.conf;
}}
"""


@dataclass
class NginxProcess:
    """One nginx.

    Args:
        folder: Everything it writes is below.
        block: What was printed, as it is.
        port: Where the block says that it listens.
        more: What an operator has in the same ``http`` already.
    """

    folder: Path
    block: str
    port: int
    more: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What it wrote down, of requests and of errors."""
        files = sorted(self.folder.glob("*.log"))
        return "\n".join(file.read_text() for file in files)

    def accepted(self) -> str:
        """Return what ``nginx -t`` says.

        Raises:
            CalledProcessError: If it does not take the block.
        """
        self.folder.mkdir(exist_ok=True)
        (self.folder / "block.conf").write_text(self.block)
        user = "user root;" if os.geteuid() == 0 else ""
        config = _CONFIG.format(folder=self.folder, user=user, more=self.more)
        (self.folder / "nginx.conf").write_text(config)
        said = subprocess.run(
            [*self._command, "-t"], capture_output=True, text=True, check=False
        )
        assert said.returncode == 0, said.stderr
        return said.stderr

    def start(self) -> "NginxProcess":
        """Start it, and wait until it takes calls."""
        self.accepted()
        self.process = subprocess.Popen([*self._command, "-g", "daemon off;"])
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert self.process.poll() is None, self.log
                assert time.monotonic() < end, self.log
                time.sleep(0.05)
            else:
                return self

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)

    @property
    def _command(self) -> list[str]:
        program = machine.find_nginx()
        assert program, "nginx is missing: make parts"
        files = ["-c", f"{self.folder}/nginx.conf", "-e", f"{self.folder}/error.log"]
        return [str(program), "-p", f"{self.folder}/", *files]
