"""What README and notebooks say is true: the commands, verbs, settings and pictures."""

import json
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
GUIDES = sorted((ROOT / "docs").glob("*.md"))
SETTINGS = (ROOT / "docs" / "settings.md").read_text()
PAGES = [README, *((ROOT / n).read_text() for n in ("CHANGELOG.md", "CONTRIBUTING.md"))]


def verbs_in(text):
    """Return the verb of each ``%conn`` line."""
    return set(re.findall(r"^%conn ([a-z]+)", text, re.MULTILINE))


def notebook_sources():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text())["cells"]
        yield "\n".join("".join(cell["source"]) for cell in cells)


def test_every_verb_that_is_shown_exists():
    """In the README and in the notebooks."""
    from conn_magics._verbs import VERBS

    shown = verbs_in(README).union(*map(verbs_in, notebook_sources()))
    assert {"list", "new"} <= shown
    assert set() == shown - set(VERBS)


def test_every_option_that_is_shown_is_understood():
    """The lines of the README are parsed as the magic and the command line would."""
    from conn_magics._parser import options_of, verb_called
    from conn_magics._verb import verbs_at
    from conn_magics._verbs import VERBS

    faces = {
        "magic": r"^%conn ([a-z]+ .*)$",
        "command": r"^jupyter connections (\w+ .*)$",
    }
    for face, line in faces.items():
        for found in re.findall(line, README, re.MULTILINE):
            words = shlex.split(found.partition(" < ")[0], comments=True)
            if words[0] in VERBS:
                verb, rest = verb_called(words, verbs_at(face))
                assert options_of(verb, rest, face=face)


def test_every_make_target_that_is_shown_exists():
    """The two commands above all."""
    targets = set(
        re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    )
    shown = set().union(*(re.findall(r"[`|] ?make ([a-z]+)", page) for page in PAGES))
    assert {"demo", "test"} == set(re.findall(r"^make ([a-z]+)", README, re.MULTILINE))
    assert {"demo", "test"} <= shown
    assert set() == shown - targets


def test_every_setting_that_is_shown_exists():
    """As a trait, and as a variable of the environment."""
    from dataclasses import fields

    from conn_core import RelayLimits
    from conn_serverext._options import Connections

    shown = README + SETTINGS
    limits = [
        f"JUPYTER_CONNECTIONS_RELAY_{f.name.upper()}" for f in fields(RelayLimits)
    ]
    traits = set(re.findall(r"`c\.Connections\.(\w+)`", shown))
    rooms = (ROOT / "conn_core", ROOT / "conn_magics")
    source = "".join(p.read_text() for room in rooms for p in room.rglob("*.py"))
    source += " ".join(limits)
    variables = set(re.findall(r"`(JUPYTER_CONNECTIONS_\w+)`", shown))
    assert set() == traits - set(Connections.class_trait_names())
    assert set() == {name for name in variables if name not in source}


def test_every_setting_that_there_is_is_shown():
    """On the page that says that it lists them all."""
    from conn_serverext._options import Connections

    ours = set(Connections.class_own_traits(config=True))
    assert set() == ours - set(re.findall(r"`c\.Connections\.(\w+)`", SETTINGS))


@pytest.mark.parametrize(
    "page",
    [
        *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG")),
        *GUIDES,
    ],
    ids=lambda page: page.stem,
)
def test_what_a_page_links_to_is_there(page):
    """Pictures and other pages."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text())
    assert [] == [link for link in links if not (page.parent / link).exists()]


def test_commands_of_the_command_line_exist():
    """``jupyter connections …`` as the README writes it."""
    from conn_magics._further import Further
    from conn_magics._verb import verbs_at
    from conn_magics._verbs import VERBS

    assert VERBS
    known = {name.split()[0] for name in Further().summaries()} | {*verbs_at("command")}
    shown = set(re.findall(r"jupyter connections ([a-z]+)", README))
    assert {"list", "practice"} <= shown
    assert set() == shown - known


def test_every_command_that_an_error_names_exists():
    """A hint that leads nowhere is worse than none."""
    from conn_magics._verbs import VERBS

    folders = ("conn_core", "conn_magics", "widgets", "server_ext")
    named = set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.[pj][ys]*"):
            if path.suffix in {".py", ".js"}:
                named |= set(re.findall(r"Run %conn ([a-z]+)", path.read_text()))
    assert "authorize" in named
    assert set() == named - set(VERBS)
