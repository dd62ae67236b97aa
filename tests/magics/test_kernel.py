"""In real kernels: what nbclient, papermill and a front end with widgets see."""

import json
import re

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from lending import lent_by_code
from nbclient import NotebookClient
from streams import merged

pytestmark = pytest.mark.kernel

MORE = """\
broker.has("team-slack", status="needs authorization")
broker.has("acme-crm", status="revoked");
"""
CELLS = {
    "load": "%load_ext conn_magics",
    "value": '%%connection beans\nbeans.get("/me").json()["as"]',
    "await": '%%connection beans --client async\n(await beans.get("/me")).json()["path"]',
    "quiet": "%%connection beans\n6 * 7;",
    "shell": "%%connection beans\n!echo from-the-shell",
    "time": "%%connection beans\n%time x = 1",
    "revoked": "%%connection acme-crm\nran = True",
    "person": "%%connection team-slack\nran = True",
    "wrong": "%%connection baens\nran = True",
    "mistyped": "%%connection beans --clent x\nran = True",
    "body": "%%connection beans\none = 1\n1 / 0\nran = True",
    "ran": "'ran' in globals()",
    "list": "%conn list",
    "verb": "%conn lst",
    "sure": "%conn revoke beans",
    "kept": "broker.found['beans'].status",
}


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Every cell's outputs, by name, as nbclient writes them."""
    from canary import Canary

    canary = Canary()
    folder = tmp_path_factory.mktemp("kernel")
    cells = {"arrange": _arrangement(canary("access-token"))} | CELLS
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells.values()]
    )
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
    texts = {"notebook": nbformat.writes(book)}
    assert 1 < canary.sweep([folder], texts)
    return outputs


def _arrangement(token):
    return lent_by_code(token) + MORE


def _plain(outputs):
    (output,) = outputs
    text = output["data"]["text/plain"] if "data" in output else output["text"]
    return text.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("value", "'priya-n'"), ("await", "'/me'"), ("shell", "from-the-shell\n")],
)
def test_the_body_is_an_ordinary_cell(executed, name, expected):
    """Values, ``await`` and ``!shell``."""
    assert expected == _plain(executed[name])


def test_a_semicolon_shows_nothing(executed):
    """As in any cell."""
    assert [] == executed["quiet"]


def test_time_works(executed):
    """``%time`` prints."""
    assert "Wall time" in _plain(executed["time"])


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        (
            "revoked",
            "ConnectionRevoked",
            (
                "Connection 'acme-crm' was revoked by priya on 2026-11-20. "
                "Run %conn enable acme-crm, or ask priya"
            ),
        ),
        (
            "person",
            "InteractionRequired",
            (
                "This notebook runs without a user, and 'team-slack' needs someone to authorize "
                "it. Open a notebook and run %conn authorize team-slack, then run the job again"
            ),
        ),
        (
            "wrong",
            "ConnectionNotFound",
            "There is no connection called 'baens'. Did you mean 'beans'? See %conn list",
        ),
        (
            "mistyped",
            "UsageError",
            "%%connection has no option --clent. Did you mean --client? See %%connection?",
        ),
        (
            "verb",
            "UsageError",
            "There is no %conn lst. Did you mean %conn list? See %conn?",
        ),
        (
            "sure",
            "InteractionRequired",
            (
                "This notebook runs without a user, and revoking 'beans' asks first. "
                "Write %conn revoke beans -y"
            ),
        ),
    ],
)
def test_an_error_is_one_line_and_a_real_error_output(executed, name, kind, text):
    """Class, text and a traceback of one line: a runner reports it and stops."""
    (error,) = executed[name]
    assert "error" == error["output_type"]
    assert kind == error["ename"]
    assert text == error["evalue"]
    assert [f"{kind}: {text}"] == error["traceback"]


def test_a_failing_body_points_at_its_line(executed):
    """Line 3 of the cell, in one traceback."""
    (error,) = executed["body"]
    assert "ZeroDivisionError" == error["ename"]
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error["traceback"]))
    assert "----> 3 1 / 0" in plain
    assert 1 == plain.count("Traceback") == plain.count("line 3")


def test_nothing_ran_after_an_error(executed):
    """No body of a cell that could not open, nothing after a failing line."""
    assert "False" == _plain(executed["ran"])
    assert "'connected'" == _plain(executed["kept"])


def test_list_is_text_and_html(executed):
    """Both in one output."""
    (output,) = executed["list"]
    assert {"text/plain", "text/html"} == output["data"].keys()
    assert "team-slack" in output["data"]["text/html"]


@pytest.fixture
def front_end(tmp_path, canary, monkeypatch):
    """Runs a cell in a kernel as a front end that can answer; returns the messages."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    manager, client = start_new_kernel()

    def run(code):
        seen = []
        client.execute_interactive(
            code,
            allow_stdin=True,
            stdin_hook=seen.append,
            output_hook=seen.append,
            timeout=60,
        )
        return [(m["msg_type"], m["content"]) for m in seen]

    try:
        run(_arrangement(canary("access-token")) + "\n%load_ext conn_magics")
        yield run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


WIDGET = "application/vnd.jupyter.widget-view+json"


def test_a_person_gets_forms_and_their_own_errors(front_end, canary):
    """The same kernel code, with somebody there."""
    shown = [
        c["data"]
        for kind, c in front_end("%conn revoke beans")
        if kind == "display_data"
    ]
    assert 1 == len(shown)
    assert WIDGET in shown[0]
    assert "Revoke Beans?" in shown[0]["text/plain"]

    errors = [
        c for kind, c in front_end("%%connection team-slack\n1") if kind == "error"
    ]
    assert ["AuthorizationRequired"] == [error["ename"] for error in errors]

    forms = front_end("%conn authorize team-slack")
    assert [WIDGET in c["data"] for kind, c in forms if kind == "display_data"] == [
        True
    ]
    canary.sweep(texts={"messages": json.dumps(forms, default=str)})
