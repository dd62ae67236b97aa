"""Where things are and what the operator allows."""

import os
import pwd
from pathlib import Path

import pytest

from conn_core import Settings, os_user
from conn_core.errors import InvalidInput


def read(environ):
    return Settings.from_environment(
        environ, jupyter_data_dir="/j/data", jupyter_runtime_dir="/j/run", user="sam"
    )


def test_without_a_word_in_the_environment():
    """Our own folder below Jupyter's, the keyring if there is one, no loopback."""
    expected = Settings(
        data_dir=Path("/j/data/connections"), runtime_dir=Path("/j/run"), user="sam"
    )
    assert expected == read({})


def test_every_variable_is_read():
    """Those that the README names."""
    settings = read(
        {
            "JUPYTER_CONNECTIONS_DATA_DIR": "/d",
            "JUPYTER_CONNECTIONS_KEY_FILE": "/k",
            "JUPYTER_CONNECTIONS_ALLOW_LOOPBACK": "1",
            "JUPYTER_CONNECTIONS_ALLOWED_NETWORKS": "10.20.0.0/16, fd00::/8",
            "JUPYTER_CONNECTIONS_ALLOWED_PORTS": "8443, 9443",
            "JUPYTER_CONNECTIONS_ACCEPT_SHARED": "1",
            "JUPYTER_CONNECTIONS_SEALED_ONLY": "1",
            "JUPYTER_CONNECTIONS_LEND_TOKENS": "1",
            "JUPYTER_CONNECTIONS_ADMINISTRATORS": "ada, root",
            "JUPYTER_CONNECTIONS_SHARE_WITH_EVERYBODY": "0",
            "JUPYTER_CONNECTIONS_MOST_CONNECTIONS": "50",
            "JUPYTER_CONNECTIONS_MOST_SERVICES": "5",
            "JUPYTER_CONNECTIONS_KEYRING": "0",
            "JUPYTER_CONNECTIONS_CATALOG": os.pathsep.join(["/a.toml", "", "/b"]),
        }
    )
    assert (Path("/d"), Path("/k")) == (settings.data_dir, settings.key_file)
    assert settings.allow_loopback
    assert not settings.use_keyring
    assert (Path("/a.toml"), Path("/b")) == settings.catalog_paths
    assert ("10.20.0.0/16", "fd00::/8") == settings.allowed_networks
    assert (8443, 9443) == settings.allowed_ports
    assert settings.accept_shared
    assert settings.sealed_only
    assert settings.lend_tokens
    assert ("ada", "root") == settings.administrators
    assert not settings.share_with_everybody
    assert (50, 5) == (settings.most_connections, settings.most_services)


def test_how_many_is_a_whole_number():
    """Anything else is a slip, and stops us."""
    with pytest.raises(InvalidInput, match="'many' is no whole number") as caught:
        read({"JUPYTER_CONNECTIONS_MOST_SERVICES": "many"})
    assert "Write it like 100 in JUPYTER_CONNECTIONS_MOST_SERVICES" == caught.value.hint


def test_F64_keys_that_are_unwrapped_are_held_for_a_number_of_minutes():
    """An hour where nothing is said; none at all would ask for every secret."""
    variable = "JUPYTER_CONNECTIONS_KEY_HELD_MINUTES"
    assert 60 == read({}).key_held_minutes
    assert 5 == read({variable: "5"}).key_held_minutes
    with pytest.raises(InvalidInput, match="is 0, and must be 1 at least"):
        read({variable: "0"})


@pytest.mark.parametrize("said", ["1", "true", "True", "YES", "on"])
def test_ways_to_say_yes(said):
    """In any case."""
    settings = read(
        {
            "JUPYTER_CONNECTIONS_ALLOW_LOOPBACK": said,
            "JUPYTER_CONNECTIONS_KEYRING": said,
        }
    )
    assert settings.allow_loopback
    assert settings.use_keyring


@pytest.mark.parametrize("said", ["0", "no", "off", "", "perhaps"])
def test_everything_else_is_no(said):
    """What is not understood allows nothing."""
    settings = read(
        {
            "JUPYTER_CONNECTIONS_ALLOW_LOOPBACK": said,
            "JUPYTER_CONNECTIONS_KEYRING": said,
        }
    )
    assert not settings.allow_loopback
    assert not settings.use_keyring


def test_the_user_is_the_account_of_the_process(monkeypatch):
    """Whatever the environment claims."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "mallory")
    assert pwd.getpwuid(os.getuid()).pw_name == os_user()


def test_an_account_without_a_name_is_called_by_its_number(monkeypatch):
    """Containers often run under one."""

    def unknown(uid):
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert f"uid-{os.getuid()}" == os_user()


def test_other_systems_are_asked_in_their_own_way(monkeypatch):
    """There is no account database on Windows."""
    monkeypatch.setattr("conn_core._settings.os.name", "nt")
    monkeypatch.setattr("getpass.getuser", lambda: "pat")
    assert "pat" == os_user()
