"""Names of a package that are loaded when they are first used (PEP 562)."""

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def on_demand(package: str, home: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """Return what is the ``__getattr__`` of a package: it loads a name once.

    Args:
        package: The package, as its ``__name__`` says.
        home: Names by the module of the package that has them.
    """
    module_of = {name: module for module, names in home.items() for name in names}

    def load(name: str) -> Any:
        if name not in module_of:
            msg = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(msg)
        module = importlib.import_module(f".{module_of[name]}", package)
        found = getattr(module, name)
        setattr(sys.modules[package], name, found)  # asked for no more
        return found

    return load
