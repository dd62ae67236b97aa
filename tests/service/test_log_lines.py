"""What the service says goes to standard error, each event in one piece."""

import os
import re
import socket
import subprocess
import sys

_THREADS, _EACH = 8, 40
_SAYS = f"""
import threading
from conn_serverext.service._app import ServiceApp

log = ServiceApp().log

def speak(who):
    for number in range({_EACH}):
        told = "Connections: %s %d %s"
        if number % 10 == 0:
            told += chr(10) + "  File x, line 1" + chr(10) + "ValueError"
        log.warning(told, who, number, "." * (number * 50))

speakers = [threading.Thread(target=speak, args=(who,)) for who in range({_THREADS})]
for speaker in speakers:
    speaker.start()
for speaker in speakers:
    speaker.join()
"""
_EVENT = re.compile(
    rb"\[ServiceApp\] WARNING \| Connections: (\d+) (\d+) (\.*)"
    rb"(?:\n  File x, line 1\nValueError)?\n"
)


def test_M14_each_event_is_one_write_of_whole_lines(tmp_path):
    """Whoever turns the log's file over in between finds no half of one on either side.

    The standard error of the program is a socket that keeps what was written at once
    together, so each thing that is received is one write.
    """
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environ = os.environ | {"HOME": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path)}
    with ours:
        with its:
            program = subprocess.Popen(
                [sys.executable, "-c", _SAYS], stderr=its, env=environ
            )
        received = iter(lambda: ours.recv(65_536), b"")
        events = [_EVENT.fullmatch(piece) or piece for piece in received]
        assert 0 == program.wait(60)

    assert [] == [event for event in events if isinstance(event, bytes)][:3]
    said = sorted((int(e[1]), int(e[2]), len(e[3])) for e in events)
    wanted = [(who, n, n * 50) for who in range(_THREADS) for n in range(_EACH)]
    assert wanted == said
