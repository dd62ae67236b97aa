"""``%conn functions`` and ``%conn button``, where there are no widgets."""

import json

import pytest
from IPython.core.completer import provisionalcompleter

from conn_magics._usage import UsageError

OPEN = (
    '%%connection beans --function open_issues\n"""Count them."""\n'
    'repo = "pandas"\nlimit = 5\n"x"'
)


def test_functions_lists_those_that_use_connections(cell, conn):
    """With parameters and connections, and what they say about themselves."""
    cell(OPEN)
    cell("def plain(x): ...\nalias = print\n_hidden = open_issues")
    cell(
        "import conn_magics as cm\n"
        "@cm.uses('beans', slack='team-slack', client='async')\n"
        "async def post(text, *, beans, slack): ..."
    )
    found = conn("functions")
    assert ["open_issues", "post"] == [each.__name__ for each in found]
    shown = repr(found)
    assert "repo='pandas', limit=5" in shown
    assert "async post" in shown
    assert "beans, team-slack" in shown
    assert "plain" not in shown
    assert "<code>open_issues</code><br><small>Count them." in found._repr_html_()


def test_functions_as_json(cell, conn):
    """The same for programs."""
    cell(OPEN)
    cell("import conn_magics as cm\n@cm.uses('beans')\ndef f(a, *more, beans): ...")
    found = conn("functions --json")
    assert json.loads(json.dumps(found)) == found
    first, second = found["items"]
    assert {
        "name": "open_issues",
        "doc": "Count them.",
        "async": False,
        "parameters": [
            {"name": "repo", "kind": "text", "required": False, "default": "'pandas'"},
            {"name": "limit", "kind": "whole", "required": False, "default": "5"},
        ],
        "connections": [{"name": "beans", "variable": "beans", "client": "httpx"}],
    } == first
    assert [
        {"name": "a", "kind": "text", "required": True, "default": None},
        {"name": "more", "kind": "kept", "required": True, "default": None},
    ] == second["parameters"]


def test_without_functions_it_says_how_to_make_one(conn):
    """No empty table."""
    assert "%%connection NAME --function FNAME" in repr(conn("functions"))


def test_a_button_without_widgets_is_a_sentence_and_the_call(cell, conn):
    """Its words are the label, or made of the name."""
    cell(OPEN)
    conn("button open_issues")
    conn('button open_issues --label "Count open issues"')
    first, second = (repr(each) for each in conn.shown)
    assert "Button 'Open issues' runs open_issues with 'beans'" in first
    assert "open_issues(repo='pandas', limit=5)" in first
    assert "Run the cell in a notebook to use the button" in first
    assert "Button 'Count open issues'" in second


def test_a_cells_button_without_widgets(cell):
    """Shown before the cell's own output; the cell runs all the same."""
    value = cell(f"{OPEN.replace('open_issues', 'f --button Go', 1)}")
    assert "x" == value
    assert "Button 'Go' runs f with 'beans'" in cell.printed


def test_an_async_function_is_called_with_await(cell, conn):
    """As one would type it."""
    cell("%%connection beans --client async --function f\nawait beans.get('/x')\n1")
    conn("button f")
    assert "await f()" in repr(conn.shown[0])


@pytest.mark.parametrize("line", ["button opn_issues", "button print"])
def test_a_button_of_an_unknown_function(cell, conn, line):
    """The nearest is named."""
    cell(OPEN)
    with pytest.raises(UsageError, match="See %conn functions"):
        conn(line)


def test_tab_completes_the_functions_of_this_notebook(cell, shell):
    """Where a verb wants one; and the options of a cell's line."""
    cell(OPEN)
    for line in ("%conn button op", "%conn run op"):
        assert ["open_issues"] == _completed(shell, line)
    assert ["--function"] == _completed(shell, "%%connection beans --fun")


def _completed(shell, text):
    with provisionalcompleter():
        return [each.text for each in shell.Completer.completions(text, len(text))]
