"""``jupyter connections``: what only a command line has."""

import json
import re
import subprocess
import sys
from io import StringIO

import pytest

from conn_magics import _terminal, command_line
from conn_magics._spoken import as_command
from conn_magics._text import width_of


class Terminal(StringIO):
    """A stream that somebody looks at, or types into."""

    def isatty(self):
        return True


@pytest.fixture
def command(broker, monkeypatch):
    """Runs a line: ``command("list")`` is piped, ``typed`` is at a terminal."""

    def run(*words, piped="", typed=None):
        at_terminal = typed is not None
        kind = Terminal if at_terminal else StringIO
        out, err = kind(), kind()
        for name, stream in {
            "stdin": kind(typed or "" if at_terminal else piped),
            "stdout": out,
            "stderr": err,
        }.items():
            monkeypatch.setattr(sys, name, stream)
        code = command_line.run(words)
        return code, out.getvalue(), err.getvalue()

    return run


@pytest.fixture
def narrow(monkeypatch):
    """A terminal of a width."""

    def go(columns):
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.delenv("NO_COLOR", raising=False)
        monkeypatch.setenv("TERM", "xterm-256color")

    return go


@pytest.mark.usefixtures("broker")
def test_help_lists_all_verbs_in_reading_order(command):
    """Ours, then those of the server side."""
    for words in (["--help"], ["-h"], ["help"]):
        code, out, _ = command(*words)
        assert 0 == code
        names = re.findall(r"^  (\S+(?: \S+)?)  ", out, re.MULTILINE)
        assert ["list", "status", "show"] == names[:3]
        assert names.index("service new") < names.index("new") < names.index("delete")
        assert {"demo", "practice", "service validate"} <= set(names)
        assert "ui" not in names


def test_a_broken_package_does_not_take_the_others_along(command, monkeypatch, caplog):
    """Its commands are missing, and a line says so."""
    from conn_magics import _further

    class Broken:
        name = "theirs"

        def load(self):
            raise SyntaxError

    real = _further.entry_points
    monkeypatch.setattr(
        _further, "entry_points", lambda group: [Broken(), *real(group=group)]
    )
    code, out, _ = command("--help")
    assert 0 == code
    assert "  demo " in out
    assert "The commands of theirs cannot be used (SyntaxError)" in caplog.text
    assert 2 == command("nothing-like-it")[0]


def test_a_verb_has_help_too(command):
    """In the words of the command line; options that only it has are there."""
    code, out, _ = command("authorize", "--help")
    assert 0 == code
    assert out.startswith("jupyter connections authorize ")
    assert {"--open", "--secret-stdin", "--json"} <= set(re.findall(r"--[a-z-]+", out))
    assert "--pkce" in command("service", "--help")[1]
    long = command("new", "--help")[1]
    assert long.startswith("jupyter connections new [OPTION …] [SERVICE]\n")


def test_alone_it_says_how_things_stand(command, broker):
    """As ``%conn`` does, with the verbs of this place."""
    code, out, _ = command()
    assert 0 == code
    assert out.startswith("1 connection, 1 ready to use\n")
    assert "jupyter connections list" in out
    assert 1 == json.loads(command("--json")[1])["ready"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["list"], 0),
        (["show", "bean"], 1),
        (["revoke", "beans", "-y"], 0),
        (["lst"], 2),
        (["list", "--statsu"], 2),
        (["delete", "beans"], 3),
        (["authorize", "beans"], 3),
        (["new"], 2),
    ],
)
def test_exit_codes(command, words, code):
    """0 done, 1 failed, 2 mistyped, 3 a person is needed."""
    assert code == command(*words)[0]


def test_a_test_that_fails_is_a_failure(command, broker):
    """The sentence is the answer; the code says that it is no good one."""
    broker.api_answers = 500
    assert (1, "Coffee House answered 500\n", "") == command("test", "beans")


def test_a_table_fits_the_terminal(command, broker, narrow):
    """Whatever its width; wide characters are counted as they are shown."""
    for n in range(12):
        broker.has(
            f"connection-{n}",
            scopes=("a.long.scope", "another.long.scope"),
            service_name="コーヒー" if n % 2 else "Coffee",
        )
    for columns in (40, 60, 80, 100, 140):
        narrow(columns)
        _, out, _ = command("list", typed="")
        plain = re.sub(r"\x1b\[\d+m", "", out)
        assert max(map(width_of, plain.splitlines())) <= columns
        assert "connection-11" in plain


