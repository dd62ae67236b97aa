"""The tests' own tools do what the other tests rely on."""

import base64
import gzip
import io
import json
import subprocess
import sys
import urllib.parse
import zipfile

import pytest
import sqlalchemy as sa
from canary import process_artefacts


def zipped(name, text):
    """Return an archive with one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, text)
    return file.getvalue()


@pytest.mark.parametrize(
    "disguise",
    [
        str.encode,
        lambda s: s[::-1].encode(),
        lambda s: s.encode().hex().encode(),
        lambda s: base64.b64encode(s.encode()),
        lambda s: base64.b64encode(b"x" + s.encode() + b"yy"),
        lambda s: base64.urlsafe_b64encode(b"xx" + s.encode() + b"y"),
        lambda s: urllib.parse.urlencode({"a": s}).encode(),
        lambda s: json.dumps({"a": [s]}).encode(),
        lambda s: b"head" + gzip.compress(b"body " + s.encode()),
        lambda s: s.encode("utf-16-le"),
        lambda s: s.encode("utf-32-le"),
        lambda s: zipped("name", s),
        lambda s: zipped(s.replace("/", ""), "text") + zipped("a", s),
    ],
    ids=[
        "raw",
        "reversed",
        "hex",
        "base64",
        "base64+1",
        "base64+2",
        "url",
        "json",
        "gzip",
        "utf-16",
        "utf-32",
        "zip",
        "zip twice",
    ],
)
def test_a_sweep_finds_a_secret_in_every_disguise(canary, disguise, tmp_path):
    """Each form that an artefact may show a secret in is searched."""
    secret = canary("token") + '+/%"é'
    canary.watch(secret, "odd token")
    artefact = tmp_path / "folder" / "artefact"
    artefact.parent.mkdir()
    artefact.write_bytes(disguise(secret))

    with pytest.raises(AssertionError, match=r"odd token in .*artefact"):
        canary.sweep([tmp_path])


def test_a_sweep_of_clean_artefacts_says_how_many_it_saw(canary, tmp_path):
    """Random bytes and other markers are no leak."""
    canary("token")
    (tmp_path / "a").write_bytes(b"\x1f\x8b\x08 not gzip; CNRY-token-another")

    assert 2 == canary.sweep([tmp_path], {"text": "nothing here"})


def test_a_sweep_of_nothing_is_refused(canary, tmp_path):
    """A mistyped path must not look like a clean bill of health."""
    with pytest.raises(AssertionError, match="nothing to search"):
        canary.sweep([tmp_path])


def test_a_sweep_looks_at_names_too(canary, tmp_path):
    """A file that is called as a secret tells everybody who lists the folder."""
    (tmp_path / f"{canary('token')}.txt").touch()

    with pytest.raises(AssertionError, match="token in "):
        canary.sweep([tmp_path])


def test_a_process_shows_its_environment_and_command_line(canary, monkeypatch):
    """A secret handed to a child by either way is found."""
    secret = canary("env")
    wait = [sys.executable, "-c", "input()"]
    with subprocess.Popen(wait, stdin=subprocess.PIPE, env={"A": secret}) as child:
        seen = process_artefacts(child.pid)
        child.communicate(b"\n")

    with pytest.raises(AssertionError, match="env in environ of process"):
        canary.sweep(texts=seen)


def test_a_process_shows_the_names_of_what_it_has_open(canary, tmp_path):
    """Whoever lists them reads the names of deleted files too."""
    name = tmp_path / canary("name")
    wait = [sys.executable, "-c", "input()"]
    with (
        name.open("w") as held,
        subprocess.Popen(
            wait, stdin=subprocess.PIPE, pass_fds=[held.fileno()]
        ) as child,
    ):
        name.unlink()
        seen = process_artefacts(child.pid)
        child.communicate(b"\n")

    with pytest.raises(AssertionError, match="name in open files of process"):
        canary.sweep(texts=seen)


def test_the_memory_of_a_process_is_searched(canary):
    """And what it does not hold is not found in it."""
    secret = canary("in memory")
    canary("elsewhere")
    code = "kept = input(); print(flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], text=True, **pipes) as child:
        child.stdin.write(f"{secret}\n")
        child.stdin.flush()
        child.stdout.readline()
        found = canary.found_in_memory(child.pid)
        child.communicate("\n")

    assert {"in memory"} == found


def test_postgresql_answers(postgres_url):
    """A database is there for the tests that need one, as root too."""
    engine = sa.create_engine(postgres_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert 1 == connection.scalar(sa.text("select 1"))


@pytest.mark.peer
def test_the_certified_server_counts_what_it_does(certified_server, canary):
    """It tells what it issued, and a marker is its client's secret."""
    nothing = {"authorization": 0, "code": 0, "refresh": 0, "api": 0}

    assert nothing.items() <= certified_server.counters().items()
    assert [] == certified_server.issued()
    assert certified_server.client_secret.startswith("CNRY-client-secret-")
