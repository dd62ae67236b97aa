"""The two magics: parse, call, answer."""

from typing import Any

# IPython's own mark of ``@no_var_expand``: {name} and $name in a line stay as typed.
_NO_EXPANSION = "_ipython_magic_no_var_expand"


class ConnMagic:
    """``%conn``. Its help is made from the parsers when somebody asks for it."""

    __name__ = "conn"

    def __init__(self) -> None:
        setattr(self, _NO_EXPANSION, True)

    def __call__(self, line: str) -> Any:
        """Run a verb."""
        from ._running import run_line

        return run_line(line)

    def getdoc(self) -> str:
        """Return the help that ``%conn?`` shows."""
        from ._parser import full_help
        from ._verbs import VERBS

        return full_help(VERBS.values())

    def __repr__(self) -> str:
        return "<magic %conn>"


class ConnectionMagic:
    """``%%connection``. Cells do not come here: their first line is rewritten.

    It is here for help and completion, and for programs that call the magic.
    """

    __name__ = "connection"

    def __init__(self) -> None:
        setattr(self, _NO_EXPANSION, True)

    def __call__(self, line: str, cell: str) -> None:
        """Open the connections, then run the cell as IPython would."""
        from ._opening import open_cell
        from ._surroundings import running_shell

        shell = running_shell()
        source = shell.transform_cell(cell)
        open_cell(line, cell=(source, shell.compile.cache(source)))
        shell.run_cell(cell).raise_error()

    def getdoc(self) -> str:
        """Return the help that ``%%connection?`` shows."""
        from ._cell_line import help_text

        return help_text()

    def __repr__(self) -> str:
        return "<magic %%connection>"


conn = ConnMagic()
connection = ConnectionMagic()
