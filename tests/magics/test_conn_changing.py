"""The verbs of ``%conn`` that make and change connections."""

import pytest

from conn_core import Authorization
from conn_core.errors import (
    InteractionRequired,
)
from conn_magics._usage import UsageError


def test_refresh_obtains_a_new_token(conn):
    """A sentence, nothing more."""
    assert "'beans' has a new access token" == repr(conn("refresh beans"))


def test_new_creates_and_shows_the_link(terminal):
    """At a terminal the service is enough; the link is the local one."""
    shown = repr(terminal("new coffee"))
    assert "Authorize 'coffee-house' at Coffee House" in shown
    assert "http://127.0.0.1:8888/connections/start/flow1" in shown
    assert "Afterwards: %conn status coffee-house" in shown


def test_new_takes_every_option(terminal, broker):
    """What was typed is what is asked of the broker."""
    terminal(
        'new coffee --name "My beans" --scopes a,b --login-user --param shop=acme --param x=y=z --no-authorize'
    )
    made = broker.found["my-beans"]
    assert ("a", "b") == made.scopes
    assert made.use_login_user_credentials
    assert {"shop": "acme", "x": "y=z"} == made.parameters
    assert not broker.flows


def test_new_waits_when_asked(terminal, broker):
    """Progress while it waits, then who is connected."""
    shown = repr(terminal("new coffee --wait"))
    assert shown.startswith("'coffee-house' is connected as priya-n")
    assert "Scopes granted: beans.read" in shown
    assert "start/flow1" in repr(terminal.shown[0])
    assert "\rWaiting for you in the browser, 5:00 left " == terminal.said[0]
    assert [1, 1] == terminal.slept


def test_waiting_ends_with_the_time(terminal, broker):
    """The link works on, and the answer says so."""
    broker.ends_after = 100
    broker.has("new-one", status="needs authorization")
    shown = repr(terminal("authorize new-one --wait --timeout 3"))
    assert 3 == sum(terminal.slept)
    assert "Afterwards: %conn status new-one" in shown


@pytest.mark.parametrize(
    ("state", "error", "said"),
    [
        ("denied", "You did not allow it", "You did not allow it"),
        ("expired", None, "The authorization at Coffee House ended without a result."),
    ],
)
def test_an_authorization_that_comes_to_nothing_says_why(
    terminal, broker, monkeypatch, state, error, said
):
    """The reason, and the command to try again."""
    import dataclasses

    broker.has("new-one", status="needs authorization")
    ended = broker.authorize("new-one")
    ended = dataclasses.replace(ended, state=state, error=error)
    monkeypatch.setattr(broker, "authorization", lambda _flow: ended)
    assert f"{said}\nRun %conn authorize new-one to try again" == repr(
        terminal("authorize new-one --wait")
    )


def test_a_code_for_another_device_is_shown(terminal, fakes):
    """Where no browser can come back: the address, and what to enter there."""
    from conn_magics._waiting import authorization_view

    begun = Authorization(
        flow="flow1",
        state="pending",
        link_name="beans",
        service="coffee",
        service_name="Coffee House",
        way="device",
        user_code="WDJB-MJHT",
        verification_uri="https://auth.coffee.example/device",
    )
    shown = repr(authorization_view(begun))
    assert "https://auth.coffee.example/device" in shown
    assert "Enter the code WDJB-MJHT there" in shown
    assert "<a " not in authorization_view(begun)._repr_html_()


def test_an_interrupt_while_waiting_leaves_the_link(terminal, broker, monkeypatch):
    """Ctrl-C ends the waiting, not the authorization."""

    def interrupted(_flow):
        raise KeyboardInterrupt

    monkeypatch.setattr(broker, "authorization", interrupted)
    broker.has("new-one", status="needs authorization")
    assert "start/flow1" in repr(terminal("authorize new-one --wait"))
    assert "flow1" in broker.flows


def test_new_without_a_service_shows_them_at_a_terminal(terminal):
    """The catalogue, and what to write."""
    shown = repr(terminal("new"))
    assert "coffee" in shown
    assert 'Write %conn new SERVICE --name "NAME"' in shown


def test_a_job_needs_the_service_by_name(conn):
    """Nobody can pick there."""
    with pytest.raises(UsageError, match="A service is needed"):
        conn("new")


def test_a_job_creates_but_cannot_authorize(conn, broker):
    """It exists then, and the error says what a person has to do."""
    with pytest.raises(InteractionRequired, match="needs someone to authorize it"):
        conn("new coffee --name X1")
    assert "needs authorization" == broker.found["x1"].status
    assert not broker.flows


def test_edit_changes_name_and_scopes(conn, broker):
    """Added scopes need consent; the answer says so."""
    assert "'beans' is changed" == repr(conn('edit beans --name "Best beans"'))
    assert "Best beans" == broker.found["beans"].name
    shown = repr(conn("edit beans --add-scope beans.write --drop-scope nothing"))
    assert ("beans.read", "beans.write") == broker.found["beans"].scopes
    assert shown.endswith("Run %conn authorize beans")
    conn("edit beans --scopes beans.write,x --drop-scope x")
    assert ("beans.write",) == broker.found["beans"].scopes


def test_edit_of_nothing_is_explained(conn):
    """Where no form can be shown."""
    with pytest.raises(
        UsageError, match="--name, --scopes, --add-scope or --drop-scope"
    ):
        conn("edit beans")


def test_enable_undoes_revoke(conn, broker):
    """Or says that consent is missing."""
    conn("revoke beans -y")
    assert "revoked" == broker.found["beans"].status
    assert "'beans' can be used again" == repr(conn("enable beans"))
    broker.has("new-one", granted_scopes=(), status="revoked")
    assert repr(conn("enable new-one")).endswith("Run %conn authorize new-one")


def test_no_answer_to_revoke_changes_nothing(terminal, broker):
    """Enter means no."""
    assert "Nothing was changed" == repr(terminal("revoke beans", answers=[""]))
    assert "connected" == broker.found["beans"].status