def test_a_pipe_gets_whole_lines_without_colours(command, broker, narrow):
    """``… | grep`` finds what is there."""
    scopes = tuple(f"scope-number-{n}" for n in range(30))
    broker.has("beans", scopes=scopes)
    narrow(40)
    _, out, _ = command("list")
    assert "scope-number-29" in out
    assert "\x1b" not in out


def test_colours_are_for_terminals_that_have_them(command, narrow, monkeypatch):
    """``NO_COLOR`` and a dumb terminal have none."""
    narrow(100)
    assert "\x1b[32mconnected\x1b[0m" in command("show", "beans", typed="")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in command("show", "beans", typed="")[1]
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in command("show", "beans", typed="")[1]


def test_M10_foreign_text_cannot_colour_a_terminal(command, broker, narrow):
    """Escape sequences in a name are shown, not obeyed."""
    narrow(100)
    broker.has("beans", name="a\x1b[31mred\x07", status_reason="x\x1b]0;title\x07")
    for words in (["show", "beans"], ["status"], ["list"]):
        _, out, _ = command(*words, typed="")
        left = re.sub(r"\x1b\[\d+m", "", out)
        assert "\x1b" not in left
        assert "\x07" not in left


def test_questions_are_asked_at_a_terminal(command, broker):
    """On stderr: what is piped on is the answer alone."""
    code, out, err = command("delete", "beans", typed="n\n")
    assert (1, "Nothing was changed") == (code, re.sub(r"\x1b\[\d+m", "", out).strip())
    assert err.endswith("[y/N] ")
    assert "beans" in broker.found
    assert 0 == command("delete", "beans", typed="y\n")[0]
    assert "beans" not in broker.found


def test_authorize_waits_and_says_who_is_connected(command, broker, monkeypatch):
    """Nothing goes on after a command, so it stays; progress goes to stderr."""
    monkeypatch.setattr("time.sleep", lambda _s: None)
    broker.has("new-one", status="needs authorization")
    broker.ends_after = 1
    code, out, err = command("authorize", "new-one", "--json", typed="")
    assert 0 == code
    assert ("done", "priya-n") == (
        json.loads(out)["state"],
        json.loads(out)["account"],
    )
    assert "http://127.0.0.1:8888/connections/start/flow1" in err


def test_authorize_opens_the_link_when_asked(command, broker, monkeypatch):
    """``--open``; not without."""
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    broker.ends_after = 1
    command("authorize", "beans", "--timeout", "1", typed="")
    assert [] == opened
    command("authorize", "beans", "--open", "--timeout", "1", typed="")
    assert ["http://127.0.0.1:8888/connections/start/flow2"] == opened


@pytest.mark.parametrize("way", ["browser", "paste"])
def test_ctrl_c_gives_an_authorization_up(command, broker, monkeypatch, way):
    """The link works no longer, and the answer says so."""

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(broker, "authorization", interrupt)
    monkeypatch.setattr("builtins.input", interrupt)
    code, out, _ = command("authorize", "beans", "--flow", way, typed="")
    assert 3 == code
    assert "You gave it up; nothing was changed." in out
    assert ["flow1"] == broker.cancelled


def test_ctrl_c_elsewhere_just_ends(command, broker, monkeypatch):
    """As every program does."""

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(broker, "connections", interrupt)
    assert (130, "", "") == command("list")


ACME = (
    "service new --name Acme --base-url https://a.example "
    "--grant-type client_credentials --token-url https://a.example/token"
)


def test_L3_a_secret_is_piped_in(command, broker, canary):
    """Never an argument, never in the environment; the answer does not show it."""
    secret = canary("api-key")
    piped = json.dumps({"api_key": secret})
    said = command("new", "herbs", "--name", "Garden", "--secret-stdin", piped=piped)
    assert 0 == said[0]
    assert secret == broker.typed["garden"]["api_key"].reveal()
    said += command("authorize", "garden", "--secret-stdin", piped=piped)
    said += command("authorize", "garden", "--secret-stdin", "--json", piped=piped)
    canary.sweep(texts={"said": repr(said)})


