"""What other processes see of the service, and what a crash leaves behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

#: Root may look at everything: without its privileges it is an account like any other.
UNPRIVILEGED = (
    ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()
)
#: Reads what a process shows of itself; says which of it was refused.
LOOK = """
import sys
for name in ("environ", "mem", "maps", "status"):
    try:
        with open(f"/proc/{sys.argv[1]}/{name}", "rb") as file:
            if name != "mem":  # its first byte is nowhere
                file.read(1)
    except PermissionError:
        print(name)
"""
#: A process that may or may not have asked to be left alone, and then waits.
WAIT = """
import sys
if sys.argv[1] == "alone":
    from conn_serverext.service._inspection import refuse_inspection
    assert refuse_inspection()
print("ready", flush=True)
sys.stdin.readline()
"""


def refused_of(pid):
    """Return what another process of the same account may not read of one."""
    look = [*UNPRIVILEGED, sys.executable, "-c", LOOK, str(pid)]
    return subprocess.run(
        look, check=True, capture_output=True, text=True
    ).stdout.split()


@pytest.fixture
def waiting():
    """Starts a process that waits: ``waiting("alone")``."""
    made = []

    def start(word, *, folder=None):
        command = [*UNPRIVILEGED, sys.executable, "-c", WAIT, word]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        made.append(subprocess.Popen(command, text=True, cwd=folder, **pipes))
        assert "ready\n" == made[-1].stdout.readline()
        return made[-1]

    yield start
    for process in made:
        process.kill()
        process.communicate()


def test_L4_nobody_looks_into_the_service(new_replica):
    """Neither into its memory nor its environment, also not under its own account."""
    replica = new_replica()
    replica.by = UNPRIVILEGED
    replica.start()

    assert ["environ", "mem", "maps"] == refused_of(replica.process.pid)
    assert "can look into it" not in replica.log


def test_L4_control_any_other_process_is_an_open_book(waiting):
    """Else the search above would prove nothing."""
    assert [] == refused_of(waiting("as ever").pid)
    assert ["environ", "mem", "maps"] == refused_of(waiting("alone").pid)


def test_L5_a_crash_leaves_no_core_file(waiting, tmp_path):
    """However much the operator would like one."""
    process = waiting("alone", folder=tmp_path)
    limits = Path(f"/proc/{process.pid}/limits").read_text().splitlines()
    (core,) = [line.split() for line in limits if line.startswith("Max core file size")]

    process.send_signal(signal.SIGSEGV)

    assert -signal.SIGSEGV == process.wait(60)
    assert ["0", "0"] == core[4:6]
    assert [] == list(tmp_path.iterdir())


def test_L5_where_the_system_cannot_it_says_so(monkeypatch):
    """The operator reads it in the log; the service works all the same."""
    from conn_serverext.service import _inspection

    monkeypatch.setitem(sys.modules, "resource", None)
    assert not _inspection.refuse_inspection()
    monkeypatch.setattr(_inspection, "_leave_no_core", lambda: True)
    monkeypatch.setattr(_inspection.sys, "platform", "darwin")
    assert not _inspection.refuse_inspection()
