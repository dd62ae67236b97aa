"""The body of a ``%%connection`` cell is an ordinary cell."""

import pytest
from coffee_house import coffee

from conn_core.errors import (
    AuthorizationRequired,
    ConnectionNotFound,
    ConnectionRevoked,
    ScopeMissing,
)


def test_the_client_is_bound_and_works(cell):
    """The main job: a name, a call, the data as the cell's value."""
    assert {"path": "/me", "as": "priya-n"} == cell(
        '%%connection beans\nbeans.get("/me").json()'
    )


def test_the_name_stays_after_the_cell(cell):
    """A client is a variable like any other."""
    cell("%%connection beans\n1")
    assert "priya-n" == cell('beans.get("/x").json()["as"]')


def test_as_renames_and_several_names_work(cell, broker):
    """``as VAR`` for some, the link name made an identifier for the others."""
    broker.has("finance-sheet")
    cell(
        "%%connection beans as b, finance-sheet\nnames = (b.link_name, finance_sheet.link_name)"
    )
    assert ("beans", "finance-sheet") == cell("names")


def test_a_display_name_in_quotation_marks_works(cell, broker):
    """The variable is made of the link name, whatever was typed."""
    broker.has("finance-sheet", name="Finance sheet")
    assert "finance-sheet" == cell(
        '%%connection "Finance sheet"\nfinance_sheet.link_name'
    )


def test_I15_await_works_at_the_top_level(cell):
    """The async client is awaited as in any cell."""
    assert "priya-n" == cell(
        '%%connection beans --client async\n(await beans.get("/me")).json()["as"]'
    )


def test_the_last_expression_is_shown_unless_a_semicolon_ends_it(shell, capsys):
    """Display is IPython's own."""
    shell.run_cell("%%connection beans\n40 + 2", store_history=True)
    assert "42" in capsys.readouterr().out
    shell.run_cell("%%connection beans\n40 + 2;", store_history=True)
    assert "42" not in capsys.readouterr().out


def test_shell_commands_work(cell):
    """``!cmd`` in the body."""
    assert ["hello"] == list(cell("%%connection beans\nx = !echo hello\nx"))


def test_line_magics_work(shell, capsys):
    """``%time`` in the body."""
    shell.run_cell("%%connection beans\n%time y = 6 * 7\ny").raise_error()
    assert "Wall time" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    ["%%time\n%%connection beans\nz = 5", "%%connection beans\n%%time\nz = 5"],
)
def test_other_cell_magics_go_together_with_it(cell, text):
    """``%%time`` may stand above or below."""
    cell(text)
    assert 5 == cell("z")


def test_I15_a_traceback_names_the_line_of_the_cell(shell, capsys):
    """The third line of the cell is line 3."""
    shell.run_cell("%%connection beans\nx = 1\n1 / 0\ny = 2")
    out = capsys.readouterr().out
    assert "----> 3 1 / 0" in out or "line 3" in out
    assert "Traceback" in out
    assert "y" not in shell.user_ns


def test_a_syntax_error_in_the_body_opens_nothing(shell, capsys, broker):
    """The whole cell is compiled before its first line runs."""
    shell.run_cell("%%connection beans\nx = = 1")
    assert "SyntaxError" in capsys.readouterr().out
    assert [] == broker.asked


def test_an_unusable_connection_stops_the_cell(shell, capsys, broker):
    """One clean line; the body does not run; nothing is bound."""
    broker.has("acme-crm")
    broker.revoke("acme-crm")
    outcome = shell.run_cell("%%connection beans as b, acme-crm\nran = True")
    assert isinstance(outcome.error_in_exec, ConnectionRevoked)
    assert (
        "ConnectionRevoked: Connection 'acme-crm' was revoked by priya on 2026-11-20. "
        "Run %conn enable acme-crm, or ask priya"
    ) == capsys.readouterr().out.strip()
    assert not {"ran", "b", "acme_crm"} & shell.user_ns.keys()


def test_a_wrong_name_gets_a_guess(cell, broker):
    """The text of the contract, from the broker."""
    broker.has("github")
    with pytest.raises(ConnectionNotFound) as caught:
        cell("%%connection gihub\n1")
    assert (
        "There is no connection called 'gihub'. Did you mean 'github'? See %conn list"
    ) == str(caught.value)


def test_a_missing_scope_stops_the_cell(attended, capsys):
    """``--require`` is checked before the body."""
    outcome = attended.run_cell(
        "%%connection beans --require beans.read,beans.write\n1"
    )
    assert isinstance(outcome.error_in_exec, ScopeMissing)
    assert "--add-scope beans.write" in capsys.readouterr().out


def test_a_person_is_told_what_to_do(attended, capsys, broker):
    """With somebody there the error is the broker's own."""
    broker.has("new-one", status="needs authorization")
    outcome = attended.run_cell("%%connection new-one\n1")
    assert isinstance(outcome.error_in_exec, AuthorizationRequired)
    assert "Run %conn authorize new-one" in capsys.readouterr().out


def test_a_revocation_acts_on_the_very_next_cell(cell):
    """Run All: a cell that revokes, then one that uses."""
    cell("%%connection beans\n1")
    cell("%conn revoke beans -y")
    with pytest.raises(ConnectionRevoked):
        cell("%%connection beans\n1")


def test_I15_an_error_in_a_body_leaves_what_was_bound_usable(shell, cell):
    """The name stays, as any name of a cell that failed; the next cell goes on."""
    assert not shell.run_cell("%%connection beans as b\n1 / 0").success
    assert "priya-n" == cell('b.get("/x").json()["as"]')
    assert "priya-n" == cell('%%connection beans as b\nb.get("/x").json()["as"]')


