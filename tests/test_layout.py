"""The house: four packages in one distribution, each with a face that keeps its word.

Runs in a checkout and, from the wheel, without the sources.
"""

import importlib
import importlib.metadata
import importlib.util
import pkgutil
from pathlib import Path

import pytest

PACKAGES = ("conn_core", "conn_magics", "conn_serverext", "conn_widgets")
CONTAINERS = ("server_ext", "widgets")


def _folder(package: str) -> Path:
    return Path(str(importlib.import_module(package).__file__)).resolve().parent


def _faces() -> list[str]:
    """Name every package that says what is public."""
    names = list(PACKAGES)
    for package in PACKAGES:
        face = importlib.import_module(package)
        names += [
            module.name
            for module in pkgutil.walk_packages(face.__path__, f"{package}.")
            if module.ispkg and hasattr(importlib.import_module(module.name), "__all__")
        ]
    return names


def _constants_classes_functions(name: str) -> tuple[bool, bool, str]:
    return (not name.isupper(), not name[0].isupper(), name)


def test_all_four_packages_come_from_the_same_place():
    """A checkout or an installation, never a mixture of the two."""
    homes = set()
    for package in PACKAGES:
        home = _folder(package).parent
        homes.add(home.parent if home.name in CONTAINERS else home)

    assert 1 == len(homes), homes


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_container_folder_is_not_a_package(container):
    """A folder ``widgets/`` beside a user's notebook must not meet one of ours."""
    spec = importlib.util.find_spec(container)

    assert spec is None or spec.origin is None


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_typed(package):
    """Each package carries its own marker, or type checkers see none of it."""
    assert (_folder(package) / "py.typed").is_file()


def test_the_version_is_said_once():
    """The distribution and the package agree."""
    import conn_core

    assert conn_core.__version__ == importlib.metadata.version("jupyter-connections")


@pytest.mark.parametrize("face", _faces())
def test_a_face_lists_its_names_in_order_and_has_them(face):
    """What ``__all__`` names can be imported, and is sorted."""
    module = importlib.import_module(face)
    names = list(module.__all__)

    assert sorted(names, key=_constants_classes_functions) == names
    assert [] == [name for name in names if not hasattr(module, name)]


def test_the_extension_is_enabled_by_installing_it():
    """The file that enables it belongs to the distribution."""
    from jupyter_core.paths import jupyter_config_path
    from jupyter_server.extension.config import ExtensionConfigManager

    enabled = {
        name
        for folder in jupyter_config_path()
        for name, on in ExtensionConfigManager(read_config_path=[folder])
        .get_jpserver_extensions()
        .items()
        if on
    }

    assert "conn_serverext" in enabled
