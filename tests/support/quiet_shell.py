"""An IPython shell of a test's own, with the magics and nobody who could answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from IPython.core.interactiveshell import InteractiveShell
from IPython.terminal.interactiveshell import TerminalInteractiveShell
from traitlets.config import Config


@contextmanager
def quiet_shell() -> Iterator[InteractiveShell]:
    """Make the one shell of this process; ``IPYTHONDIR`` has to be the test's own."""
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config, colors="nocolor")
    shell.run_line_magic("load_ext", "conn_magics")
    yield shell
    shell.run_line_magic("unload_ext", "conn_magics")
    InteractiveShell.clear_instance()
    TerminalInteractiveShell.clear_instance()
