"""The handle file: only its owner can have written it, and only its owner reads it."""

import json
import os
import stat

import pytest

from conn_core import Secret
from conn_core.broker import handle_path, read_handle, remove_handle, write_handle

ENDPOINT = "http://127.0.0.1:8888/user/alice/connections/"
BEARER = "CNRY-bearer-in-file"


@pytest.fixture
def path(tmp_path):
    return write_handle(tmp_path / "run", endpoint=ENDPOINT, bearer=Secret(BEARER))


def test_what_was_written_is_read(path):
    """Endpoint, bearer and process."""
    handle = read_handle(path.parent, ENDPOINT)

    assert (ENDPOINT, os.getpid()) == (handle.endpoint, handle.pid)
    assert handle.bearer.same_as(BEARER)
    assert BEARER not in repr(handle)
    assert handle_path(path.parent, ENDPOINT) == path
    assert "connections-" == path.name[:12]


def test_L6_P1_only_the_owner_can_read_it(usual_umask, path):
    """Though the umask would let others."""
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert [path] == list(path.parent.iterdir())


def test_P9_a_newer_server_replaces_it_whole(path, tmp_path):
    """A reader sees the old one or the new one."""
    write_handle(path.parent, endpoint=ENDPOINT, bearer=Secret("CNRY-newer"), pid=42)

    handle = read_handle(path.parent, ENDPOINT)
    assert handle.bearer.same_as("CNRY-newer")
    assert 42 == handle.pid


def test_P3_a_link_in_its_place_is_replaced_when_written(tmp_path):
    """What it points to stays as it was."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    handle_path(tmp_path, ENDPOINT).symlink_to(victim)

    write_handle(tmp_path, endpoint=ENDPOINT, bearer=Secret(BEARER))

    assert "precious" == victim.read_text()
    assert read_handle(tmp_path, ENDPOINT) is not None


def test_P3_a_link_in_its_place_is_not_read(path, tmp_path):
    """Somebody has put it there."""
    elsewhere = tmp_path / "elsewhere.json"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)

    with pytest.raises(PermissionError, match="cannot be read"):
        read_handle(path.parent, ENDPOINT)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610])
def test_P2_a_file_that_others_can_open_is_not_read(path, mode):
    """It could be from them."""
    path.chmod(mode)

    with pytest.raises(PermissionError, match="can be read by other people"):
        read_handle(path.parent, ENDPOINT)


def test_P4_a_file_of_somebody_else_is_not_read(path, monkeypatch):
    """On a shared folder anybody may be faster than the server."""
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)

    with pytest.raises(PermissionError, match="belongs to somebody else"):
        read_handle(path.parent, ENDPOINT)


def test_a_pipe_in_its_place_hangs_nobody(tmp_path):
    """Opening one waits for a writer, usually."""
    os.mkfifo(handle_path(tmp_path, ENDPOINT), 0o600)

    with pytest.raises(PermissionError, match="is no file"):
        read_handle(tmp_path, ENDPOINT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "not json",
        json.dumps({"endpoint": ENDPOINT, "bearer": "x", "pid": "none"}),
        json.dumps({"endpoint": "http://evil.example/", "bearer": "x", "pid": 1}),
    ],
)
def test_a_file_that_is_no_handle_of_ours_is_none(path, text):
    """A half-written one, or that of another endpoint."""
    path.write_text(text)

    assert read_handle(path.parent, ENDPOINT) is None


def test_no_file_is_no_handle(tmp_path):
    """The server has stopped."""
    assert read_handle(tmp_path, ENDPOINT) is None


def test_a_server_removes_its_own_handle_only(path):
    """One that stops late leaves that of its successor alone."""
    remove_handle(path.parent, endpoint=ENDPOINT, pid=42)
    assert path.exists()

    remove_handle(path.parent, endpoint=ENDPOINT)
    assert not path.exists()
    remove_handle(path.parent, endpoint=ENDPOINT)


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    """The server goes on without a handle."""
    (tmp_path / "file").touch()

    with pytest.raises(OSError, match="file"):
        write_handle(tmp_path / "file", endpoint=ENDPOINT, bearer=Secret(BEARER))


def test_nothing_half_written_stays(tmp_path):
    """When the last step fails, the file with the bearer is gone."""
    handle_path(tmp_path, ENDPOINT).mkdir()

    with pytest.raises(OSError, match="directory"):
        write_handle(tmp_path, endpoint=ENDPOINT, bearer=Secret(BEARER))

    assert [handle_path(tmp_path, ENDPOINT)] == list(tmp_path.iterdir())
