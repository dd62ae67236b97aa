#!/usr/bin/env python3
"""Find the parts of this machine that pip cannot install, or install them.

    machine.py venv node chromium postgres glewlwyd nginx    make sure of each, or say what to do

A part is installed by apt-get where that is allowed (root, or sudo that asks no
password), and Chromium elsewhere by Playwright; glewlwyd is only unpacked, and so is nginx. What is missing then is named, with
the command that brings it, and the exit code is 1. Standard library only: it runs
before anything is installed.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

#: Names and places of the browser, the most usual first.
CHROMIUMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
#: Where PostgreSQL keeps what is not on PATH, below the root folder.
POSTGRES_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/opt/postgresql*/bin",
    "usr/pgsql-*/bin",
    "Applications/Postgres.app/Contents/Versions/latest/bin",
)
OLDEST_NODE = 20
#: Where the second authorization server of the tests is unpacked.
_PEERS = Path(__file__).resolve().parent.parent / "tests" / "peers"
GLEWLWYD = _PEERS / "glewlwyd"
#: And nginx, which stands in front of replicas; installed it would listen on port 80.
NGINX = _PEERS / "nginx"


class PartMissing(Exception):
    """A part is not there and could not be installed; says what to do."""


def find_chromium() -> str | None:
    """Return the browser for the tests: CHROMIUM, one of the system, Playwright's."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    return found or _chromium_of_playwright()


def _chromium_of_playwright() -> str | None:
    try:
        from playwright.sync_api import (  # noqa: PLC0415  # not installed at first
            sync_playwright,
        )
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def find_postgres() -> Path | None:
    """Return the folder with initdb, postgres and pg_ctl, newest version first."""
    folders = [
        folder
        for pattern in POSTGRES_FOLDERS
        for folder in sorted(Path("/").glob(pattern))
    ]
    for folder in reversed(folders):
        if (folder / "initdb").exists():
            return folder
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def find_glewlwyd() -> Path | None:
    """Return the folder that glewlwyd's files lie below: the system's, or ours."""
    for root in (Path("/"), GLEWLWYD):
        if (root / "usr/bin/glewlwyd").exists():
            return root
    return None


def find_nginx() -> Path | None:
    """Return the program nginx: the system's, or ours."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    places = (Path(found) if found else None, NGINX / "usr/sbin/nginx")
    return next((place for place in places if place and place.exists()), None)


def _unpack(root: Path, *packages: str) -> None:
    """Unpack Debian packages, and the libraries they need, below a folder.

    Installed, a server would be started, and at every start of the machine.
    """
    if shutil.which("apt-get") is None:
        return
    print(f"Fetching {packages[0]} with apt-get …", flush=True)
    if not (wanted := _not_installed(*packages)):
        _run(*_as_root(), "apt-get", "-qq", "update")
        wanted = _not_installed(*packages)
    with tempfile.TemporaryDirectory(dir=root.parent) as folder:
        fetched = _run("apt-get", "-qq", "download", *wanted, cwd=folder)
        for archive in sorted(Path(folder).glob("*.deb")):
            _run("dpkg-deb", "--extract", str(archive), f"{folder}/unpacked")
        if wanted and fetched.returncode == 0:
            shutil.rmtree(root, ignore_errors=True)
            Path(folder, "unpacked").rename(root)
        else:
            print(fetched.stderr, file=sys.stderr)


def _not_installed(*packages: str) -> list[str]:
    """Name the packages, and what they need, as far as they are not installed."""
    apt = ("apt-get", "--simulate", "--no-install-recommends", "install")
    plan = _run(*apt, *packages).stdout
    return re.findall(r"^Inst (\S+)", plan, re.MULTILINE)


def _apt(*packages: str) -> bool:
    """Install Debian packages if we may; tell whether it was tried and went well."""
    if shutil.which("apt-get") is None:
        return False
    sudo = _as_root()
    if sudo and (shutil.which("sudo") is None or _run(*sudo, "true").returncode):
        return False
    print(f"Installing {', '.join(packages)} with apt-get …", flush=True)
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    _run(*apt, "update")
    done = _run(*apt, "install", "-y", "--no-install-recommends", *packages)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
    return done.returncode == 0


def _as_root() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo", "-n"]


def _run(*command: str, cwd: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program that may fail; its words are kept."""
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=cwd)


