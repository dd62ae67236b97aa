"""A client registration that is missing, asked for on the way or entered anew."""

import getpass
import warnings

import pytest

from conn_core.errors import InteractionRequired, RegistrationRequired
from conn_magics._desk import Desk


def test_a_terminal_asks_for_the_registration(terminal, broker, canary):
    """Where to register, client id seen, secret unseen; then it goes on."""
    secret = canary("client-secret")

    shown = terminal("new milk", answers=["priyas-client"], secrets=[secret])

    kept = broker.registrations["milk"]
    assert ("priyas-client", secret) == (
        kept.client_id,
        kept.client_secret.get_secret_value(),
    )
    assert ["Client id: "] == terminal.asked
    assert ["Client secret: "] == terminal.unseen
    told = repr(terminal.shown[0])
    assert "There is no client registration with Milk yet" in told
    assert "http://127.0.0.1:8888/connections/callback/milk" in told
    assert "connections/start/flow1" in repr(shown)
    canary.sweep(texts={"shown": repr(shown) + told})


@pytest.mark.parametrize(
    ("way", "asked"),
    [("none", []), ("private_key_jwt", ["Private key (a JWK, one line): "])],
)
def test_what_proves_the_client_is_asked_for(terminal, broker, way, asked):
    """Nothing for public clients, a key where one is wanted."""
    milk = broker._services["milk"]
    changes = {"token_endpoint_auth_method": way}
    broker._services["milk"] = milk.model_copy(update=changes)

    terminal("new milk", answers=["priyas-client"], secrets=["CNRY-private-key"])

    assert asked == terminal.unseen


def test_no_client_id_gives_up(terminal, broker):
    """The broker's error says what is missing."""
    with pytest.raises(RegistrationRequired, match="no client registration with Milk"):
        terminal("new milk", answers=[""])
    assert {} == broker.registrations


def test_a_notebook_asks_for_it_in_the_form(notebook, broker):
    """Nothing is asked in the cell."""
    assert notebook("new milk --name Milk") is None

    assert "It asks for: Client id, Client secret" in repr(notebook.shown[0])
    assert [] == notebook.asked


def test_the_way_is_kept_through_the_form(notebook, broker):
    """What was asked for in the line is what begins at the end of the form."""
    assert notebook("new juice --flow device") is None
    (form,) = notebook.shown
    words = "Create and connect"
    (create,) = (w for w in _all_in(form) if getattr(w, "description", "") == words)
    create.click()

    assert "enter the code: WDJB-MJHT" in repr(form)
    form.close()


def _all_in(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _all_in(child)


def test_what_cannot_be_hidden_is_not_asked_for(monkeypatch):
    """Where ``getpass`` would show what is typed, nothing is typed."""

    def cannot_hide(_question):
        warnings.warn("echo", getpass.GetPassWarning, stacklevel=2)
        raise AssertionError

    monkeypatch.setattr(getpass, "getpass", cannot_hide)
    with pytest.raises(InteractionRequired, match="would show what you type"):
        Desk().ask_secret("API key: ")


def test_secrets_are_asked_for_by_getpass(monkeypatch):
    """Which does not echo, and keeps no history."""
    monkeypatch.setattr(getpass, "getpass", lambda question: f"typed after {question}")

    assert "typed after Key: " == Desk().ask_secret("Key: ")


def test_a_registration_is_entered_anew(terminal, broker, canary):
    """When the provider gave out another secret: ``%conn service register``."""
    secret = canary("another-client-secret")

    shown = terminal(
        "service register milk", answers=["another-client"], secrets=[secret]
    )

    assert "Milk can be connected to now" in repr(shown)
    assert "another-client" == broker.registrations["milk"].client_id
    canary.sweep(texts={"shown": repr(shown) + repr(terminal.shown)})


def test_an_empty_line_leaves_the_registration(terminal, broker):
    """Nothing is changed by accident."""
    shown = terminal("service register milk", answers=[""])

    assert "Nothing was entered" in repr(shown)
    assert "milk" not in broker.registrations


def test_a_job_registers_nothing(conn):
    """Somebody has to type it."""
    with pytest.raises(InteractionRequired, match="has to be typed"):
        conn("service register milk")
