"""What records requests inside a kernel, or looks at it in the middle of one."""

import faulthandler
import sys
import tempfile
import threading
import time
import traceback

import httpcore
import httpx
import pytest
from shown import everything_in

from conn_core.http import connected_client


@pytest.fixture
def recorded(monkeypatch):
    """All that tracers of httpx see: they take the place of its methods."""
    seen = []

    def record(owner, name):
        real = getattr(owner, name)

        def recording(self, request, *rest, **more):
            answer = real(self, request, *rest, **more)
            seen.append((owner.__name__, everything_in([request, answer])))
            return answer

        monkeypatch.setattr(owner, name, recording)

    record(httpx.Client, "send")
    record(httpx.HTTPTransport, "handle_request")
    record(httpcore.ConnectionPool, "handle_request")
    return seen


def test_K14_a_recorder_of_a_sealed_connection_has_no_credential(
    sealed_broker, recorded, server, secret, bearers
):
    """At whatever height it listens; what it sees below is the way to our own server."""
    with connected_client(sealed_broker, "coffee") as client:
        client.get("/user")

    assert 1 == len(server.peer.seen)
    assert {"Client", "ConnectionPool"} <= {place for place, _ in recorded}
    assert secret not in str(recorded)
    assert bearers[0] not in "".join(s for place, s in recorded if place == "Client")


def test_K14_a_recorder_above_the_transport_sees_no_credential(
    broker, recorded, peer, secret
):
    """Of a direct connection only one that listens to sockets does, as the page says."""
    with connected_client(broker, "coffee") as client:
        client.get("/user")

    assert secret in peer.seen[0].everything
    assert "Client" in {place for place, _ in recorded}
    assert secret not in "".join(
        s for place, s in recorded if place != "ConnectionPool"
    )
    assert secret in "".join(s for place, s in recorded if place == "ConnectionPool")


def frames_that_wait():
    """Return the frames below this file of a main thread that waits for an answer."""
    while True:
        frame = sys._current_frames()[threading.main_thread().ident]
        stack = traceback.StackSummary.extract(
            traceback.walk_stack(frame), capture_locals=True
        )
        # While it still sends, what is sent is a variable of whoever sends it.
        if any("receive_response" in each.name for each in stack):
            here = next(n for n, f in enumerate(stack) if f.filename == __file__)
            return stack[:here]
        time.sleep(0.01)


def test_M9_a_crash_in_the_middle_of_a_request_writes_no_credential(
    broker, peer, reply, secret
):
    """Neither what Python writes then, nor the variables of every frame."""
    written = []

    def look(_):
        with tempfile.TemporaryFile("w+") as file:
            faulthandler.dump_traceback(file, all_threads=True)
            file.seek(0)
            written.append(file.read())
        written.append("".join(traceback.format_list(frames_that_wait())))
        return reply()

    peer.answer = look
    with connected_client(broker, "coffee") as client:
        client.get("/user")

    told, frames = written
    assert "_transport.py" in told
    assert "_transport.py" in frames
    assert "request = " in frames
    assert secret in peer.seen[0].everything
    assert secret not in told + frames
