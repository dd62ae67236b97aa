"""Something is asked once before it stops working."""

import pytest

from conn_core.errors import InteractionRequired


@pytest.mark.parametrize("verb", ["revoke", "delete"])
def test_yes_skips_the_question(conn, verb, broker):
    """``-y``, and in a job too."""
    conn(f"{verb} beans -y")
    assert "beans" not in broker.found or "revoked" == broker.found["beans"].status


@pytest.mark.parametrize(
    ("verb", "doing"), [("revoke", "revoking"), ("delete", "deleting")]
)
def test_a_job_is_told_to_write_y(conn, verb, doing, broker):
    """Nobody can answer there: nothing happens, one clear error."""
    with pytest.raises(InteractionRequired) as caught:
        conn(f"{verb} beans")
    assert (
        f"This notebook runs without a user, and {doing} 'beans' asks first. "
        f"Write %conn {verb} beans -y"
    ) == str(caught.value)
    assert "connected" == broker.found["beans"].status


def test_a_terminal_asks_once(terminal, broker):
    """The question says what stops working; y does it."""
    shown = repr(terminal("revoke beans", answers=["y"]))
    assert [
        (
            "Revoke 'beans'? It stops working at once, in every notebook and job. "
            "You can enable it again. [y/N] "
        )
    ] == terminal.asked
    assert (
        "'beans' is revoked and can no longer be used\nRun %conn enable beans to undo it"
    ) == shown
    assert "revoked" == broker.found["beans"].status


def test_a_deletion_asks_too(terminal, broker):
    """And says that it cannot be undone."""
    assert ("'beans' is deleted\nCoffee House ended the authorization.") == repr(
        terminal("delete beans", answers=["YES"])
    )
    assert "This cannot be undone." in terminal.asked[0]
    assert "beans" not in broker.found


@pytest.mark.parametrize("answer", ["", "n", "no", "x", "yess", EOFError])
def test_anything_else_means_no(terminal, broker, answer):
    """Enter is no; the end of input is no."""
    assert "Nothing was changed" == repr(terminal("delete beans", answers=[answer]))
    assert "beans" in broker.found


@pytest.mark.parametrize("verb", ["revoke", "delete"])
def test_a_notebook_shows_a_form(notebook, verb, broker):
    """The form does it later; the cell returns and has changed nothing."""
    assert notebook(f"{verb} beans") is None
    (form,) = notebook.shown
    assert f"{verb.capitalize()} Beans?" in repr(form)
    assert "connected" == broker.found["beans"].status


@pytest.mark.parametrize("verb", ["revoke", "delete"])
def test_a_wrong_name_is_not_asked_about(terminal, verb):
    """The error comes first."""
    from conn_core.errors import ConnectionNotFound

    with pytest.raises(ConnectionNotFound):
        terminal(f"{verb} bean")
    assert [] == terminal.asked
