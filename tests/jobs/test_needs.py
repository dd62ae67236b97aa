"""Which connections a notebook uses is found without running it."""

import json
from pathlib import Path

import pytest

from conn_core import Need
from conn_core.errors import InvalidInput
from conn_core.jobs import looks_secret, needs_of


def test_the_first_lines_of_cells(notebook):
    """Every connection of a %%connection line is a need, with what it requires."""
    path = notebook(
        "%%connection finance-sheet as sheets, team-slack --require chat:write\n1",
        "%%connection github\ngithub.get('/user')",
        "%%connection github --require repo,gist\n2",
    )
    assert needs_of(path).needs == (
        Need(name="finance-sheet", scopes=("chat:write",)),
        Need(name="team-slack", scopes=("chat:write",)),
        Need(name="github", scopes=("repo", "gist")),
    )


@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("import conn_magics as cm", "cm.connect('github', require=['repo'])"),
        ("import conn_magics", "conn_magics.connect('github', require=('repo',))"),
        ("from conn_magics import connect", "connect(name='github', require={'repo'})"),
        ("from conn_magics import connect as c", "x = [c('github', require=['repo'])]"),
    ],
)
def test_calls_however_the_package_was_imported(notebook, imports, call):
    """A later cell is read in the light of an import further up."""
    assert needs_of(notebook(imports, call)).needs == (
        Need(name="github", scopes=("repo",)),
    )


def test_an_import_below_counts_too(notebook):
    """Cells are run in any order: an import further down says what a name means."""
    path = notebook("cm.get('github').client()", "import conn_magics as cm")
    assert needs_of(path).needs == (Need(name="github"),)


def test_what_others_call_connect_is_not_ours(notebook):
    """A database's connect is nobody's connection."""
    path = notebook(
        "import sqlite3",
        "sqlite3.connect('github')\nconnect('x')\n{}['a'].connect('y')",
    )
    assert needs_of(path).needs == ()


def test_functions_that_use_connections(notebook):
    """The decorator names connections by position and by variable."""
    path = notebook(
        "import conn_magics as cm\n"
        "@cm.uses('github', slack='team-slack', client='async')\n"
        "async def report(repo, *, github, slack): ..."
    )
    assert needs_of(path).needs == (Need(name="github"), Need(name="team-slack"))


def test_tasks_need_their_internal_connection(notebook):
    """A task needs its service's internal connection with its scopes, or the one it is told."""
    path = notebook(
        "import conn_magics as cm\nfrom conn_magics.tasks import github as gh\n"
        "from conn_magics.tasks.google_sheets import append_rows",
        "cm.tasks.slack.post_message(channel='#a', text='b')",
        "gh.open_issue(repository='o/r', title='t', connection=None)\n"
        "gh.publish_gist(files={})",
        "append_rows(spreadsheet='k', cells='A', rows=[], connection='finance-sheet')\n"
        "cm.tasks.slack.no_such_task()",
    )
    assert needs_of(path).needs == (
        Need(scopes=("chat:write",), task="slack.post_message"),
        Need(scopes=("repo", "gist"), task="github.open_issue"),
        Need(
            name="finance-sheet",
            scopes=("https://www.googleapis.com/auth/spreadsheets",),
        ),
    )


def test_names_that_only_a_run_decides_are_said(notebook):
    """What a parameter decides cannot be checked, and is not passed over in silence."""
    path = notebook(
        "import conn_magics as cm",
        "cm.connect(target)\ncm.uses(*names)\ncm.tasks.slack.post_message(connection=which)",
        parameters="target = 'github'",
    )
    found = needs_of(path)
    assert found.needs == ()
    assert found.undecided == (
        "Cell 4: cm.connect(target) uses target",
        "Cell 4: cm.uses(*names) uses *names",
        "Cell 4: cm.tasks.slack.post_message(connection=which) uses which",
    )


def test_a_long_call_is_shown_shortened(notebook):
    """A sentence stays a sentence, however long the code is."""
    long = "+".join(f"part_{n}" for n in range(40))
    (text,) = needs_of(
        notebook("import conn_magics as cm", f"cm.connect({long})")
    ).undecided
    assert "…" in text
    assert len(text) < 160


