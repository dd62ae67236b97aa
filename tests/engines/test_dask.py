"""Notebooks fanned out over Dask: workers hold names and a grant, never a token."""

import contextlib
import json
import os
from pathlib import Path

import psutil
import pytest
from practice_server import texts_of
from process_memory import found_in_memory

pytestmark = [pytest.mark.kernel, pytest.mark.timeout(900)]

RUNS = 50
CELLS = (
    "%load_ext conn_magics",
    '%%connection desk\nfound = desk.get("/reports").json()\nprint(type(found).__name__)',
)


@pytest.fixture
def report(both, tmp_path):
    """The notebook, as it is carried to another machine."""
    return both.server.write_notebook("report.ipynb", *CELLS)


@pytest.fixture
def look_at(canary, both):
    """Looks for each token in the memory of processes and of all they have started."""

    def look(processes):
        issued = [token.encode() for token in both.practice.issued()]
        assert issued
        looked_at = 0
        for pid in pids_of(processes):
            try:
                assert set() == found_in_memory(pid, issued)
            except OSError:
                continue  # it has ended meanwhile
            looked_at += 1
        return looked_at

    return look


def pids_of(processes):
    """Return the ids of processes and of all that they have started."""
    for each in processes:
        process = psutil.Process(each.pid)
        yield each.pid
        yield from (child.pid for child in process.children(recursive=True))


def environments_of(processes):
    """Return environments and command lines; a kernel may end while one looks."""
    for pid in pids_of(processes):
        for what in ("environ", "cmdline"):
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                yield f"{what} of {pid}", Path(f"/proc/{pid}/{what}").read_bytes()


def test_the_search_of_memory_finds_what_is_there(both):
    """The control: this process runs the service, and has its tokens."""
    (token, *_) = both.practice.issued()

    assert {token.encode()} == found_in_memory(os.getpid(), [token.encode()])


def test_U2_U3_fifty_runs_over_workers_that_hold_a_grant(
    both, grant, engine, fan_out, report, look_at, canary, tmp_path
):
    """All succeed with one connection; a token is in no worker, output or pickle."""
    file = grant()
    bearer = json.loads(file.read_text())["bearer"]
    address, workers = engine(file)
    folder = tmp_path / "out"
    folder.mkdir()
    begun = both.practice.counters.api_calls

    ended, kernels, artefacts = [], 0, {}
    for line in fan_out(address, file, report, folder, RUNS):
        ended.append(json.loads(line))
        if len(ended) in {5, 25, 45}:
            kernels += look_at(workers) - len(workers)
            artefacts |= dict(environments_of(workers))

    assert [""] * RUNS == ended
    assert RUNS == both.practice.counters.api_calls - begun
    written = sorted(folder.glob("run-*.ipynb"))
    assert RUNS == len(written)
    assert all(texts_of(each) == ["dict\n"] for each in written)
    assert len(workers) == look_at(workers)
    assert kernels, "no kernel was looked at while it ran"
    canary.watch_all(both.practice.issued(), "token of the provider")
    canary.watch(bearer, "bearer of the grant")
    canary.watch(both.practice.client_secret, "client secret")
    assert len(canary.found_in(bearer.encode())) == 1
    canary.sweep([folder, tmp_path / "engine.log", tmp_path / "worker"], artefacts)
    canary.sweep([both.server.home / "connections", both.server.log])


def test_U5_a_grant_revoked_in_the_middle_ends_the_rest(
    both, grant, engine, fan_out, report, tmp_path
):
    """What has run has run; what comes says why, in one line."""
    file = grant()
    address, _ = engine(file)
    folder = tmp_path / "out"
    folder.mkdir()
    (made,) = both.rest("grants")["items"]

    ended = []
    for line in fan_out(address, file, report, folder, 10):
        ended.append(json.loads(line))
        if len(ended) == 3:
            both.rest(f"grants/{made['id']}", method="DELETE")

    failed = [each for each in ended if each]
    assert ["", "", ""] == ended[:3]
    assert 10 - 3 - 4 <= len(failed)  # a run or two was past its call by then
    (words,) = {each[: each.index(" on 20")] for each in failed}
    assert (
        "GrantEnded: This job's grant 'fan-out' was revoked by root"[:38] == words[:38]
    )
    assert {"Run %conn grant create"} == {each.partition(". ")[2] for each in failed}