def test_a_client_secret_is_piped_in(command, broker, canary):
    """To register, to describe a service, and to change one."""
    first, second, third = (canary(f"client-{n}") for n in range(3))
    both = json.dumps({"client_id": "us", "client_secret": first})
    assert 0 == command("service", "register", "milk", "--secret-stdin", piped=both)[0]
    kept = broker.registrations["milk"]
    assert ("us", first) == (kept.client_id, kept.client_secret.get_secret_value())
    piped = json.dumps({"client_id": "we", "client_secret": second})
    assert 0 == command(*ACME.split(), "--secret-stdin", piped=piped)[0]
    kept = broker.registrations["acme"]
    assert ("we", second) == (kept.client_id, kept.client_secret.get_secret_value())
    piped = json.dumps({"client_id": "we", "client_secret": third})
    said = command("service", "edit", "acme", "--secret-stdin", piped=piped)
    assert third == broker.registrations["acme"].client_secret.get_secret_value()
    canary.sweep(texts={"said": repr(said)})


@pytest.mark.parametrize(
    ("piped", "said"),
    [
        ("", "--secret-stdin: what was piped in cannot be read"),
        ("CNRY-bare-secret-5521", "--secret-stdin: what was piped in cannot be read"),
        ('{"api_key": 7}', "cannot be read"),
        ('{"api_key": "a", "api_key": "b"}', "cannot be read"),
        ("[" * 99_999, "cannot be read"),
        ('{"key": "x"}', "'key' is not wanted here, only api_key, shop"),
        ('{"CNRY-secret-as-a-name-4711-99": "x"}', "A name in it is not wanted here"),
        ("{}", "api_key: is needed"),
    ],
)
def test_what_is_piped_in_wrong_is_not_repeated(command, broker, piped, said):
    """One line; nothing is stored."""
    before = dict(broker.found)
    code, out, err = command("new", "herbs", "--secret-stdin", piped=piped)
    assert (1, "") == (code, out)
    assert said in err
    assert "CNRY" not in err
    assert 1 == err.count("\n")
    assert before == broker.found


@pytest.mark.parametrize(
    "words",
    [
        ["list", "--status", "{}"],
        ["list", "--{}"],
        ["{}"],
        ["service", "{}"],
        ["log", "beans", "-n", "{}"],
        ["new", "herbs", "--param", "{}"],
        ["services", "--category", "x", "--category", "{}"],
        ["env", "{}"],
        ["service", "new", "--name", "{}" + "x" * 300],
        ["service", "new", "--name", "A", "--base-url", "http://{}"],
        ["service", "new", "--name", "A", "--base-url", "https://a", "--id", "{}"],
        ["new", "herbs", "--name", "\u202e{}", "--no-authorize"],
        ["new", "herbs", "--share", "a  {}", "--no-authorize"],
        ["service", "register", "milk", "--{}", "x"],
    ],
)
def test_a_secret_in_the_wrong_place_is_not_repeated(command, broker, canary, words):
    """An error ends up in logs and in issue trackers."""
    secret = canary("misplaced-secret")
    code, out, err = command(*(word.format(secret) for word in words))
    assert code in {1, 2}
    assert 1 == err.count("\n")
    canary.sweep(texts={"out": out, "err": err})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Run %conn list", "Run jupyter connections list"),
        ("See %conn?", "See jupyter connections --help"),
        ("%%connection beans", "%%connection beans"),
        ("Run %pip install gspread", "Run pip install gspread"),
        (
            (
                "This notebook runs without a user, and 'x' needs someone to authorize "
                "it. Open a notebook and run %conn authorize x, then run the job again"
            ),
            (
                "Nobody is here to answer, and 'x' needs someone to authorize it. "
                "Run jupyter connections authorize x"
            ),
        ),
        (
            "Open a notebook and run %conn service register x",
            "At a terminal, run jupyter connections service register x",
        ),
        ("100 %connected, in every notebook", "100 %connected, in every notebook"),
    ],
)
def test_hints_are_in_the_words_of_the_place(text, said):
    """One function says it otherwise."""
    assert said == as_command(text)


def test_a_colour_is_never_around_nothing():
    """Empty cells stay empty."""
    assert "" == _terminal.painted("", "ok")
    assert "x" == _terminal.painted("x", "")


LOADED = """
import sys
from conn_magics import command_line
code = command_line.run(sys.argv[1:])
print(*sorted(m for m in sys.modules if "." not in m), file=sys.stderr)
sys.exit(code)
"""


def test_P14_a_command_imports_no_notebook():
    """Neither IPython nor widgets nor a parser that is heavier than the verb."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, "list", "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    heavy = {"IPython", "ipywidgets", "typer", "pydantic", "sqlalchemy", "httpx"}
    assert "argparse" in done.stderr.split()
    assert set() == heavy & set(done.stderr.split())
