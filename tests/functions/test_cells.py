"""``%%connection NAME --function FNAME``: the body of a cell becomes a function."""

import asyncio
import inspect

import pytest

from conn_core.errors import ConnectionRevoked
from conn_magics._usage import UsageError

COUNT = (
    "%%connection beans --function count\n"
    'repo = "pandas"\n'
    "times = 2\n"
    'path = beans.get(f"/{repo}").json()["path"]\n'
    "path * times"
)


def test_the_cell_runs_by_itself_as_ever(cell):
    """Its names stay, its last value is shown."""
    assert "/pandas/pandas" == cell(COUNT)
    assert ("pandas", 2, "/pandas") == cell("repo, times, path")


def test_the_body_is_a_function_of_its_first_assignments(cell, shell):
    """Parameters by name with their defaults; the last expression is the result."""
    cell(COUNT)
    count = shell.user_ns["count"]
    assert "/pandas/pandas" == count()
    assert "/numpy" * 3 == count(repo="numpy", times=3)
    assert "(*, repo='pandas', times=2)" == str(inspect.signature(count))
    assert "count" == count.__name__


def test_a_call_changes_no_name_of_the_notebook(cell):
    """What the body assigns is the call's own."""
    cell(COUNT)
    cell('count(repo="other")')
    assert ("pandas", "/pandas") == cell("repo, path")


def test_parameters_are_passed_by_name_only(cell):
    """What stands where is no promise of a cell."""
    cell(COUNT)
    with pytest.raises(TypeError, match="positional"):
        cell('count("numpy")')
    with pytest.raises(TypeError, match="rpo"):
        cell('count(rpo="numpy")')


def test_a_function_without_parameters(cell):
    """An expression is enough."""
    cell('%%connection beans --function me\nbeans.get("/me").json()["as"]')
    assert "priya-n" == cell("me()")


def test_a_body_that_ends_with_a_statement_gives_none(cell):
    """As a function of Python does."""
    cell("%%connection beans --function note\nx = 1\nfor _ in range(2):\n    x += 1")
    assert cell("note(x=5)") is None


def test_several_connections_with_their_variables(cell):
    """Each call is given all of them, under the names of the line."""
    cell(
        "%%connection beans as b, team-slack --function both\n"
        "b.link_name, team_slack.link_name"
    )
    assert ("beans", "team-slack") == cell("both()")
    cell("del b, team_slack")
    assert ("beans", "team-slack") == cell("both()")


def test_each_call_does_its_own_check(cell, broker):
    """A revocation acts on the next call; the body does not begin."""
    cell("ran = []")
    cell("%%connection beans --function f\nran.append(1)")
    broker.revoke("beans")
    with pytest.raises(ConnectionRevoked):
        cell("f()")
    assert [1] == cell("ran")
    broker.enable("beans")
    cell("f()")
    assert [1, 1] == cell("ran")


def test_await_makes_it_an_async_function(cell, shell):
    """Also when what awaits is a comprehension."""
    cell(
        "%%connection beans --client async --function me\n"
        'path = "/me"\n'
        '(await beans.get(path)).json()["path"]'
    )
    assert inspect.iscoroutinefunction(shell.user_ns["me"])
    assert "/you" == cell('await me(path="/you")')
    cell(
        "%%connection beans --client async --function every\n"
        '[(await beans.get(p)).json()["path"] for p in ("/a", "/b")]'
    )
    assert ["/a", "/b"] == cell("await every()")


def test_an_await_in_an_inner_function_does_not_make_it_one(cell, shell):
    """It is the inner one that awaits."""
    cell(
        "%%connection beans --function f\n"
        "async def inner():\n    await asyncio.sleep(0)\n    return 3\n"
        "inner"
    )
    made = shell.user_ns["f"]
    assert not inspect.iscoroutinefunction(made)
    shell.user_ns["asyncio"] = asyncio
    assert 3 == cell("await f()()")


def test_a_default_is_worked_out_by_each_call(cell, shell):
    """In the order of the cell, from what was given before it."""
    cell(
        "%%connection beans --function f\n"
        "from datetime import date\n"
        "year = 2026\n"
        "start = date(year, 1, 1)\n"
        "seen = []\n"
        "seen.append(start)\n"
        "start.isoformat(), len(seen)"
    )
    f = shell.user_ns["f"]
    assert ("2025-01-01", 1) == f(year=2025) == f(year=2025)
    shown = "(*, year=2026, start=date(year, 1, 1), seen=[])"
    assert shown == str(inspect.signature(f))


def test_annotations_and_a_text_above_them_are_kept(cell, shell):
    """The text is what the function says about itself."""
    cell(
        '%%connection beans --function f\n"""Say it."""\nwhat: str = "x"\nwhat.upper()'
    )
    assert ("Y", "Say it.") == (cell('f(what="y")'), shell.user_ns["f"].__doc__)


