"""Ports for programs that have to be told theirs before they start."""

import itertools
import os
import socket

#: Below all that a system gives away by itself: between finding and using one, nobody
#: else is given it. Test processes that run side by side have a thousand each.
_FIRST, _EACH, _MOST = 12_000, 1_000, 16


def _ours() -> range:
    """Return the ports of this process."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    number = int(worker) % _MOST if worker.isdecimal() else _MOST
    begin = _FIRST + number * _EACH
    return range(begin, begin + _EACH)


def _in_turn():
    # Another run on this machine begins elsewhere, and none is used twice in a row.
    ports = _ours()
    begin = os.getpid() * 37 % _EACH
    return itertools.cycle([*ports[begin:], *ports[:begin]])


_ports = _in_turn()


def free_port() -> int:
    """Return a port of this machine that nobody listens to, and that nobody is given."""
    for port in itertools.islice(_ports, _EACH):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    msg = "no port is free"
    raise RuntimeError(msg)
