"""``%load_ext conn_magics`` and what is left after unloading it."""

import subprocess
import sys

import pytest


def _run(code):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout.strip()


def test_loading_imports_no_third_party_package():
    """IPython is there already; nothing else is paid for."""
    out = _run(
        "import sys, threading\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "import IPython.core.completer\n"
        "shell = InteractiveShell.instance()\n"
        "threading.Timer.start = lambda self: print('soon:', self.interval)\n"
        "before = set(sys.modules)\n"
        "shell.run_line_magic('load_ext', 'conn_magics')\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - sys.stdlib_module_names - {'IPython', 'conn_magics'}))\n"
    )
    assert "soon: 0.05\n[]" == out


def test_the_http_library_is_loaded_in_the_background():
    """Soon after loading, without anybody asking."""
    out = _run(
        "import sys, threading, time\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "begin, soon = threading.Timer.start, []\n"
        "threading.Timer.start = lambda self: soon.append(self)\n"
        "shell.run_line_magic('load_ext', 'conn_magics')\n"
        "print('httpx' in sys.modules)\n"
        "for timer in soon: begin(timer)\n"
        "for _ in range(1200):\n"
        "    if 'conn_core.http._client' in sys.modules and 'httpx' in sys.modules: break\n"
        "    time.sleep(0.05)\n"
        "print('httpx' in sys.modules)\n"
    )
    assert "False\nTrue" == out


def test_unloading_takes_everything_out(shell):
    """Magics, transformer, completion."""
    hooks = (shell.input_transformers_cleanup, shell.Completer.custom_matchers)
    before = [len(each) for each in hooks]
    shell.run_line_magic("unload_ext", "conn_magics")
    assert [n - 1 for n in before] == [len(each) for each in hooks]
    assert shell.find_line_magic("conn") is None
    assert shell.find_cell_magic("connection") is None
    shell.run_line_magic("load_ext", "conn_magics")
    assert before == [len(each) for each in hooks]


def test_reloading_changes_nothing(shell):
    """No hook is there twice."""
    before = len(shell.input_transformers_cleanup)
    shell.run_line_magic("reload_ext", "conn_magics")
    assert before == len(shell.input_transformers_cleanup)


@pytest.mark.parametrize(
    ("asked", "words"),
    [("%conn", "%conn list [--my]"), ("%%connection", "%%connection NAME [as VAR]")],
)
def test_the_question_mark_shows_the_help(shell, capsys, asked, words):
    """Made from the parsers."""
    shell.run_cell(f"{asked}?")
    assert words in capsys.readouterr().out
