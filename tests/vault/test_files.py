import os
import stat

import pytest

from conn_core.errors import StoreLocked
from conn_core.vault import _files
from conn_core.vault._files import (
    _refuse_untrusted_file,
    create_key_file,
    prepare_key_folder,
    read_key_file,
)

POSIX = pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX")
NOBODY = 65534


def _refusal(path):
    with pytest.raises(StoreLocked) as caught:
        read_key_file(path)
    return caught.value


def _facts(*, mode=0o100600, uid=None, gid=NOBODY, links=1):
    owner = os.geteuid() if uid is None else uid
    return os.stat_result((mode, 1, 1, links, owner, gid, 32, 0, 0, 0))


@POSIX
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o602, 0o660, 0o777])
def test_Q26_P2_a_key_file_for_others_is_refused(key_file, material, mode):
    """Any permission for group or others is refused, with the command that mends it."""
    path = key_file(material(), mode=mode)
    error = _refusal(path)

    assert f"The key file {path} can be read by other people" == error.message
    assert f"Run chmod 600 '{path}'" == error.hint


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_Q26_a_key_file_of_ones_own_is_read(key_file, material, mode):
    """Readable by its owner alone is how a key file should be."""
    assert 1 == len(read_key_file(key_file(material(), mode=mode)))


@POSIX
def test_Q26_a_key_file_of_somebody_else_is_refused(tmp_path):
    """A file that another user could change at any time is no key file."""
    with pytest.raises(StoreLocked, match="belongs to somebody else"):
        _refuse_untrusted_file(tmp_path / "key", _facts(uid=12345))


@POSIX
@pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() != 0, reason="only root gives files away"
)
def test_Q26_a_file_given_away_is_refused(key_file, material):
    """The same on a real file with another owner."""
    path = key_file(material())
    os.chown(path, NOBODY, NOBODY)

    assert f"The key file {path} belongs to somebody else" == _refusal(path).message


@POSIX
@pytest.mark.parametrize(
    ("facts", "is_trusted"),
    [
        ({"mode": 0o100440, "uid": 0, "gid": 0}, True),
        ({"mode": 0o100400, "uid": 0, "gid": 0}, True),
        ({"mode": 0o100440, "uid": 0, "gid": 100}, False),
        ({"mode": 0o100444, "uid": 0, "gid": 0}, False),
        ({"mode": 0o100460, "uid": 0, "gid": 0}, False),
        ({"mode": 0o100440, "uid": NOBODY, "gid": 0}, False),
    ],
)
def test_Q26_the_credentials_of_systemd_are_accepted(
    tmp_path, monkeypatch, facts, is_trusted
):
    """A service sees its credential as root:root 0440: that much and no more."""
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    path = tmp_path / "credential"

    if is_trusted:
        _refuse_untrusted_file(path, _facts(**facts))
    else:
        with pytest.raises(StoreLocked, match="can be read by other people"):
            _refuse_untrusted_file(path, _facts(**facts))


