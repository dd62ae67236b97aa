"""What a browser sends when somebody submits a form."""

from collections.abc import Mapping, Sequence

from tornado import web

from conn_core import Secret


class Form:
    """The fields of a form, by name.

    Args:
        arguments: As tornado reads them.
    """

    def __init__(self, arguments: Mapping[str, Sequence[bytes]]) -> None:
        self._arguments = arguments

    def __repr__(self) -> str:
        return "<Form>"  # never what was typed: it may be a secret

    def text(self, name: str, default: str = "") -> str:
        """Return what was typed into a field, without blanks around it."""
        return self.raw(name, default).strip()

    def raw(self, name: str, default: str = "") -> str:
        """Return what was typed into a field, as it is."""
        found = self.all(name)
        return found[-1] if found else default

    def all(self, name: str) -> list[str]:
        """Return all values of a name: of boxes that are ticked, of rows."""
        return [_decoded(value) for value in self._arguments.get(name, ())]

    def secret(self, name: str) -> Secret | None:
        """Return a secret that was typed; None when the field was left empty."""
        return Secret(self.text(name)) if self.text(name) else None

    def ticked(self, name: str) -> bool:
        """Tell whether a box is ticked."""
        return bool(self.all(name))

    @property
    def button(self) -> str:
        """Which button was pressed."""
        return self.text("do")


def _decoded(value: bytes) -> str:
    """Read a value; browsers write a line's end as two characters.

    Raises:
        HTTPError: If no browser writes that.
    """
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise web.HTTPError(400) from error
    if "\0" in text:
        raise web.HTTPError(400)
    return text.replace("\r\n", "\n")
