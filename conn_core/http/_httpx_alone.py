"""httpx without the command of that name.

httpx loads it with itself where its three libraries happen to be installed, for colours
in a terminal: 23 ms and 4 MiB of every kernel, beside 10 ms and 2 MiB for httpx itself.
"""

import importlib
import sys
from types import ModuleType
from typing import Final

_COMMAND: Final = "httpx._main"


def leave_out_command() -> None:
    """Let httpx find a stand-in for its command, unless it is loaded already."""
    if "httpx" not in sys.modules:
        stand_in = ModuleType(_COMMAND, "Loads the command when it is called.")
        stand_in.main = _main  # type: ignore[attr-defined]  # what httpx takes from it
        sys.modules[_COMMAND] = stand_in


def _main() -> None:
    """Be httpx's command after all."""
    del sys.modules[_COMMAND]
    importlib.import_module(_COMMAND).main()
