"""The public face of the core: sorted, complete, explained, and cheap to import."""

import importlib
import inspect
import json
import subprocess
import sys

import pytest

import conn_core
from conn_core import broker, errors, look

FACES = [conn_core, broker, look]
HEAVY = {"pydantic", "sqlalchemy", "alembic", "httpx", "cryptography", "authlib"}


def loaded_by(statement):
    """Return the packages that a fresh interpreter has loaded after a statement."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    command = [sys.executable, "-c", code]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(shown.stdout)}


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
def test_what_is_public_can_be_imported(face):
    """Each name once."""
    assert len(set(face.__all__)) == len(face.__all__)
    for name in face.__all__:
        assert getattr(face, name) is not None


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
def test_what_is_public_is_complete(face):
    """The names that are loaded late are the names that are public."""
    late = {name for names in face._HOME.values() for name in names}

    assert late == set(face.__all__)


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
def test_what_is_not_there_is_an_attribute_error(face):
    """With the module's name in it, as everywhere."""
    with pytest.raises(AttributeError, match=f"'{face.__name__}' has no attribute"):
        face.nothing_of_this_name  # noqa: B018 - the access is the test


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
def test_what_is_public_explains_itself(face):
    """Every class and function, and their public methods, too."""
    silent = []
    for name in face.__all__:
        thing = getattr(face, name)
        if not inspect.getdoc(thing):
            silent.append(name)
        if inspect.isclass(thing):
            silent += [
                f"{name}.{member}"
                for member, value in vars(thing).items()
                if not member.startswith("_")
                and (inspect.isfunction(value) or isinstance(value, property))
                and not inspect.getdoc(value)
            ]
    assert [] == silent


def test_every_error_explains_itself():
    """People look them up by name."""
    assert all(
        value.__doc__
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.ConnectionsError)
    )


@pytest.mark.parametrize(
    "statement",
    [
        "import conn_core",
        "import conn_core._values",
        "import conn_core.errors",
        "import conn_core.broker",
        "from conn_core import AccessToken, Connection, Secret, Settings",
        "from conn_core.broker import Broker",
    ],
)
def test_a_kernel_pays_only_for_what_it_uses(statement):
    """No validation, no database, no HTTP library on the hot path."""
    assert set() == HEAVY & loaded_by(statement)


def test_the_check_sees_what_is_loaded():
    """It would find the heavy ones."""
    found = loaded_by(
        "from conn_core import Service; from conn_core.store import Store"
    )
    assert {"pydantic", "sqlalchemy"} <= found


def test_the_database_is_opened_without_alembic(tmp_path):
    """Only the start that migrates pays for it."""
    statement = (
        "from pathlib import Path\nfrom conn_core.store import Store\n"
        f"Store.sqlite(Path({str(tmp_path / 'd' / 'c.db')!r})).close()"
    )
    assert "alembic" in loaded_by(statement)
    assert "alembic" not in loaded_by(statement)


def test_the_version_is_that_of_the_distribution():
    """Said once in each place, and the same."""
    from importlib.metadata import version

    assert version("jupyter-connections") == conn_core.__version__


def test_the_core_runs_without_jupyter():
    """It knows no Jupyter, no web server and no widget."""
    modules = ["broker._core", "broker._local", "store", "vault", "catalog", "auth"]
    for module in modules:
        importlib.import_module(f"conn_core.{module}")
    loaded = loaded_by("\n".join(f"import conn_core.{module}" for module in modules))
    foreign = {"IPython", "ipywidgets", "jupyter_core", "jupyter_server", "tornado"}
    assert set() == loaded & (foreign | {"traitlets", "conn_magics", "conn_serverext"})
