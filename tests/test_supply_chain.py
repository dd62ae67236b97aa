"""Where our parts come from: no known holes, tested versions, a wheel with nothing else."""

import contextlib
import os
import re
import subprocess
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import check_wheel
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
#: The newest version with a hole that would concern us, and which.
HOLES = {
    "aiohttp": ("3.14.2", "CVE-2026-69244: reads past the end of a broken answer"),
    "authlib": (
        "1.6.11",
        "CVE-2026-28498, 28802, 27962, 44681: forged identity tokens",
    ),
    "azure-core": ("1.37.0", "CVE-2026-21226: makes objects of what a server sent"),
    "cryptography": ("48.0.0", "GHSA-537c-gmf6-5ccf: an OpenSSL with holes inside"),
    "httpcore": ("1.0.8", "CVE-2025-43859: chunks that h11 read in two ways"),
    "joserfc": ("1.7.1", "CVE-2026-49852, GHSA-5jhw-7jv7-qcqq: forged tokens"),
    "jupyter_server": ("2.20.0", "CVE-2026-86049: a Referer's secrets in the log"),
    "jupyterhub": ("5.5.0", "GHSA-c4gm-pwx9-9w8j: sharing by users"),
    "jupyterlab": ("4.5.9", "CVE-2026-42557, 73415: an output that runs commands"),
    "notebook": ("7.5.5", "CVE-2026-42557: an output that runs commands"),
    "requests": ("2.32.5", "CVE-2026-25645: files that others put there"),
    "tornado": ("6.5.8", "CVE-2026-49853 to 49855 and later ones"),
}


def requirements():
    """Return all that we ask for, wherever it is asked for."""
    project = PROJECT["project"]
    lists = [
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *PROJECT["dependency-groups"].values(),
    ]
    return [Requirement(line) for each in lists for line in each]


def known_versions():
    """Return the tested versions by their packages' names."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    assert all(len(pair) == 2 for pair in pairs), "a version that is not exact"
    assert len(pairs) == len({canonicalize_name(name) for name, _ in pairs})
    return {canonicalize_name(name): version for name, version in pairs}


@pytest.mark.parametrize("name", HOLES)
def test_X1_no_version_with_a_known_hole_is_accepted(name):
    """Neither by us nor by an extra: pip would leave an old one where it is."""
    hole, what = HOLES[name]
    asked = [
        r for r in requirements() if canonicalize_name(r.name) == name.replace("_", "-")
    ]

    assert asked
    assert [] == [str(r) for r in asked if r.specifier.contains(hole)], what


def test_X1_of_authlib_only_what_touches_no_network_is_used():
    """Its clients and its parts for web frameworks are where most of its holes were."""
    ours = ("conn_core", "conn_magics", "server_ext", "widgets")
    files = [file for folder in ours for file in (ROOT / folder).rglob("*.py")]
    used = {
        module
        for file in files
        for module in re.findall(r"(?:from|import) (authlib[\w.]*)", file.read_text())
    }

    assert used
    assert [] == [m for m in used if "integrations" in m or m == "authlib"]


def test_X1_the_tested_versions_are_those_that_we_ask_for():
    """A floor that nobody has tested would be a promise only."""
    known = known_versions()

    for asked in requirements():
        version = known[canonicalize_name(asked.name)]
        assert asked.specifier.contains(version), asked


def test_X2_the_audit_fails_where_nothing_could_be_asked():
    """Without ``--strict`` a version that the index does not tell about counts as clean."""
    said = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", "audit"],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if k not in {"MAKEFLAGS", "MFLAGS"}},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    line = said.splitlines()[-1]

    assert "pip-audit --strict " in line
    assert line.endswith("--requirement constraints.txt")


def test_X3_a_wheel_with_anything_else_in_it_is_refused(tmp_path, canary):
    """Tests, keys and secrets stay here; ``make wheel`` looks at the real one."""

    def wheel(**more):
        file = tmp_path / "made.whl"
        with zipfile.ZipFile(file, "w") as packed:
            packed.writestr("conn_core/__init__.py", "")
            packed.writestr("a-1.dist-info/METADATA", "")
            for name, text in more.items():
                packed.writestr(name.replace("_SLASH_", "/"), text)
        return file

    assert 2 == check_wheel.refuse_strangers(wheel())
    for strange in (
        {"tests_SLASH_test_x.py": ""},
        {"conn_core_SLASH_test_x.py": ""},
        {"conn_core_SLASH_master.key": ""},
        {"conn_core_SLASH_connections.db": ""},
        {"conn_core_SLASH_a.py": canary("in the wheel")},
        {"conn_core_SLASH_a.py": "-----BEGIN PRIVATE KEY-----"},
        {"conn_core_SLASH_.env": ""},
    ):
        with pytest.raises(AssertionError, match="should not be in the wheel"):
            check_wheel.refuse_strangers(wheel(**strange))


def test_X4_every_part_of_a_part_has_a_tested_version():
    """All that an installation with every extra brings is written down, exactly."""
    brought = with_all_parts(requirements())

    assert len(brought) > 100
    # What Python itself brings, and ourselves.
    brought -= {"pip", "setuptools", "jupyter-connections"}
    assert [] == sorted(brought - set(known_versions()))


def with_all_parts(ahead):
    """Return the names of packages, of what they need, and so on."""
    seen = set()
    while ahead:
        asked = ahead.pop()
        whole = (canonicalize_name(asked.name), frozenset(asked.extras))
        if whole not in seen:
            seen.add(whole)
            ahead += parts_of(asked)
    return {name for name, _ in seen}


def parts_of(asked):
    """Return what a package needs here, with the extras that are asked for."""
    lines = ()
    with contextlib.suppress(metadata.PackageNotFoundError):  # of another group
        lines = metadata.requires(asked.name) or ()
    extras = {"", *asked.extras}
    return [
        part
        for part in map(Requirement, lines)
        if part.marker is None
        or any(part.marker.evaluate({"extra": extra}) for extra in extras)
    ]


def test_X4_no_version_is_looked_for_elsewhere():
    """No address of a package in what we ask for, and no version of somebody's branch."""
    assert [] == [str(r) for r in requirements() if r.url]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [] == [line for line in lines if re.match(r"[^#].*(@|://|-e )", line)]