@pytest.mark.parametrize(
    ("body", "parameters"),
    [
        ("a = 1\nprint()\nb = 2\nb", ["a"]),
        ("a = 1\nb = beans.base_url\nc = 3\nc", ["a"]),
        ("a = 1\na = a + 1\na", ["a"]),
        ("a, b = 1, 2\na", []),
        ("a = b = 1\na", []),
        ("a: int\nb = 1\nb", []),
        ("a = (b := 1)\na", []),
        ("x['a'] = 1\na = 1", []),
        ("a += 1\na", []),
        ("import json\na = 1\na", ["a"]),
        ("beans = 1\na = 2", []),
        ('"""only a text"""', []),
    ],
)
def test_what_is_a_parameter(cell, shell, body, parameters):
    """Simple assignments before the first other statement, and without a client."""
    shell.user_ns.update(x={}, a=0)
    cell(f"%%connection beans --function f\n{body}")
    assert parameters == list(inspect.signature(shell.user_ns["f"]).parameters)


def test_shell_commands_and_line_magics_in_the_body(cell, capsys):
    """IPython makes calls of them first; ``{name}`` in a command is the call's own."""
    cell("%%connection beans --function f\nword = 'one'\nout = !echo {word}\nout[0]")
    assert "two" == cell("f(word='two')")
    cell("%%connection beans --function g\n%time 1 + 1")
    assert 2 == cell("g()")


def test_a_traceback_names_the_line_of_the_cell(shell, capsys):
    """Line 3 of the cell, and nothing of ours between."""
    text = "%%connection beans --function f\nx = 1\ny = x / zero\ny"
    shell.user_ns["zero"] = 1
    shell.run_cell(text, store_history=True).raise_error()
    shell.user_ns["zero"] = 0
    capsys.readouterr()
    shell.run_cell("f()", store_history=True)
    shown = capsys.readouterr().out
    assert "ZeroDivisionError" in shown
    assert "----> 3 y = x / zero" in shown
    assert "_uses.py" not in shown


def test_a_function_may_call_itself(cell):
    """Its name is bound before the body runs."""
    cell(
        "%%connection beans --function down\nn = 2\n"
        "[n, *down(n=n - 1)] if n else ['end']"
    )
    assert [1, "end"] == cell("down(n=1)")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("beans --function 1st", "'1st' cannot be the name of a function"),
        ("beans --function class", "'class' cannot be the name of a function"),
        (
            "beans --function list",
            "'list' is a function of Python. Give yours another name",
        ),
        (
            "beans --function beans",
            "'beans' is the client already. Give the function another name",
        ),
        (
            'beans --button "Press me"',
            "--button needs --function FNAME: the function that the button runs",
        ),
    ],
)
def test_a_name_that_cannot_be(cell, line, why):
    """One sentence; nothing is bound."""
    with pytest.raises(UsageError, match="^" + why.replace(".", r"\.")):
        cell(f"%%connection {line}\n1")
    with pytest.raises(NameError):
        cell("beans")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("# only words", "there is nothing"),
        ("", "there is nothing"),
        ("from os.path import *\n1", "import [*] only allowed at module level"),
        ("a = 1\nglobal a\na", "line 3: name 'a'"),
        ("%%time\n1", "the body is another cell magic"),
    ],
)
def test_a_body_that_cannot_be_a_function(cell, body, why):
    """Says where and why, and does not run."""
    with pytest.raises(UsageError, match=why):
        cell(f"%%connection beans --function f\n{body}")


def test_below_another_cell_magic_it_says_so(cell, capsys):
    """``%%time`` keeps the cell to itself."""
    with pytest.raises(UsageError, match="first line of a cell"):
        cell("%%time\n%%connection beans --function f\n1")


def test_a_programs_call_of_the_magic_defines_it_too(shell, cell):
    """The body is given then, not the calling cell."""
    shell.run_cell_magic("connection", "beans --function f", "x = 2\nx * 2")
    assert 10 == cell("f(x=5)")


def test_what_it_hides_is_said(cell):
    """Not when it is run again, and not with --quiet."""
    cell("f = 1")
    cell("%%connection beans --function f\n1")
    assert "Note: f was something else (int), and is the function now" in cell.printed
    cell("%%connection beans --function f\n1")
    assert "Note" not in cell.printed
    cell("f = 1")
    cell("%%connection beans --function f --quiet\n1;")
    assert "" == cell.printed


def test_a_failing_check_defines_nothing(cell, broker):
    """As with the clients: all or nothing."""
    broker.revoke("beans")
    with pytest.raises(ConnectionRevoked):
        cell("%%connection beans --function f\n1")
    with pytest.raises(NameError):
        cell("f")
