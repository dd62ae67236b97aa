"""Functions in real kernels: as a job runs them, and by a notebook of somebody else."""

import json
import re

import nbformat
import pytest
from lending import lent_by_code
from nbclient import NotebookClient
from streams import merged

pytestmark = pytest.mark.kernel

CELLS = {
    "load": "%load_ext conn_magics",
    "cell": "%%connection beans --function where --button Where\n"
    'path = "/me"\ntext = beans.get(path).json()["path"]\ntext',
    "call": 'where(path="/you")',
    "await": "%%connection beans --client async --function later\n"
    'path = "/a"\n(await beans.get(path)).json()["path"]',
    "awaited": 'await later(path="/b")',
    "shell": "%%connection beans --function said\nword = 'one'\n!echo {word}",
    "shouted": "said(word='two')",
    "fails": "%%connection beans --function fails\nx = 1\ny = x / zero",
    "failed": "fails(x=2)",
    "list": "%conn functions",
    "run": "%conn run other.ipynb:size -p path=/abc",
    "run async": "%conn run other:later",
    "loaded": "import conn_magics as cm\ncm.functions.load('other.ipynb').size(path='/x')",
    "nothing": "%conn run other.ipynb:sise",
    "revoked": "broker.revoke('beans');",
    "refused": "where()",
    "refused run": "%conn run other.ipynb:size",
}
OTHER = (
    "raise SystemExit('nobody runs this')",
    "def length(text):\n    return len(text)",
    """%%connection beans --function size
path = "/me"
length(beans.get(path).json()["path"])""",
    """%%connection beans --client async --function later
(await beans.get('/later')).json()['path']""",
)


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Every cell's outputs, by name, as nbclient writes them."""
    from canary import Canary

    canary = Canary()
    folder = tmp_path_factory.mktemp("kernel")
    _book(*OTHER, to=folder / "other.ipynb")
    arranged = lent_by_code(canary("access-token"))
    cells = {"arrange": arranged} | CELLS
    book = _book(*cells.values())
    client = NotebookClient(
        book, allow_errors=True, timeout=60, store_widget_state=True
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(folder))
        client.execute(cwd=str(folder))
    each = zip(cells, book.cells, strict=True)
    outputs = {name: merged(cell.outputs) for name, cell in each}
    assert [] == outputs["arrange"]
    book.cells.pop(0)  # the one cell that holds the token, as a fake needs it
    assert 1 < canary.sweep([folder], {"notebook": nbformat.writes(book)})
    return outputs


def _book(*sources, to=None):
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources]
    )
    if to is not None:
        nbformat.write(book, to)
    return book


def _plain(output):
    text = output["data"]["text/plain"] if "data" in output else output["text"]
    return text.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("call", "'/you'"),
        ("await", "'/a'"),
        ("awaited", "'/b'"),
        ("shell", "one\n"),
        ("shouted", "two\n"),
        ("run", "4"),
        ("run async", "'/later'"),
        ("loaded", "2"),
    ],
)
def test_cells_and_calls(executed, name, expected):
    """The plain cell, the function, and that of another notebook."""
    (output,) = executed[name]
    assert expected == _plain(output)


def test_a_job_gets_the_sentence_and_the_value(executed):
    """A button in a run that nobody sees is a sentence."""
    button, value = executed["cell"]
    assert "Button 'Where' runs where with 'beans'" in _plain(button)
    assert "where(path='/me')" in _plain(button)
    assert "'/me'" == _plain(value)


def test_functions_are_listed(executed):
    """Also the one whose cell failed."""
    (output,) = executed["list"]
    found = re.findall(r"^(?:async )?(\w+)", _plain(output), re.MULTILINE)
    assert ["FUNCTION", "where", "later", "said", "fails"] == found


@pytest.mark.parametrize("name", ["fails", "failed"])
def test_a_traceback_names_the_line_of_the_cell(executed, name):
    """In the cell, and in a call of the function."""
    (error,) = executed[name]
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error["traceback"]))
    assert "----> 3 y = x / zero" in plain
    assert "_uses.py" not in plain


@pytest.mark.parametrize("name", ["refused", "refused run"])
def test_each_call_checks(executed, name):
    """One line, and a real error output."""
    (error,) = executed[name]
    assert "ConnectionRevoked" == error["ename"]
    assert [f"ConnectionRevoked: {error['evalue']}"] == error["traceback"]


def test_a_wrong_name_gets_the_nearest(executed):
    """One line too."""
    (error,) = executed["nothing"]
    assert "'other.ipynb' has no function 'sise'. Did you mean size?" in error["evalue"]
    assert 1 == len(error["traceback"])
    assert json.dumps(error["traceback"])
