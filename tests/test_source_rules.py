"""What no file of ours may do, read in the files themselves."""

import ast
import functools
import importlib
import re
import subprocess
import sys
from pathlib import Path

import markup_flow
import pytest

from conn_serverext import _routes

PACKAGES = ("conn_core", "conn_magics", "conn_serverext", "conn_widgets")


def folder_of(package):
    """Return where a package lies."""
    return Path(importlib.import_module(package).__file__).parent


def files_of(*suffixes):
    """Return the files of all packages that end in one of these."""
    found = [
        file
        for package in PACKAGES
        for file in sorted(folder_of(package).rglob("*"))
        if file.suffix in suffixes
    ]
    assert found
    return found


@functools.cache
def nodes():
    """Return every node of every module, with its file."""
    return [
        (file.name, node)
        for file in files_of(".py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    ]


def lines_with(pattern, *suffixes):
    """Return the lines that match, with their files."""
    return [
        f"{file.name}: {line.strip()}"
        for file in files_of(*suffixes)
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(pattern, line)
    ]


# --- what is shown in notebooks and pages -------------------------------------------------


def test_N11_markup_comes_from_the_helpers_that_escape():
    """Literals, and what ``_html`` writes; nothing else reaches an HTML widget."""
    assert [] == markup_flow.Source.of(folder_of("conn_widgets")).foreign_markup()


@pytest.mark.parametrize(
    "body",
    [
        "return HTML(name)",
        "return HTML(f'<b>{name}</b>')",
        "return HTML('<b>' + name)",
        "return HTML(value=self.name)",
        "text = name\n    return HTML(_html.note(name) if name else text)",
        "return HTML(written(name))",
        "return [HTML(part) for part in self.parts]",
        "self.said = HTML()\n    self.said.value = name",
    ],
)
def test_N11_the_rule_finds_what_it_looks_for(body):
    """A rule that finds nothing anywhere would prove nothing."""
    text = (
        f"def shown(self, name):\n    {body}\n"
        "def written(name):\n    return f'<i>{name}</i>'\n"
        "def caller(person):\n    shown(person.name)\n"
    )
    assert 1 == len(markup_flow.Source({"x": ast.parse(text)}).foreign_markup())


def test_N11_no_description_takes_markup():
    """Labels would be read as markup, where it were switched on."""
    switched = {"description_allow_html", "description_html"}
    assert [] == [
        (file, node.lineno)
        for file, node in nodes()
        if (isinstance(node, ast.keyword) and node.arg in switched)
        or (isinstance(node, ast.Attribute) and node.attr in switched)
        or (isinstance(node, ast.Constant) and node.value in switched)
    ]


@pytest.mark.parametrize(
    "word", ["Markdown", "Latex", "Math", "Javascript", "SVG", "IFrame", "Image"]
)
def test_N12_nothing_is_displayed_but_text_and_html_of_ours(word):
    """Markdown and LaTeX make links, images and elements of somebody's text."""
    assert [] == [
        (file, node.lineno)
        for file, node in nodes()
        if (isinstance(node, ast.alias) and node.name.split(".")[-1] == word)
        or (isinstance(node, ast.Attribute) and node.attr == word)
        or (isinstance(node, ast.Name) and node.id == word)
    ]
    rich = {"text/markdown", "text/latex", "application/javascript", "image/svg+xml"}
    assert [] == [
        (file, node.lineno)
        for file, node in nodes()
        if isinstance(node, ast.Constant) and node.value in rich
    ]


def test_N13_pages_escape_whatever_they_show():
    """Every template, and no place in one switches it off."""
    from conn_serverext import _look

    made = _look.environment()
    assert made.autoescape is True
    text = made.from_string("{{ x }}").render(x="<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" == text
    assert [] == lines_with(r"\|\s*safe\b|autoescape\s+false", ".html")
    assert [] == lines_with(r"\son[a-z]+\s*=|<script|javascript:", ".html")


def test_N15_nothing_is_fetched_from_elsewhere():
    """A picture of somebody else's server would tell it who looks, and when."""
    outside = r"<img|<iframe|<object|<embed|@import|url\(|\bsrc\s*=|\bfetch\(|XMLHttp"
    assert [] == lines_with(outside, ".html", ".css")
    assert [] == lines_with(
        r"\bfetch\(|XMLHttpRequest|sendBeacon|new Image|\.src\s*=", ".js"
    )
    assert [] == lines_with(r"<img\b", ".py")


# --- what a page of ours listens to -------------------------------------------------------


def test_D7_D8_no_script_of_ours_speaks_with_other_windows():
    """How an attempt ended is asked of the server; a forged message reaches nobody."""
    spoken = (
        r"postMessage|BroadcastChannel|MessageChannel|onmessage"
        r"|addEventListener\(\s*[\"']message[\"']|\bopener\b"
    )
    assert [] == lines_with(spoken, ".js", ".html")


def test_D15_nothing_stays_open_that_another_site_could_join():
    """There is no web socket and no stream of events: no route, and no script."""
    from tornado.websocket import WebSocketHandler

    handlers = [handler for _, handler in _routes.ROUTES]
    assert handlers
    assert not [h for h in handlers if issubclass(h, WebSocketHandler)]
    assert [] == lines_with(r"WebSocket|EventSource|text/event-stream", ".js", ".html")
    assert [] == [
        (file, node.lineno)
        for file, node in nodes()
        if isinstance(node, ast.Constant) and node.value == "text/event-stream"
    ]


# --- what is read and written -------------------------------------------------------------


def test_O4_the_linter_refuses_sql_that_is_pasted_together(tmp_path):
    """The rule is on for our files, and none is excepted from it."""
    file = tmp_path / "pasted.py"
    file.write_text('def find(tx, name):\n    tx.execute(f"SELECT * FROM x{name}")\n')
    settings = Path(__file__).parents[1] / "pyproject.toml"
    if not settings.is_file():
        pytest.fail("the settings of the linter are not here")
    told = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--config", settings, file],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "S608" in told.stdout
    assert [] == lines_with(r"noqa:.*S608", ".py")


@pytest.mark.parametrize(
    "module",
    ["pickle", "marshal", "shelve", "dill", "zipfile", "tarfile", "joblib"],
)
def test_O11_O12_no_bundle_and_no_pickle_is_ever_opened(module):
    """What can run code, or write where it likes, when it is read."""
    assert [] == [
        (file, node.lineno)
        for file, node in nodes()
        if (isinstance(node, ast.Import) and module in {a.name for a in node.names})
        or (isinstance(node, ast.ImportFrom) and node.module == module)
    ]


def test_O15_O16_no_file_is_served_by_a_name_of_somebody():
    """No handler serves a folder, and templates are named in our own code."""
    from tornado.web import StaticFileHandler

    assert not [h for _, h in _routes.ROUTES if issubclass(h, StaticFileHandler)]
    shown = [
        call.args[0]
        for _, call in nodes()
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).endswith(("show_screen", "_look.render"))
    ]
    names = [node.value for node in shown if isinstance(node, ast.Constant)]
    passed_on = [
        ast.unparse(node) for node in shown if not isinstance(node, ast.Constant)
    ]
    assert names
    assert {"template"} >= set(passed_on), passed_on
    assert all(re.fullmatch(r"[a-z_]+\.html", name) for name in names)
