"""What every error has: a sentence, a command, and one JSON form."""

from collections.abc import Mapping
from typing import ClassVar


class ConnectionsError(Exception):
    """The base of all errors of this product. Never raised itself.

    Args:
        message: What happened and why, whole sentences, no secret, no URL query.
        hint: The next thing to do, usually a command.
        fields: For forms: what is wrong with each field, by field name.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(
        self, message: str, hint: str = "", *, fields: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.fields = dict(fields or {})

    def __str__(self) -> str:
        return (
            f"{self.message}. {self.hint}"
            if self.hint and not self.message.endswith(("?", "."))
            else f"{self.message} {self.hint}".strip()
        )

    def _render_traceback_(self) -> list[str]:
        """Show one line in a notebook: IPython calls this instead of a traceback.

        Unlike ``UsageError`` it leaves a real ``error`` output for nbclient,
        papermill and jupyter-scheduler.
        """
        return [f"{type(self).__name__}: {self}"]

    def to_json(self) -> dict[str, object]:
        """Return the error as REST and ``--json`` show it."""
        body: dict[str, object] = {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
        }
        if self.fields:
            body["fields"] = self.fields
        return body
