"""Functions of another notebook, without running it."""

import inspect
import json

import pytest

import conn_magics as cm
from conn_core.errors import ConnectionRevoked, InvalidInput, NotFound
from conn_magics._usage import UsageError

CELLS = (
    "ran = []\nimport conn_magics as cm\n",
    "%load_ext conn_magics\n!touch made-by-a-command\nopen('made-by-a-cell', 'w').close()",
    "LIMIT = 3\nlate = open('no-such-file')\ndef helper(x):\n    return x * LIMIT",
    '%%connection beans --function me\nwhat = "as"\nhelper(beans.get("/me").json()[what])',
    """%%connection "Team slack" --function slack --client async
(await team_slack.get("/s")).json()["path"]""",
    "@cm.uses('beans')\ndef path(p, *, beans, times: int = 1):\n    return p * times\n\npath('ran')",
    "%%connection beans\nfrom datetime import date\nbeans.get('/not-called')",
    "%%bash\nthis is not Python",
    "%%connection beans --function fails\nx = 1\ny = x / 0",
)


@pytest.fixture
def notebook(tmp_path, shell, monkeypatch):
    """Writes a notebook into the working folder."""
    monkeypatch.chdir(tmp_path)

    def write(*cells, name="report.ipynb"):
        body = [{"cell_type": "markdown", "metadata": {}, "source": ["# Words"]}]
        body += [
            {"cell_type": "code", "metadata": {}, "source": c.splitlines(keepends=True)}
            for c in cells
        ]
        (tmp_path / name).write_text(json.dumps({"cells": body, "metadata": {}}))
        return tmp_path / name

    write(*CELLS)
    return write


def test_one_function_by_name(notebook, api):
    """It sees what its notebook defines, and works."""
    me = cm.functions.load("report.ipynb:me")
    assert "priya-n" * 3 == me()
    assert "/me" * 3 == me(what="path")
    assert ["/me", "/me"] == api.paths


def test_nothing_else_of_the_notebook_runs(notebook, tmp_path, api):
    """No command, no call, no cell."""
    cm.functions.load("report.ipynb")
    assert ["ipython", "report.ipynb"] == sorted(p.name for p in tmp_path.iterdir())
    assert [] == api.paths


def test_all_functions_of_a_notebook(notebook):
    """As attributes and by name; TAB finds them."""
    report = cm.functions.load("report")
    assert ["me", "slack", "path", "fails"] == list(report)
    assert "abab" == report.path("ab", times=2) == report["path"]("ab", times=2)
    assert {"me", "path"} <= set(dir(report))
    assert 4 == len(report)
    assert "helper" not in report


def test_they_show_themselves_as_a_list(notebook):
    """In text and in HTML."""
    report = cm.functions.load("report.ipynb")
    assert "what='as'" in repr(report)
    assert "async slack" in repr(report)
    assert "<table" in report._repr_html_()


def test_a_wrong_name_gets_the_nearest(notebook):
    """In each of the ways to ask for it."""
    words = (
        "'report.ipynb' has no function 'pth'. Did you mean path? It has: me, slack, "
    )
    with pytest.raises(NotFound, match="pth") as caught:
        cm.functions.load("report.ipynb:pth")
    assert str(caught.value).startswith(words)
    with pytest.raises(KeyError, match="pth"):
        cm.functions.load("report.ipynb")["pth"]
    with pytest.raises(AttributeError, match="Did you mean path"):
        _ = cm.functions.load("report.ipynb").pth
    with pytest.raises(AttributeError):
        _ = cm.functions.load("report.ipynb")._repr_png_


def test_each_call_checks(notebook, broker):
    """As in its own notebook."""
    me = cm.functions.load("report.ipynb:me")
    broker.revoke("beans")
    with pytest.raises(ConnectionRevoked):
        me()


def test_a_traceback_shows_the_cell(notebook, shell, capsys):
    """Its number, its line, its text."""
    shell.user_ns["fails"] = cm.functions.load("report.ipynb:fails")
    shell.run_cell("fails()", store_history=True)
    shown = capsys.readouterr().out
    assert "<cell 10 of report.ipynb>" in shown
    assert "----> 3 y = x / 0" in shown


@pytest.mark.parametrize(
    ("source", "error", "why"),
    [
        ("repot.ipynb:me", InvalidInput, "There is no notebook 'repot.ipynb'"),
        ("words.txt", InvalidInput, "'words.txt' is not a notebook: it is no JSON"),
        ("list.json:f", InvalidInput, "'list.json' is not a notebook: it has no cells"),
        ("empty.ipynb:f", NotFound, "'empty.ipynb' has no function that uses connect"),
        ("broken.ipynb:f", InvalidInput, "Cell 2, line 1 is not Python"),
        ("mistyped.ipynb:f", UsageError, "Cell 2: %%connection has no option --fn"),
        ("lacking.ipynb:f", InvalidInput, "Cell 2 imports what is not here"),
    ],
)
def test_what_cannot_be_loaded(notebook, tmp_path, source, error, why):
    """One sentence with the reason and the cell."""
    (tmp_path / "words.txt").write_text("words")
    (tmp_path / "list.json").write_text("[]")
    notebook("x = 1", name="empty.ipynb")
    notebook("def f(:", name="broken.ipynb")
    notebook("%%connection beans --fn f\n1", name="mistyped.ipynb")
    notebook("import no_such_package_at_all", name="lacking.ipynb")
    with pytest.raises(error, match=why):
        cm.functions.load(source)


def test_run_calls_a_function_of_another_notebook(conn, notebook):
    """With parameters read as their defaults are; the value is the line's."""
    assert "priya-n" * 3 == conn("run report.ipynb:me")
    assert "/me" * 3 == conn("run report:me -p what=path")
    assert "ababab" == conn("run report.ipynb:path -p p=ab -p times=3")


def test_run_runs_an_async_function_to_its_end(conn, notebook):
    """A line cannot await; its client ends with it."""
    assert "/s" == conn("run report.ipynb:slack")


def test_run_raises_what_the_function_raises(conn, notebook, broker):
    """Sync and async."""
    with pytest.raises(ZeroDivisionError):
        conn("run report.ipynb:fails")
    broker.revoke("team-slack")
    with pytest.raises(ConnectionRevoked):
        conn("run report.ipynb:slack")


def test_run_knows_this_notebooks_functions_too(conn, cell):
    """Their names need no notebook."""
    cell("%%connection beans --function add\na = 1\na + 1")
    assert 6 == conn("run add -p a=5")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("run report.ipynb:path", "'p' is needed"),
        ("run report.ipynb:path -p p=a -p tims=1", "Did you mean times?"),
        ("run report.ipynb:path -p p=a -p times=x", "'times' must be a whole number"),
        ("run report.ipynb:path -p p", "-p takes NAME=VALUE"),
        ("run paht", "There is no function 'paht' that uses connections here"),
    ],
)
def test_run_says_what_is_wrong(conn, notebook, line, why):
    """One line, before anything runs."""
    with pytest.raises(UsageError) as caught:
        conn(line)
    assert why in str(caught.value)


def test_the_signature_is_that_of_the_notebook(notebook):
    """For help and completion."""
    me = cm.functions.load("report.ipynb:me")
    assert "(*, what='as')" == str(inspect.signature(me))
