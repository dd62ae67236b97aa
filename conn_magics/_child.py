"""A command of somebody's that runs in the place of ours, and hears the same signals."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from conn_core.errors import InvalidInput


def run_child(
    command: Sequence[str], *, environ: Mapping[str, str], given: bytes | None = None
) -> tuple[int, bytes, bytes]:
    """Run a command to its end.

    Ctrl-C reaches it by itself, and it decides what that means; a request to end is
    passed on to it. Either way whatever is to be tidied up afterwards still is.

    Args:
        command: The program and its arguments.
        environ: Its environment.
        given: Its standard input. Then what it writes is returned; what it complains of
            only where nobody looks at a terminal. None leaves it all of ours.

    Returns:
        Its exit code as shells count them, what it wrote, and what it complained of.

    Raises:
        InvalidInput: If it cannot be started.
    """
    pipe = None if given is None else subprocess.PIPE
    seen = None if sys.stderr.isatty() else pipe
    try:
        child = subprocess.Popen(  # noqa: S603 - what the person wrote
            command, env=dict(environ), stdin=pipe, stdout=pipe, stderr=seen
        )
    except OSError as error:
        raise InvalidInput(
            f"'{command[0]}' cannot be started ({error.strerror})", "Look at its name"
        ) from None
    with child, _ended_with_us(child):
        written, complained = _wait(child, given)
    code = child.returncode
    return (128 - code if code < 0 else code), written, complained


def _wait(child: "subprocess.Popen[bytes]", given: bytes | None) -> tuple[bytes, bytes]:
    while True:
        try:
            written, complained = child.communicate(given)
        except KeyboardInterrupt:
            continue  # the terminal has told the child, too
        return written or b"", complained or b""


@contextmanager
def _ended_with_us(child: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Pass a request to end on; only a main thread hears of one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
