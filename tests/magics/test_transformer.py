"""The first line of a cell is rewritten; nothing else is touched."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conn_magics._transformer import rewrite_first_line


def _lines(text):
    return text.splitlines(keepends=True)


def _line_passed_on(source):
    """Return the text that the call gets, by reading the call as Python does."""
    call = ast.parse(source).body[0].value
    return ast.literal_eval(call.args[0])


@pytest.mark.parametrize(
    "text",
    [
        "1 + 1\n",
        "%%time\n1\n",
        "%%connections beans\n1\n",
        "%%connection?\n",
        "%%connection??\n",
        "\n%%connection beans\n1\n",
        "x = '''\n%%connection beans\n'''\n",
        "%conn list\n",
    ],
)
def test_other_cells_are_left_alone(text):
    """A cell that does not begin with our magic goes through unchanged."""
    assert _lines(text) == rewrite_first_line(_lines(text))


def test_an_empty_cell_is_left_alone():
    """IPython passes no lines for an empty cell."""
    assert [] == rewrite_first_line([])


def test_the_body_keeps_its_lines_and_their_numbers():
    """One line is replaced by one line."""
    before = _lines("%%connection beans as b\nx = 1\n\nawait y\n")
    after = rewrite_first_line(before)
    assert before[1:] == after[1:]
    assert len(before) == len(after)
    assert "beans as b" == _line_passed_on(after[0])


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"])).map(
        lambda text: "".join(text.splitlines())
    )
)
def test_I11_whatever_is_typed_travels_as_one_literal(typed):
    """Quotation marks, braces and backslashes in the line never become code."""
    after = rewrite_first_line([f"%%connection {typed}\n", "1\n"])
    assert typed.strip() == _line_passed_on(after[0])
    assert 1 == len(ast.parse(after[0]).body)


def test_another_cell_magic_may_stand_on_the_second_line():
    """``%%time`` below ``%%connection`` becomes the call that IPython makes of it."""
    after = rewrite_first_line(_lines("%%connection beans\n%%time\n1 + 1\n"))
    assert "get_ipython().run_cell_magic('time', '', '1 + 1\\n')\n" == after[1]
