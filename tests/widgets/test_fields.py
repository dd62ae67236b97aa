"""The parts of forms, as far as the kernel has a say."""

import ipywidgets.embed
import pytest

from conn_core import Secret
from conn_widgets import Field, OpenLink, SecretField


def test_K20_a_secret_is_taken_once_and_kept_nowhere(wire, canary):
    """What the browser hands over reaches the one who asked, and no state holds it."""
    secret, taken = canary("client-secret"), []
    field = SecretField(label="Client secret")
    wire.type(field, filled=True)

    field.hand_over(taken.append)
    wire.receive(field, do="secret", secret=secret)
    wire.receive(field, do="secret", secret="CNRY-a-second-answer")

    assert [{"do": "hand over"}] == wire.sent_by(field)
    assert [Secret(secret)] == taken
    canary.sweep(
        texts={
            "state": repr(field.get_state()),
            "embedded": repr(ipywidgets.embed.embed_data(views=[field])),
            "repr": repr(field) + repr(vars(field)),
            "wire": wire.everything(),
        }
    )


def test_K21_a_secret_that_nobody_asked_for_is_dropped(wire, canary):
    """A message out of turn changes nothing."""
    field = SecretField()

    wire.receive(field, do="secret", secret=canary("uninvited"))

    canary.sweep(texts={"field": repr(vars(field)), "wire": wire.everything()})


def test_K24_a_secret_is_no_trait(wire):
    """Nothing that is synchronised to a second view could hold it."""
    synced = set(SecretField().keys)

    assert {"label", "placeholder", "error", "help", "filled"} <= synced
    assert "value" not in synced


def test_what_is_typed_reaches_the_kernel(wire):
    """A field's value is an ordinary trait."""
    field = Field(label="Connection name")

    wire.type(field, value="GitHub")

    assert "GitHub" == field.value


@pytest.mark.parametrize("part", [Field, OpenLink, SecretField])
def test_scripts_make_no_markup_of_text(part):
    """No script of ours has a way to turn a text into elements."""
    for way in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
    ):
        assert way not in part._esm


def test_what_was_typed_comes_before_the_button(wire):
    """Jupyter holds changes back while one is on its way, but no press of a button.

    A hand-over that has begun goes on.
    """
    field = Field(label="To", value="g")
    wire.receive(field, do="settle", state={"value": "grace"})
    assert "grace" == field.value

    taken = []
    secret = SecretField(label="Key")
    secret.hand_over(taken.append)
    wire.receive(secret, do="settle", state={"filled": True})
    wire.receive(secret, secret="CNRY-typed")
    assert secret.filled
    assert ["CNRY-typed"] == [each.reveal() for each in taken]