@POSIX
def test_Q26_root_gets_no_such_exception(tmp_path, monkeypatch):
    """Root can set the mode of its own file, and has to."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    with pytest.raises(StoreLocked, match="can be read by other people"):
        _refuse_untrusted_file(tmp_path / "key", _facts(mode=0o100440, uid=0, gid=0))


@POSIX
def test_P3_a_link_is_refused(key_file, material, tmp_path):
    """A link could lead anywhere tomorrow: it is refused even when it leads to a key."""
    link = tmp_path / "link.key"
    link.symlink_to(key_file(material()))

    assert f"The key file {link} is a link" == _refusal(link).message


@POSIX
def test_P3_a_link_is_refused_where_the_system_cannot_refuse_it(
    key_file, material, tmp_path, monkeypatch
):
    """Windows has no O_NOFOLLOW: then the look at the path finds the link."""
    link = tmp_path / "link.key"
    link.symlink_to(key_file(material()))
    monkeypatch.setattr(_files, "_READ", os.O_RDONLY)

    assert f"The key file {link} is a link" == _refusal(link).message


@POSIX
def test_P3_a_dangling_link_is_no_missing_file(tmp_path):
    """A link to nothing is refused as a link; it must not be taken for a new start."""
    link = tmp_path / "link.key"
    link.symlink_to(tmp_path / "nowhere")

    assert f"The key file {link} is a link" == _refusal(link).message


@POSIX
def test_P3_a_new_key_file_follows_no_link(tmp_path, as_text, monkeypatch):
    """Its first name cannot be guessed; who did all the same would get nothing."""
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setattr(_files.secrets, "token_hex", lambda _: "guessed")
    (tmp_path / ".master.key.guessed").symlink_to(elsewhere)

    with pytest.raises(StoreLocked, match="cannot be written"):
        create_key_file(tmp_path / "master.key", as_text().decode())

    assert not elsewhere.exists()
    assert not (tmp_path / "master.key").exists()


@POSIX
def test_P4_a_folder_where_anybody_writes_is_refused(key_file, material):
    """Whoever may write to the folder may put another key there."""
    path = key_file(material())
    path.parent.chmod(0o707)
    error = _refusal(path)

    assert (
        f"The key file {path} lies in a folder where anybody can put files"
        == error.message
    )
    assert f"Run chmod o-w '{path.parent}'" == error.hint


@POSIX
def test_P4_a_folder_of_somebody_else_is_refused(key_file, material, monkeypatch):
    """The owner of the folder may replace the file in it."""
    path = key_file(material())
    owner = path.parent.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    monkeypatch.setattr(_files, "_ROOT", -1)

    assert (
        f"The key file {path} lies in a folder of somebody else"
        == _refusal(path).message
    )


@POSIX
def test_P5_a_second_name_is_refused(key_file, material, tmp_path):
    """A hard link lets somebody keep the key under another name."""
    path = key_file(material())
    (tmp_path / "copy.key").hardlink_to(path)

    assert (
        f"The key file {path} has a second name elsewhere (a hard link)"
        == _refusal(path).message
    )


@POSIX
def test_a_named_pipe_does_not_hang_the_start(tmp_path):
    """Opening a pipe that nobody writes to would wait for ever."""
    pipe = tmp_path / "pipe.key"
    os.mkfifo(pipe, 0o600)

    assert f"The key file {pipe} is no file" == _refusal(pipe).message


def test_a_folder_is_no_key_file(tmp_path):
    """A folder in the place of the file is named as such."""
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)

    assert f"The key file {folder} is no file" == _refusal(folder).message


@pytest.mark.parametrize(
    ("below", "reason"),
    [
        ("key", "cannot be read (Not a directory)"),
        ("folder/key", "cannot be reached (Not a directory)"),
    ],
)
def test_a_file_below_a_file_is_unreachable(key_file, material, below, reason):
    """A path through a file cannot be looked at; the reason is said."""
    path = key_file(material()) / below

    assert f"The key file {path} {reason}" == _refusal(path).message


@pytest.mark.parametrize("name", ["missing.key", "missing/master.key"])
def test_a_missing_file_is_told_from_a_bad_one(tmp_path, name):
    """Missing file or folder: the caller decides what that means."""
    with pytest.raises(FileNotFoundError):
        read_key_file(tmp_path / name)


@POSIX
def test_a_file_that_the_system_keeps_closed_is_reported(
    key_file, material, monkeypatch
):
    """A file without permission to read is an error with the system's reason."""
    path = key_file(material())

    def closed(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", closed)

    assert (
        f"The key file {path} cannot be read (Permission denied)"
        == _refusal(path).message
    )


def test_Q14_a_file_without_a_key_is_refused(key_file):
    """A passphrase in the place of a key is refused, and not shown."""
    path = key_file(b"CNRY-my-long-passphrase\n")
    error = _refusal(path)

    assert (
        f"The key file {path} holds no key: 32 random bytes are needed, raw, "
        "in base64 or hex" == error.message
    )
    assert "CNRY-" not in str(error)


def test_a_file_without_end_is_not_read_whole(key_file, as_text):
    """Reading stops: a huge file is no list of keys."""
    path = key_file((as_text() + b"\n") * 2000)

    with pytest.raises(StoreLocked, match="holds no key"):
        read_key_file(path)


@pytest.mark.parametrize("member", ["geteuid", "O_DIRECTORY"])
def test_P6_a_system_without_owners_is_not_asked_for_them(
    key_file, as_text, tmp_path, monkeypatch, member
):
    """Windows has neither owners nor modes: links and contents are still checked."""
    monkeypatch.delattr(os, member, raising=False)
    made = tmp_path / "made.key"
    create_key_file(made, as_text().decode())

    mode = 0o644 if member == "geteuid" else 0o600
    assert 1 == len(read_key_file(key_file(as_text(), mode=mode)))
    assert 1 == len(read_key_file(made))


@POSIX
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_P1_P9_a_new_key_file_is_0600_in_a_0700_folder(tmp_path, as_text, mask):
    """Whatever the umask, only the owner can read it, and nothing else is left there."""
    before = os.umask(mask)
    try:
        folder = tmp_path / "data" / "keys"
        prepare_key_folder(folder.parent)
        prepare_key_folder(folder)
        create_key_file(folder / "master.key", as_text().decode())
    finally:
        os.umask(before)

    modes = [
        oct(stat.S_IMODE(path.stat().st_mode))
        for path in (folder.parent, folder, folder / "master.key")
    ]
    assert ["0o700", "0o700", "0o600"] == modes
    assert ["master.key"] == [path.name for path in folder.iterdir()]
    assert as_text() + b"\n" == (folder / "master.key").read_bytes()


def test_P9_a_disk_that_fails_leaves_no_half_key(tmp_path, as_text, monkeypatch):
    """When the disk is full while writing, there is no key file, not half a one."""

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(StoreLocked) as caught:
        create_key_file(tmp_path / "master.key", as_text().decode())

    assert (
        f"The key file {tmp_path / 'master.key'} cannot be written "
        "(No space left on device)" == caught.value.message
    )
    assert [] == list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_reported(key_file, material):
    """A file where the folder should be: the reason is said."""
    folder = key_file(material()) / "keys"

    with pytest.raises(StoreLocked, match=r"cannot be made \(Not a directory\)"):
        prepare_key_folder(folder)


def test_a_folder_that_is_gone_is_reported(tmp_path, as_text):
    """A folder removed in between gives an error of ours."""
    with pytest.raises(StoreLocked, match=r"cannot be written \(No such file"):
        create_key_file(tmp_path / "gone" / "master.key", as_text().decode())
