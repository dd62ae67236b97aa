"""``%conn accept``: agreeing to use what somebody else shares."""

import pytest

import conn_magics as cm
from conn_core.errors import (
    AcceptanceRequired,
    AuthorizationRequired,
    InteractionRequired,
    NeedsPerson,
)


@pytest.fixture
def lent(broker):
    """Sam shares it, and nobody here has used it."""
    return broker.has(
        "crm",
        name="CRM",
        group="organisation",
        owner="sam",
        accepted=False,
        api_hosts=("api.coffee.example", "files.coffee.example"),
        scopes=("beans.read",),
    )


def test_I8_owner_service_hosts_and_scopes_are_shown_before_it_asks(
    terminal, broker, lent
):
    """Once, and then it can be used."""
    view = terminal("accept crm", answers=["y"])
    (shown,) = terminal.shown
    assert [
        "sam shares 'crm':",
        "Service: Coffee House",
        "Hosts: api.coffee.example, files.coffee.example",
        "Scopes: beans.read",
    ] == repr(shown).splitlines()
    asked = "Use 'crm', which sam shares? What you send with it is sent in the name of "
    assert [f"{asked}sam. [y/N] "] == terminal.asked
    assert "You can use 'crm' of sam now" == repr(view)
    assert broker.found["crm"].accepted


@pytest.mark.parametrize("answer", ["", "n", EOFError])
def test_I8_anything_else_means_no(terminal, broker, lent, answer):
    """And it cannot be used."""
    assert "Nothing was changed" == repr(terminal("accept crm", answers=[answer]))
    assert not broker.found["crm"].accepted


def test_I8_no_question_with_y(conn, broker, lent):
    """Which is how a script does it."""
    assert "You can use 'crm' of sam now" == repr(conn("accept crm -y"))
    assert "'crm' needs no acceptance: you may use it already" == repr(
        conn("accept crm -y")
    )


def test_I8_U7_a_job_is_told_to_have_it_accepted_beforehand(conn, cell, lent):
    """Neither the verb nor a cell waits for anybody."""
    with pytest.raises(InteractionRequired, match="Write %conn accept crm -y"):
        conn("accept crm")
    with pytest.raises(InteractionRequired) as caught:
        cell("%%connection crm\n1")
    assert "Open a notebook and run %conn accept crm, then run the job again" == (
        caught.value.hint
    )


def test_I8_a_cell_names_the_command(attended, lent):
    """With somebody there the error is the broker's own."""
    outcome = attended.run_cell("%%connection crm\nran = True")
    assert isinstance(outcome.error_in_exec, AcceptanceRequired)
    assert "ran" not in attended.user_ns


def test_I8_the_status_names_the_command(conn, lent):
    """And nothing once it is accepted."""
    assert "%conn accept crm" in repr(conn("status crm"))
    conn("accept crm -y")
    assert "accept" not in repr(conn("status crm"))


def test_I8_ones_own_needs_none(terminal, broker):
    """Nor do credentials of one's own."""
    assert "'beans' needs no acceptance: it is yours" == repr(terminal("accept beans"))
    broker.has("hr", group="organisation", owner="sam", use_login_user_credentials=True)
    assert repr(terminal("accept hr")).endswith("you use credentials of your own")
    assert [] == terminal.asked


def test_I8_what_cannot_be_used_is_not_asked_about(terminal, broker):
    """It is said why."""
    broker.has(
        "new", group="organisation", owner="sam", accepted=False,
        status="needs authorization",
    )  # fmt: skip
    with pytest.raises(AuthorizationRequired):
        terminal("accept new")
    assert [] == terminal.asked


def test_I8_programs_accept_without_a_question(broker, lent):
    """As with all functions."""
    with pytest.raises(NeedsPerson):
        cm.connect("crm")
    assert cm.accept("crm").facts.accepted
    assert cm.connect("crm")
