"""``--client ADAPTER`` in a cell, and ``cm.connect(client=…)``."""

import pytest

import conn_magics as cm
from conn_core.errors import InteractionRequired
from conn_magics._usage import UsageError
from conn_magics.adapters._requests import ConnectedSession


@pytest.fixture
def cell(shell):
    """Runs a cell; returns its value, or raises what it raised."""

    def run(text):
        outcome = shell.run_cell(text)
        outcome.raise_error()
        return outcome.result

    return run


def test_a_cell_gets_what_the_adapter_makes(cell, desk):
    """Called by its display name, bound to its link name."""
    text = '%%connection Desk --client requests\ndesk.get("/me").json()["login"]'

    assert "sam" == cell(text)
    desk.later()
    assert "sam" == cell(text)
    assert "sam" == cell(
        '%%connection desk as d --client requests\nd.get("me").json()["login"]'
    )


def test_another_kind_of_client_takes_the_place_without_a_word(cell, capsys):
    """Both are ours; anything else is not hidden in silence."""
    for options in ("--client requests", "", "--client requests"):
        cell(f"%%connection desk {options}\nx = 1")
    assert "" == capsys.readouterr().out
    cell("desk = 5")
    cell("%%connection desk --client requests\nx = 1")
    assert "Note: desk was something else (int)" in capsys.readouterr().out


def test_options_of_the_cell_reach_the_adapter(cell, desk):
    """Scopes and seconds."""
    cell("%%connection desk --client requests --timeout 7 --require all\n1")
    assert 7 == cell("desk").context.timeout
    with pytest.raises(InteractionRequired, match="lacks the scope 'more'"):
        cell("%%connection desk --client requests --require more\n1")


def test_what_needs_more_than_a_connection_is_no_client(cell):
    """An engine needs an address; headers are no client."""
    for name in ("sqlalchemy_engine", "storage_options", "headers", "nothing"):
        with pytest.raises(UsageError, match=f"no client called '{name}'"):
            cell(f"%%connection desk --client {name}\n1")


def test_connect_takes_an_adapter_too(desk):
    """The same word as in a cell."""
    session = cm.connect("Desk", client="requests", timeout=3)

    assert isinstance(session, ConnectedSession)
    assert ("desk", 3) == (session.context.link_name, session.context.timeout)
    assert "sam" == session.get("/me").json()["login"]