def test_magics_and_commands_do_not_disturb(notebook):
    """What only IPython understands is no obstacle; other languages are left alone."""
    path = notebook(
        "%load_ext conn_magics\n!ls\nfiles = !ls\nlen?\nx = (1\n     % 2)",
        "%%bash\necho connect('no')",
        "%%time\nimport conn_magics as cm\ncm.connect('github')",
        "\n\n%%connection gitlab\nawait gitlab.get('/')",
    )
    assert needs_of(path).needs == (Need(name="gitlab"), Need(name="github"))


def test_a_syntax_error_is_said_with_its_cell(notebook):
    """Nobody has to look for it."""
    with pytest.raises(InvalidInput, match="Cell 3, line 2 is not Python"):
        needs_of(notebook("a = 1", "b = 2\nc = = 3"))


def test_a_mistyped_first_line_is_said_with_its_cell(notebook):
    """The line's own error, and where it stands."""
    with pytest.raises(InvalidInput, match="Cell 2: "):
        needs_of(notebook("%%connection a b c\n1"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "is no JSON"),
        ("[]", "it has no cells"),
        ('{"cells": 1}', "it has no cells"),
        ('{"cells": [1]}', "cell 1 is none"),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_what_is_no_notebook_is_refused(tmp_path: Path, content, why):
    """A file of another kind is named as such."""
    path = tmp_path / "other.ipynb"
    path.write_text(content)
    with pytest.raises(InvalidInput, match=why):
        needs_of(path)


def test_a_missing_notebook_and_a_folder(tmp_path: Path):
    """Nothing there, and something else there, are different sentences."""
    with pytest.raises(InvalidInput, match="There is no notebook"):
        needs_of(tmp_path / "none.ipynb")
    with pytest.raises(InvalidInput, match="cannot be read"):
        needs_of(tmp_path)


def test_a_file_too_large_is_not_read(tmp_path: Path):
    """A mistaken name does not fill the memory."""
    path = tmp_path / "huge.ipynb"
    with path.open("wb") as file:
        file.truncate(201 * 1024 * 1024)
    with pytest.raises(InvalidInput, match="too large"):
        needs_of(path)


def test_a_cell_kept_as_one_text_and_odd_metadata(tmp_path: Path):
    """Both spellings of the format are read."""
    path = tmp_path / "n.ipynb"
    cells = [
        {"cell_type": "code", "source": "%%connection a\n1"},
        {"cell_type": "code", "source": "", "metadata": {"tags": "parameters"}},
        {"cell_type": "code", "source": "", "metadata": 3},
    ]
    path.write_text(json.dumps({"cells": cells}))
    assert needs_of(path).needs == (Need(name="a"),)


def test_parameters_that_look_like_secrets_are_named(notebook):
    """A parameter is stored and shown in clear by every scheduler."""
    path = notebook(
        parameters=(
            "api_key = 'CNRY-needs-1'\nGITHUB_TOKEN: str = 'CNRY-needs-2'\n"
            "password = ''\ntokens_per_minute = 3\nname = 'ghp_CNRYneeds3CNRYneeds3'\n"
            "token = None\nx, y = 1, 2\nprint('hi')\nmonkey = 'banana'"
        )
    )
    assert needs_of(path).secret_looking == ("api_key", "GITHUB_TOKEN", "name")


def test_a_name_and_a_text_tell_a_secret():
    """Not every parameter is one, and only texts are."""
    given = {"password": "CNRY-needs-4", "month": "2026-11", "n": 3}
    assert [n for n, value in given.items() if looks_secret(n, value)] == ["password"]


def test_functions_of_other_notebooks_are_followed(notebook, written, tmp_path):
    """What a function of another notebook uses is a need, and says where it comes from."""
    written(
        tmp_path / "helpers.ipynb",
        "import conn_magics as cm",
        "%%connection github --function issues --require repo\n1",
        "%%connection plain-cell\n1",
        "cm.connect('top-level')",
        "def report():\n    cm.tasks.slack.post_message(channel='#a', text='b')",
    )
    path = notebook("import conn_magics as cm\nh = cm.functions.load('helpers')")
    found = needs_of(path)
    assert found.needs == (
        Need(name="github", scopes=("repo",)),
        Need(scopes=("chat:write",), task="slack.post_message"),
    )
    assert found.borrowed == (
        "'github' is used by a function of helpers.ipynb",
        "cm.tasks.slack.post_message is used by a function of helpers.ipynb",
    )
    assert found.notebooks == ((tmp_path / "helpers.ipynb").resolve(),)


def test_a_function_that_is_run_by_magic_is_followed(notebook, written, tmp_path):
    """``%conn run NOTEBOOK:FUNCTION`` too; one of this notebook is not looked for."""
    written(
        tmp_path / "helpers.ipynb", "%%connection crm --function visits\ncrm.get('/')"
    )
    path = notebook(
        "x = 1\nr = %conn run helpers:visits -p a=1\n%conn run here\n%conn list"
    )
    assert needs_of(path).needs == (Need(name="crm"),)


def test_notebooks_that_take_from_each_other_end(notebook, written, tmp_path):
    """A circle is walked once, and the notebook itself is no other one."""
    load = "from conn_magics.functions import load\nload('{}')"
    written(tmp_path / "a.ipynb", load.format("b.ipynb"))
    written(
        tmp_path / "b.ipynb",
        "from conn_magics.functions import load\n"
        "def again():\n    load('a.ipynb'); load('report.ipynb:f')",
        "%%connection crm --function visits\n1",
    )
    path = notebook(load.format("a.ipynb"), load.format("b.ipynb"))
    found = needs_of(path)
    assert found.needs == (Need(name="crm"),)
    assert [each.name for each in found.notebooks] == ["a.ipynb", "b.ipynb"]


def test_another_notebook_that_is_missing_or_broken_is_said(
    notebook, written, tmp_path
):
    """With the cell that asks for it, or the cell that is broken."""
    path = notebook("import conn_magics as cm\ncm.functions.load('none.ipynb:f')")
    with pytest.raises(InvalidInput, match=r"Cell 2 takes functions from 'none.ipynb"):
        needs_of(path)

    written(tmp_path / "helpers.ipynb", "a = 1", "def f(:")
    with pytest.raises(InvalidInput, match=r"Cell 2 of helpers.ipynb, line 1 is not"):
        needs_of(notebook("import conn_magics as cm\ncm.functions.load('helpers')"))


def test_a_notebook_that_a_variable_names_is_said(notebook):
    """It cannot be followed."""
    path = notebook("import conn_magics as cm\ncm.functions.load(which)")
    assert needs_of(path).undecided == ("Cell 2: cm.functions.load(which) loads which",)


def test_no_notebook_takes_from_a_hundred_others(notebook, written, tmp_path):
    """Somebody who makes a file for each number is told so."""
    for number in range(101):
        written(tmp_path / f"n{number}.ipynb", "1")
    loads = "\n".join(f"load('n{number}')" for number in range(101))
    path = notebook(f"from conn_magics.functions import load\n{loads}")
    with pytest.raises(InvalidInput, match="more than 100 notebooks"):
        needs_of(path)


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\n{}",
        "!pip install 'x\n{}",
        "files = !ls *.csv\n{}",
        "if True:\n    !ls\n    {}",
        "len?\n?len\n{}",
        "    indented = 1\n    {}",
        "text = '''\n%not a magic\n'''\nx = (7\n  % 2)\n%time 1\n{}",
        "%conn list \\\n  --my\n{}",
        "await nothing()\n{}",
        "!!ls\n%%not_at_the_top\n{}",
    ],
)
def test_what_ipython_adds_is_read_around(notebook, source):
    """Magics, commands and questions hide nothing that stands beside them."""
    path = notebook("import conn_magics as cm", source.format("cm.connect('github')"))
    assert needs_of(path).needs == (Need(name="github"),)


def test_what_is_no_python_and_no_magic_is_refused(notebook):
    """A thousand magics are not looked at one by one, either."""
    for source in (
        "a\0b",
        "%time 1\nfor for",
        "\n".join(["%time 1"] * 300),
        "(" * 9_000,
    ):
        with pytest.raises(InvalidInput, match="Cell 2"):
            needs_of(notebook(source))
