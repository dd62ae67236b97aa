"""A network namespace in the place of another machine, with a cable that can be pulled.

Nothing is refused then and nothing ends: what is sent is lost, and nobody says so.
Needs root on Linux.
"""

import ctypes
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from cut_door import CutDoor, Target

Found = TypeVar("Found")
_CLONE_NEWNET = 0x40000000


def is_possible() -> bool:
    """Tell whether this account may have one; a program that is missing is a failure."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    assert shutil.which("ip"), "ip is needed: run apt-get install iproute2"
    name = f"probe{os.getpid()}"
    made = subprocess.run(
        ["ip", "netns", "add", name], capture_output=True, check=False
    )
    if made.returncode == 0:
        _ip("netns", "del", name)
    return made.returncode == 0


class FarMachine:
    """The other machine. What runs in its threads is there, and processes they start."""

    def __init__(self) -> None:
        number = os.getpid() % 250
        self._name, self._cable = f"far{os.getpid()}", f"v{os.getpid()}"
        #: Where it reaches this machine.
        self.here = f"10.203.{number}.1"
        self._doors: list[CutDoor] = []
        _ip("netns", "add", self._name)
        far = f"w{os.getpid()}"
        _ip("link", "add", self._cable, "type", "veth", "peer", "name", far)
        _ip("link", "set", far, "netns", self._name)
        _ip("addr", "add", f"{self.here}/24", "dev", self._cable)
        _ip("link", "set", self._cable, "up")
        for command in (
            ["link", "set", "lo", "up"],
            ["addr", "add", f"10.203.{number}.2/24", "dev", far],
            ["link", "set", far, "up"],
        ):
            _ip("-n", self._name, *command)
        self._threads = ThreadPoolExecutor(8, initializer=self._enter)

    def run(self, work: Callable[[], Found]) -> Found:
        """Do something there."""
        return self._threads.submit(work).result()

    def begin(self, work: Callable[[], Found]):
        """Do something there, and do not wait for it."""
        return self._threads.submit(work)

    def give(self, port: int) -> None:
        """Let it have a port of our loopback at its own; no cable is in between."""
        listener = self.run(lambda: socket.create_server(("127.0.0.1", port)))
        self._doors.append(CutDoor(lambda: [("127.0.0.1", port)], listener))

    def lead_to(self, target: Target) -> int:
        """Return a port of this machine that leads somewhere, by the cable."""
        listener = socket.create_server((self.here, 0))
        self._doors.append(CutDoor(lambda: [target], listener))
        return self._doors[-1].port

    def pull_the_cable(self) -> None:
        """Lose what is sent from now on."""
        _ip("link", "set", self._cable, "down")

    def plug_it_in(self) -> None:
        """Have it arrive again."""
        _ip("link", "set", self._cable, "up")

    def close(self) -> None:
        """Take it away."""
        self._threads.shutdown()
        for door in self._doors:
            door.close()
        _ip("link", "del", self._cable)
        _ip("netns", "del", self._name)

    def _enter(self) -> None:
        assert threading.current_thread() is not threading.main_thread()
        with Path("/run/netns", self._name).open("rb") as found:
            done = ctypes.CDLL(None, use_errno=True).setns(
                found.fileno(), _CLONE_NEWNET
            )
        assert done == 0, os.strerror(ctypes.get_errno())


def _ip(*command: str) -> None:
    subprocess.run(["ip", *command], check=True)