def test_I15_a_cell_within_a_cell_is_one_too(cell):
    """Programs build cells; names are bound where all of them are."""
    inner = '%%connection beans as inner\nx = inner.get("/x").json()["as"]'
    cell(f"outcome = get_ipython().run_cell({inner!r})\noutcome.raise_error()")
    assert "priya-n" == cell("x")


@pytest.mark.parametrize(
    "body",
    [
        "beans = 5",
        "del beans",
        "beans.close()",
        "import os\nif not os.fork(): os._exit(0)",
    ],
)
def test_I16_what_a_body_does_with_the_name_is_its_own_matter(cell, body):
    """Given away, deleted, closed, forked: the next cell has a client that works."""
    cell(f"%%connection beans\n{body}")
    assert "priya-n" == cell('%%connection beans\nbeans.get("/x").json()["as"]')


def test_every_cell_asks_the_broker(cell, broker):
    """However fresh the client is."""
    cell("%%connection beans\n1")
    broker.asked.clear()
    cell("%%connection beans\n1")
    assert ["access_token"] == [a for a in broker.asked if a == "access_token"]


def test_a_client_is_kept_while_it_is_open(cell):
    """Building one costs a TLS context."""
    first = cell("%%connection beans\nbeans")
    assert cell("%%connection beans\nbeans") is first
    cell("beans.close()")
    assert cell("%%connection beans\nbeans") is not first


def test_a_connection_made_again_elsewhere_gets_a_new_client(cell, broker, fakes):
    """Deleted and made again for another service, it has only the name in common."""
    first = cell("%%connection beans\nbeans")
    broker._services["tea"] = coffee("https://api.tea.example").model_copy(
        update={"id": "tea"}
    )
    broker.has("beans", service="tea")
    second = cell("%%connection beans\nbeans")
    assert second is not first
    assert "https://api.tea.example" == str(second.base_url).rstrip("/")


@pytest.mark.parametrize("name", ["{token}", "$token", "beans{1}", "`x`"])
def test_I13_nothing_in_the_line_is_expanded(cell, name):
    """A variable's value never ends up in a name: it could be a secret."""
    cell("token = 'beans'")
    with pytest.raises(ConnectionNotFound) as caught:
        cell(f"%%connection {name}\n1")
    assert f"'{name}'" in str(caught.value)


def test_I13_nothing_in_a_conn_line_is_expanded(cell):
    """The same for ``%conn``."""
    cell("name = 'beans'")
    with pytest.raises(ConnectionNotFound) as caught:
        cell("%conn show {name}")
    assert "'{name}'" in str(caught.value)


def test_a_name_that_python_needs_gets_an_underscore(cell, broker):
    """``class`` cannot be a variable, ``class_`` can."""
    broker.has("class")
    assert "class" == cell("%%connection class\nclass_.link_name")


@pytest.mark.parametrize(
    ("before", "name", "kind"),
    [("import json as beans", "beans", "module"), ("", "filter", "type")],
)
def test_hiding_something_of_yours_is_said(shell, capsys, broker, before, name, kind):
    """A module, or a name of Python's own, is replaced: the person reads it once."""
    broker.has(name)
    shell.run_cell(before)
    shell.run_cell(f"%%connection {name}\nx = 1")
    assert (
        f"Note: {name} was something else ({kind}), and is the client now. "
        f"Write '{name} as NAME' to keep it\n"
    ) == capsys.readouterr().out
    shell.run_cell(f"%%connection {name}\nx = 1")
    assert "" == capsys.readouterr().out


def test_quiet_says_nothing(shell, capsys):
    """``--quiet`` turns notices off."""
    shell.run_cell("import json as beans")
    shell.run_cell("%%connection beans --quiet\nx = 1")
    assert "" == capsys.readouterr().out


def test_without_a_body_it_says_what_is_ready(shell, capsys):
    """A cell that only opens is useful: the next ones use the names."""
    shell.run_cell("%%connection beans as b")
    assert "'beans' is ready: use it as b\n" == capsys.readouterr().out


def test_programs_may_call_the_cell_magic(shell, capsys):
    """``run_cell_magic`` opens, runs, and fails loudly."""
    shell.run_cell_magic("connection", "beans", "answer = beans.link_name")
    assert "beans" == shell.user_ns["answer"]
    with pytest.raises(ZeroDivisionError):
        shell.run_cell_magic("connection", "beans", "1 / 0")
    capsys.readouterr()


def test_a_terminal_waits_for_the_body(shell):
    """After the first line the cell is not complete, as for any cell magic."""
    assert "incomplete" == shell.check_complete("%%connection beans\n")[0]
    assert "complete" == shell.check_complete("%%connection beans\n1 + 1\n\n")[0]


def test_K17_the_token_is_nowhere_in_the_shell(shell, capsys, canary):
    """Canary: after a call, in no variable's repr, no output, no history."""
    shell.run_cell(
        '%%connection beans\nr = beans.get("/me"); r.json()', store_history=True
    )
    shell.run_cell(
        "beans, r, r.request, r.request.headers, vars(beans)", store_history=True
    )
    texts = {
        "output": capsys.readouterr().out,
        "In": repr(shell.user_ns["In"]),
        "Out": repr(shell.user_ns["Out"]),
        "names": repr({n: v for n, v in shell.user_ns.items() if n != "In"}),
    }
    assert 4 == canary.sweep(texts=texts)
