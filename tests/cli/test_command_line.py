"""``jupyter connections``: help, version, mistakes, and the practice service alone."""

import json
import signal
import stat
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from conn_core import __version__
from conn_core.errors import AuthorizationRequired, NameTaken

SCRIPT = Path(sys.executable).with_name("jupyter-connections")


def _open(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=60) as answer:
        return answer.read().decode()


def test_it_is_a_command_of_jupyter(environ):
    """``jupyter connections`` finds it."""
    jupyter = Path(sys.executable).with_name("jupyter")
    path = f"{jupyter.parent}:{environ['PATH']}"
    said = subprocess.run(
        [jupyter, "connections", "--version"],
        env=environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert __version__ == said.stdout.strip()


def test_help_lists_the_verbs(run):
    """And imports neither the database nor the web server for that."""
    said = run("--help", PYTHONPROFILEIMPORTTIME="1")

    assert 0 == said.returncode
    assert "demo" in said.stdout
    assert "practice" in said.stdout
    for heavy in ("sqlalchemy", "tornado", "pydantic", "jupyter_server", "httpx"):
        assert f"| {heavy}" not in said.stderr.replace("|   ", "| ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dmo"], "Did you mean jupyter connections demo?"),
        (["practise"], "Did you mean jupyter connections practice?"),
        (["list", "--stats"], "Did you mean --status?"),
        (["service", "valdate"], "There is no jupyter connections service valdate."),
        (["demo", "--app", "vim"], "Usage: "),
        (["demo", "--access-token-seconds", "0"], "Usage: "),
        (["practice", "--port", "70000"], "Usage: "),
    ],
)
def test_what_is_mistyped_is_a_usage_error(run, arguments, said):
    """Exit code 2, as everywhere, and no traceback."""
    done = run(*arguments)

    assert 2 == done.returncode
    assert said in done.stderr
    assert "" == done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NameTaken("A connection called 'github' exists", "Choose another"), 1),
        (AuthorizationRequired("It has not been authorized", "Run %conn list"), 3),
    ],
)
def test_an_error_of_the_server_side_is_one_line_too(monkeypatch, capsys, error, code):
    """3 means that a person is needed."""
    from conn_magics import command_line
    from conn_serverext import cli

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(cli, "app", fail)
    monkeypatch.setattr(cli, "summaries", lambda: {"demo": ""})

    assert code == command_line.run(["demo"])
    said = str(error).replace("%conn", "jupyter connections")
    assert ("", f"{said}\n") == capsys.readouterr()


def test_the_server_side_says_what_its_commands_do():
    """By name, in the order people read them; each has words."""
    from conn_serverext import cli

    found = cli.summaries()
    names = ["demo", "practice", "service validate", "service prove"]
    assert names == [name for name in found if name in names]
    assert all(found.values())


def test_whoever_reads_may_stop_reading(environ):
    """``… | head -1``: no traceback."""
    done = subprocess.run(
        f"{SCRIPT} services | head -1",
        shell=True,
        env=environ | {"JUPYTER_CONNECTIONS_KEYRING": "0"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.startswith("SERVICE")
    assert "" == done.stderr


def test_practice_runs_until_it_is_stopped(start, environ, home, everything_below):
    """Two files say how to reach it; both are gone afterwards."""
    command = start("practice", "--access-token-seconds", "7")
    command.read_until(lambda line: line.startswith("Ctrl-C"))
    said = dict(line.split(maxsplit=2)[::2] for line in command.lines[:2])
    issuer = said["Practice"].rstrip("/")
    catalog = Path(said["Catalogue"])
    client = catalog.with_name("client.json")

    (service,) = tomllib.loads(catalog.read_text())["service"]
    assert issuer == service["issuer"]
    assert {"client_id", "client_secret"} == json.loads(client.read_text()).keys()
    assert "7 seconds" in _open(f"{issuer}/")
    for file, mode in ((client, 0o600), (catalog, 0o600), (catalog.parent, 0o700)):
        assert mode == stat.S_IMODE(file.stat().st_mode)
    secret = json.loads(client.read_text())["client_secret"]
    assert secret not in "\n".join(command.lines)

    code, _ = command.stop()

    assert (0, "") == (code, command.complaints)
    with pytest.raises(urllib.error.URLError):
        _open(f"{issuer}/")
    assert [] == everything_below(Path(environ["TMPDIR"])) == everything_below(home)


def test_practice_uses_the_folder_it_is_told(start, tmp_path, everything_below):
    """And leaves the folder, which is somebody else's."""
    folder = tmp_path / "mine"
    folder.mkdir()
    command = start("practice", "--folder", str(folder))
    command.read_until(lambda line: line.startswith("Ctrl-C"))
    assert ["client.json", "practice.toml"] == everything_below(folder)

    assert 0 == command.stop(signal.SIGTERM)[0]

    assert folder.is_dir()
    assert [] == everything_below(folder)


def test_practice_overwrites_nothing(run, tmp_path):
    """A file of that name may be another practice service's, or a link elsewhere."""
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "client.json").symlink_to("mine.txt")

    said = run("practice", "--folder", str(tmp_path))

    assert 1 == said.returncode
    assert "client.json cannot be written (File exists)" in said.stderr
    assert "Traceback" not in said.stderr
    assert "mine" == (tmp_path / "mine.txt").read_text()
    assert not (tmp_path / "practice.toml").exists()


def test_practice_says_when_the_port_is_taken(run, start):
    """One line, and what to do."""
    command = start("practice")
    port = command.read_until(lambda line: "http://" in line).split(":")[-1].strip("/")

    said = run("practice", "--port", port)

    assert 1 == said.returncode
    assert (
        f"Port {port} cannot be used (Address already in use). "
        "Name another one with --port\n"
    ) == said.stderr
    command.stop()
