"""Where credentials come from here, and why."""

import json

import pytest

from conn_core import Secret, Settings
from conn_core.broker import (
    LocalBroker,
    RemoteBroker,
    handle_path,
    resolve,
    write_handle,
)
from conn_core.broker._environment import EnvironmentBroker
from conn_core.errors import BrokerUnavailable, StoreLocked

STATUS = {"kind": "local", "user": "priya", "location": "db", "key_source": "file"}
VARIABLE = {"access_token": "CNRY-variable", "api_base_url": "https://api.example.com"}


@pytest.fixture
def settings(tmp_path):
    return Settings(
        data_dir=tmp_path / "data",
        runtime_dir=tmp_path,
        user="sam",
        use_keyring=False,
    )


@pytest.fixture
def find(settings):
    """Resolves, and closes what was opened."""
    found = []

    def find(environ, **options):
        found.append(resolve(settings, environ, **options))
        return found[-1]

    yield find
    for resolved in found:
        resolved.close()


def outcomes(resolved):
    return [(step.name, step.chosen) for step in resolved.steps]


def test_a_broker_that_is_passed_in_is_the_one(find, settings):
    """Nothing else is looked at."""
    mine = object()
    resolved = find(
        {"JUPYTER_CONNECTIONS_ENDPOINT": "http://127.0.0.1:9/"}, override=mine
    )

    assert mine is resolved.broker
    assert [("A broker passed in", True)] == outcomes(resolved)
    assert not settings.data_dir.exists()


def test_a_server_that_answers_is_the_one(find, server, settings):
    """The local store is not opened."""
    server.answers["GET", "status"] = 200, STATUS

    resolved = find({"JUPYTER_CONNECTIONS_ENDPOINT": server.endpoint})

    assert isinstance(resolved.broker, RemoteBroker)
    assert [(f"The server at {server.endpoint}", True)] == outcomes(resolved)
    assert "acts as priya" == resolved.steps[0].outcome
    assert not settings.data_dir.exists()


def test_without_a_server_it_is_the_local_store(find, settings):
    """As in a terminal, or a job by cron."""
    resolved = find({})

    assert isinstance(resolved.broker, LocalBroker)
    assert "sam" == resolved.broker.status().user
    assert [
        ("The server", False),
        (f"The local store in {settings.data_dir}", True),
    ] == outcomes(resolved)


@pytest.mark.parametrize("left_behind", [True, False])
def test_a_server_that_has_stopped_is_noted_and_the_store_used(
    find, new_server, settings, left_behind
):
    """Whether it left its handle or not."""
    server = new_server()
    server.peer.close()
    if not left_behind:
        handle_path(settings.runtime_dir, server.endpoint).unlink()

    resolved = find({"JUPYTER_CONNECTIONS_ENDPOINT": server.endpoint})

    assert isinstance(resolved.broker, LocalBroker)
    assert "not running any more" in resolved.steps[0].outcome
    assert [False, True] == [step.chosen for step in resolved.steps]


def test_variables_come_first_and_other_names_from_below(find, settings):
    """The store is opened only when another name is asked for."""
    resolved = find({"JUPYTER_CONN_GITHUB": json.dumps(VARIABLE)})

    assert isinstance(resolved.broker, EnvironmentBroker)
    assert resolved.broker.access_token("github").access_token.same_as("CNRY-variable")
    assert not settings.data_dir.exists()
    assert [("JUPYTER_CONN_GITHUB", True)] == outcomes(resolved)

    assert 1 == resolved.broker.connections().total
    assert settings.data_dir.exists()
    assert 3 == len(resolved.steps)
    assert "CNRY" not in repr(resolved) + repr(resolved.steps)


def test_an_empty_variable_is_none(find):
    """As with most variables."""
    assert isinstance(find({"JUPYTER_CONN_GITHUB": ""}).broker, LocalBroker)


def test_no_broker_at_all_names_every_step(find, settings):
    """And why each of them is none."""
    settings.data_dir.parent.mkdir(exist_ok=True)
    settings.data_dir.write_text("a file in the place of the folder")

    with pytest.raises(BrokerUnavailable) as caught:
        find({"JUPYTER_CONNECTIONS_ENDPOINT": "http://127.0.0.1:9/connections/"})

    text = str(caught.value)
    assert text.startswith("No credentials are reachable from here: ")
    assert "no JUPYTER_CONN_NAME variable" in text
    assert "The server at http://127.0.0.1:9/connections/: The server is not" in text
    assert f"The local store in {settings.data_dir}: " in text
    assert "Run %conn env" == caught.value.hint


def test_a_locked_store_says_so_itself(settings):
    """Its text has the way out; there is nobody else to ask."""
    import dataclasses

    missing = dataclasses.replace(settings, key_file=settings.runtime_dir / "no-key")

    with pytest.raises(StoreLocked, match="no-key"):
        resolve(missing, {})


def test_close_closes_what_was_opened(settings, server):
    """The kept connection of a server; the store by its own tests."""
    server.answers["GET", "status"] = 200, STATUS
    resolved = resolve(settings, {"JUPYTER_CONNECTIONS_ENDPOINT": server.endpoint})
    idle = resolved.broker._wire._idle
    assert 1 == len(idle)

    resolved.close()

    assert [] == idle
    write_handle(settings.runtime_dir, endpoint=server.endpoint, bearer=Secret("x"))
