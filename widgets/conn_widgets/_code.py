"""Code to copy, for one library at a time."""

from typing import Any

import ipywidgets

from conn_core import LIBRARIES, Connection, Service, libraries_for, snippet

from . import _html
from ._fields import CopyField, Field
from ._stage import boxed, row

_WORDS = {
    "httpx": "Cell magic",
    "async": "Cell magic, async",
    "python": "Python script",
    "azure_credential": "azure-core",
    "google_credentials": "google-auth",
    "notion": "notion-client",
    "pygithub": "PyGithub",
    "slack": "slack_sdk",
}


class CodePart:
    """A heading, a picker of libraries, Copy, and the code.

    Args:
        connection: What the code uses.
        service: What it is to.

    Attributes:
        library: Which library the code is for.
        box: What is shown.
    """

    def __init__(self, connection: Connection, service: Service | None) -> None:
        self._connection = connection
        self._service = service
        known = LIBRARIES
        if service is not None:
            known = libraries_for(service, exposure=connection.exposure)
        self.library = Field(
            label="Library",
            kind="choice",
            choices=[[name, _WORDS.get(name, name)] for name in known],
            value=known[0],
        )
        self.library.add_class("conn-only-input")
        self._copy = CopyField(label="Copy", kind="button", what="code")
        self._shown = CopyField(kind="block")
        self.library.observe(self._show, "value")
        self._show()
        head = row(
            [
                boxed([ipywidgets.HTML(_html.heading("Code"))], "conn-grow"),
                self.library,
                self._copy,
            ],
            "conn-inline",
        )
        self.box = boxed([head, self._shown], "conn-stack", "conn-stack--tight")

    @property
    def code(self) -> str:
        """The code that is shown."""
        return str(self._shown.text)

    def _show(self, _change: Any = None) -> None:
        code = snippet(
            self._connection, library=str(self.library.value), service=self._service
        )
        self._shown.text = self._copy.text = code
