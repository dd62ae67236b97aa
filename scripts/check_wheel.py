"""Build the wheel and try it where the sources are not: in a new environment.

What works in a checkout can still be missing from the wheel: a data file, a package
in a container folder, the file that enables the server extension.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("conn_core", "conn_magics", "conn_serverext", "conn_widgets")
OURS = re.compile(rf"(?:{'|'.join(PACKAGES)}|[\w.-]+\.(?:dist-info|data))/")
#: Tests, hidden files, keys and databases, by their names.
NEVER = re.compile(r"(?:^|/)(?:tests?/|test_|conftest|\.)|\.(?:key|pem|db|sqlite|log)$")
#: What a key begins with, and every secret of a test.
SECRET = (b"PRIVATE KEY-----", b"CNRY-")
#: A program for the new environment; run in isolated mode, so no path of ours is seen.
WHERE = """
import importlib, pathlib, sys
for name in sys.argv[1:]:
    folder = pathlib.Path(importlib.import_module(name).__file__).parent
    assert folder.parent == pathlib.Path(importlib.import_module("pytest").__file__).parent.parent, folder
notebooks = sorted((folder.parent / "conn_serverext/demo/notebooks").glob("*.ipynb"))
assert notebooks, "the notebooks are not in the wheel"
print(f"{len(sys.argv) - 1} packages and {len(notebooks)} notebooks in {folder.parent.name}")
"""


def main() -> None:
    """Build, install, try; raises AssertionError when wrong."""
    with tempfile.TemporaryDirectory(prefix="wheel-") as folder:
        home = Path(folder)
        wheel = build_wheel(home)
        print(refuse_strangers(wheel), "files in the wheel, all of them ours")
        python = install(wheel, home / "venv")
        try_out(python, home)
    print(f"{wheel.name} works without its sources")


def build_wheel(home: Path) -> Path:
    """Return the wheel of this checkout."""
    pip(Path(sys.executable), "wheel", "--no-deps", f"--wheel-dir={home}", str(ROOT))
    (wheel,) = home.glob("*.whl")
    return wheel


def refuse_strangers(wheel: Path) -> int:
    """Look at every file of a wheel; return how many there are.

    Raises:
        AssertionError: If one is not of our packages, or a test, a key or a secret.
    """
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        strange = [
            name
            for name in names
            if not OURS.match(name)
            or NEVER.search(name)
            or any(text in packed.read(name) for text in SECRET)
        ]
    assert not strange, f"should not be in the wheel: {', '.join(strange)}"
    return len(names)


def install(wheel: Path, folder: Path) -> Path:
    """Install the wheel with its dependencies; return the environment's Python."""
    venv.create(folder, with_pip=True, symlinks=os.name != "nt")
    python = folder / "bin" / "python"
    constraints = f"--constraint={ROOT / 'constraints.txt'}"
    pip(python, "install", constraints, str(wheel), "pytest", "pytest-timeout")
    return python


def pip(python: Path, *arguments: str) -> None:
    """Run pip without its chatter."""
    quiet = ["-m", "pip", "--quiet", "--quiet", "--disable-pip-version-check"]
    subprocess.run([python, *quiet, *arguments], check=True)


def try_out(python: Path, home: Path) -> None:
    """Use what was installed, with settings of its own and far from the checkout."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "COVERAGE", "PYTHON"))
    } | {"HOME": str(home), "PATH": f"{python.parent}:{os.environ['PATH']}"}

    def run(*command: str | Path) -> str:
        done = subprocess.run(
            command,
            cwd=home,
            env=environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, f"{command}:\n{done.stdout}"
        return done.stdout

    print(run(python, "-I", "-c", WHERE, *PACKAGES), end="")
    listed = re.sub(r"\x1b\[\d+m", "", run("jupyter", "server", "extension", "list"))
    assert "conn_serverext enabled" in listed, listed
    assert re.search(r"conn_serverext .*OK", listed), listed
    print("jupyter connections", run("jupyter", "connections", "--version"), end="")
    shutil.copy(ROOT / "tests" / "test_layout.py", home)
    test = ["-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
    print(run(python, *test, "test_layout.py"), end="")


if __name__ == "__main__":
    main()
