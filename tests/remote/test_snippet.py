"""Code to copy."""

import ast

import pytest

from conn_core import Connection, snippet
from conn_core.errors import InvalidInput


def connection(link_name="finance-sheet"):
    return Connection(
        link_name=link_name,
        name="'); import os; os.system('x') #",
        service="s",
        service_name="S",
    )


def test_python_code_runs_anywhere():
    """It names the connection, never a secret."""
    assert (
        "import conn_magics as cm\n\n"
        'finance_sheet = cm.connect("finance-sheet")\n'
        'finance_sheet.get("/user").json()'
    ) == snippet(connection(), library="python", path="/user")


def test_a_cell_uses_the_magic():
    """What most people copy."""
    assert '%%connection finance-sheet\nfinance_sheet.get("/").json()' == snippet(
        connection(), library="httpx"
    )


def test_async_code_awaits():
    """For top-level await."""
    code = snippet(connection(), library="async")

    head, body = code.split("\n")
    ast.parse(body.replace("(await ", "("))
    assert "%%connection finance-sheet --client async" == head
    assert '(await finance_sheet.get("/")).json()' == body


@pytest.mark.parametrize(
    "library", ["httpx", "async", "requests", "pandas", "python", "google_credentials"]
)
@pytest.mark.parametrize("path", ["/'); x = ('", "/\n%%bash", "/a?b=c"])
def test_I11_no_text_of_others_becomes_code(library, path):
    """Neither a display name nor a path."""
    code = snippet(connection(), library=library, path=path)

    assert repr(path) in code or f'"{path}"' in code
    assert "os.system" not in code


def test_a_name_that_python_needs_gets_an_underscore():
    """``class`` cannot be a variable."""
    code = snippet(connection("class"), library="python")
    assert 'class_ = cm.connect("class")' in code
    assert snippet(connection("class"), library="httpx").startswith(
        "%%connection class\nclass_."
    )


def test_an_unknown_kind_names_the_known_ones():
    """A wrong option is not a traceback."""
    with pytest.raises(InvalidInput, match="Choose one of httpx, async, requests"):
        snippet(connection(), library="perl")