def ensure_venv() -> None:
    """Make sure that this Python can make virtual environments."""
    if sys.version_info < (3, 11):  # noqa: UP036  # the one place that says so kindly
        msg = f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}"
        raise PartMissing(f"{msg}. Name another one: make PYTHON=python3.12")
    try:
        import ensurepip  # noqa: F401, PLC0415  # Debian leaves it out of its Python
    except ImportError:
        if not _apt("python3-venv"):
            msg = "This Python cannot make virtual environments. Run: apt-get install python3-venv"
            raise PartMissing(msg) from None


def ensure_node() -> None:
    """Make sure of Node and npm, which run the certified authorization server."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise PartMissing(
            f"Node {OLDEST_NODE} or newer with npm is needed for the tests"
        )
    shown = _run(node, "--version").stdout
    found = re.match(r"v(\d+)", shown)
    if found is None or int(found.group(1)) < OLDEST_NODE:
        raise PartMissing(
            f"Node {OLDEST_NODE} or newer is needed, this is {shown.strip()}"
        )


def ensure_chromium() -> None:
    """Make sure of a browser."""
    if find_chromium() is None:
        if os.environ.get("CHROMIUM"):
            raise PartMissing("CHROMIUM names a browser that is not there")
        if not _apt("chromium"):
            _run(sys.executable, "-m", "playwright", "install", "chromium")
    if find_chromium() is None:
        msg = "Chromium is needed for the tests and could not be installed"
        raise PartMissing(f"{msg}. Install it, or name one: make CHROMIUM=/path/to/it")


def ensure_postgres() -> None:
    """Make sure of PostgreSQL's programs; no server needs to run."""
    if find_postgres() is None and not _apt("postgresql") and shutil.which("brew"):
        _run("brew", "install", "--quiet", "postgresql@16")
    if find_postgres() is None:
        msg = "PostgreSQL (initdb, pg_ctl) is needed for the tests"
        raise PartMissing(
            f"{msg}. Run: apt-get install postgresql, or your system's way"
        )


def ensure_glewlwyd() -> None:
    """Make sure of a second authorization server."""
    if find_glewlwyd() is None:
        _unpack(GLEWLWYD, "glewlwyd", "dbconfig-no-thanks")
    if find_glewlwyd() is None:
        msg = "glewlwyd, an authorization server of Debian, is needed for the tests"
        raise PartMissing(f"{msg}. Run: apt-get install glewlwyd")


def ensure_nginx() -> None:
    """Make sure of a web server that replicas stand behind."""
    if find_nginx() is None:
        _unpack(NGINX, "nginx-light")
    if find_nginx() is None and shutil.which("brew"):
        _run("brew", "install", "--quiet", "nginx")
    if find_nginx() is None:
        raise PartMissing("nginx is needed for the tests. Run: apt-get install nginx")


def ensure_ip() -> None:
    """Make sure of the program that makes networks, where a test may use it."""
    if sys.platform == "linux" and os.geteuid() == 0 and shutil.which("ip") is None:
        _apt("iproute2")
        if shutil.which("ip") is None:
            raise PartMissing("ip is needed. Run: apt-get install iproute2")


PARTS = {
    "venv": ensure_venv,
    "node": ensure_node,
    "chromium": ensure_chromium,
    "postgres": ensure_postgres,
    "glewlwyd": ensure_glewlwyd,
    "nginx": ensure_nginx,
    "ip": ensure_ip,
}


def main(parts: list[str]) -> int:
    """Make sure of each part; report all that is missing, not only the first."""
    missing = 0
    for part in parts:
        try:
            PARTS[part]()
        except PartMissing as problem:
            print(f"Missing: {problem}", file=sys.stderr)
            missing = 1
    return missing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
