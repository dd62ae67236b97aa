"""JupyterLab or Notebook 7 as a child that keeps everything in one folder."""

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from conn_core.errors import MissingPackage

from ._configuration import (
    App,
    JupyterOptions,
    child_environment,
    write_configuration,
)
from ._failure import LaunchFailed

_MODULES: Final = {"lab": "jupyterlab", "notebook": "notebook"}
_START_SECONDS: Final = 90
#: A busy kernel is given five seconds by the server, then it is killed.
_STOP_SECONDS: Final = 20
_ASK: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def check_installed(app: App) -> None:
    """Make sure that the application can be started.

    Raises:
        MissingPackage: If it is not installed.
    """
    package = _MODULES[app]
    if importlib.util.find_spec(package) is None:
        raise MissingPackage(
            f"The demo needs the {package} package", f"Run pip install {package}"
        )


def check_port(port: int) -> None:
    """Make sure that Jupyter can listen to a port.

    Raises:
        LaunchFailed: If somebody else does, or it is not ours to use.
    """
    with socket.socket() as probe:
        if os.name == "posix":
            # As the server does: a port that was just given up is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise LaunchFailed(
                f"Port {port} cannot be used ({error.strerror})",
                "Name another one with --port",
            ) from error


class JupyterChild:
    """A running server.

    Args:
        process: It, started.
        options: How.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], options: JupyterOptions
    ) -> None:
        self._process = process
        self._options = options
        self._info: dict[str, Any] = {}

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def url(self) -> str:
        """The address of the first notebook, with the token that logs in."""
        return f"{self._info['url']}{self._options.page}?token={self._info['token']}"

    def wait_until_ready(self, stop: threading.Event) -> bool:
        """Wait until it answers; tell whether it does, or we were told to stop.

        Raises:
            LaunchFailed: If it ends, or takes too long.
        """
        until = time.monotonic() + _START_SECONDS
        while not stop.is_set():
            if self._process.poll() is not None or time.monotonic() > until:
                raise LaunchFailed(
                    f"{self._options.title} did not start: {self._last_words()}"
                )
            if self._answers():
                return True
            stop.wait(0.1)
        return False

    def wait_until_over(self, stop: threading.Event) -> None:
        """Wait until somebody ends it, or we are told to stop."""
        while not stop.is_set() and self._process.poll() is None:
            stop.wait(0.2)

    def end(self) -> None:
        """End it and its kernels."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill_all()
            self._process.wait()

    def _kill_all(self) -> None:
        if hasattr(os, "killpg"):
            os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()

    def _answers(self) -> bool:
        told = self._options.runtime_dir / f"jpserver-{self._process.pid}.json"
        try:
            self._info = json.loads(told.read_text(encoding="utf-8"))
            with _ASK.open(f"{self._info['url']}api", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, ValueError, urllib.error.URLError):
            return False

    def _last_words(self) -> str:
        lines = self._options.log.read_text(encoding="utf-8", errors="replace").split(
            "\n"
        )
        return "\n".join(line for line in lines if line.strip())[-2000:]


@contextmanager
def running_jupyter(
    options: JupyterOptions, environ: Mapping[str, str]
) -> Iterator[JupyterChild]:
    """Start it; end it, and its kernels, in the end.

    It runs in a session of its own: Ctrl-C in the terminal reaches only us, and we
    decide the order of things.

    Args:
        options: How.
        environ: The environment of this process.
    """
    write_configuration(options)
    arguments = ["--allow-root"] if _is_root() else []
    with options.log.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own Python, no shell
            [sys.executable, "-m", _MODULES[options.app], *arguments],
            cwd=options.notebooks,
            env=child_environment(options, environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    child = JupyterChild(process, options)
    try:
        yield child
    finally:
        child.end()


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
