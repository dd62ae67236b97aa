"""Changes: who sees a new connection, consent that is missing, what ends where."""

import pytest

from conn_core import Use
from conn_core.errors import InternalConnection, InvalidInput
from conn_magics._usage import UsageError


def test_new_may_be_private_or_for_some(terminal, broker):
    """Else everybody here sees it."""
    terminal("new coffee --name All --no-authorize")
    terminal("new coffee --name Mine --no-authorize --private")
    terminal("new coffee --name Ours --no-authorize --share sam --share user:alex")
    assert {"all": ("*",), "mine": (), "ours": ("user:sam", "user:alex")} == {
        name: broker.found[name].shared_with for name in ("all", "mine", "ours")
    }
    with pytest.raises(UsageError, match="write one"):
        terminal("new coffee --private --share sam")
    with pytest.raises(InvalidInput, match="--share 1: must neither begin"):
        terminal('new coffee --share "a  b" --no-authorize')


def test_a_parameter_is_given_once(terminal):
    """Which of two would count is anybody's guess."""
    with pytest.raises(UsageError, match="one name twice"):
        terminal("new coffee --param shop=a --param shop=b --no-authorize")


def test_edit_says_what_consent_is_missing_and_asks_for_it(terminal, broker):
    """Asked against granted; then the link."""
    shown = repr(terminal("edit beans --add-scope beans.write"))
    assert [
        "'beans' is changed and needs authorization again",
        "  Asked for        beans.read, beans.write",
        "  Granted          beans.read",
        "  Consent missing  beans.write",
    ] == repr(terminal.shown[0]).splitlines()
    assert "http://127.0.0.1:8888/connections/start/flow1" in shown


def test_edit_in_a_notebook_goes_on_in_the_form(notebook, broker):
    """What changed, and the link to open."""
    assert notebook("edit beans --add-scope beans.write") is None
    changed, form = notebook.shown
    assert "Consent missing  beans.write" in repr(changed)
    assert "Authorize" in repr(form)


def test_I_an_internal_connection_says_why_not(terminal, broker):
    """It refuses edit and delete, and may be revoked."""
    broker.internal_connection("coffee")
    for line in ("edit coffee-tasks --name x", "delete coffee-tasks -y"):
        with pytest.raises(InternalConnection, match="made by a built-in task"):
            terminal(line)
    assert "is revoked" in repr(terminal("revoke coffee-tasks -y"))
    assert "can be used again" in repr(terminal("enable coffee-tasks"))


def test_revoke_at_provider_says_what_was_answered(terminal, broker):
    """And the question says what it means; no form knows that."""
    shown = repr(terminal("revoke beans --at-provider", answers=["y"]))
    assert "The authorization at Coffee House ends too" in terminal.asked[0]
    assert "Coffee House ended the authorization." in shown
    assert repr(terminal("enable beans")).endswith("Run %conn authorize beans")


def test_delete_says_where_it_is_used(terminal, conn, broker, fakes):
    """Before it asks; where nobody is asked, afterwards."""
    broker.places["beans"] = [
        Use(place=f"report-{n}.ipynb", person="sam", last_at=fakes.NOW)
        for n in range(8)
    ]
    terminal("delete beans", answers=["n"])
    assert [
        "It is used in:",
        *(f"  report-{n}.ipynb, used by sam just now" for n in range(4)),
        "  and 4 more",
    ] == repr(terminal.shown[0]).splitlines()
    assert "Used in" in repr(conn("show beans"))
    said = repr(conn("delete beans -y --keep-grant"))
    assert said.startswith("'beans' is deleted\nIt was used in:\n  report-0.ipynb")
