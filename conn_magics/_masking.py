"""What a kernel was lent does not leave it in an output.

Every message of a kernel goes through one place, its session: what a cell prints, shows
and raises, what widgets hold, what completion and the debugger answer. There a credential
becomes ``[redacted]``, before any front end, notebook or job runner has it. Where there is
no kernel, as in IPython at a terminal, nothing is saved and nothing is done.
"""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from ._lent import Lent
from ._surroundings import running_shell

if TYPE_CHECKING:
    from conn_core import AccessToken
    from conn_core.broker import Broker

#: ``0`` lets credentials into outputs.
_SETTING: Final = "JUPYTER_CONNECTIONS_MASK_OUTPUTS"
_NO: Final = frozenset({"0", "false", "no", "off"})
_MOST_TOLD: Final = 1_000
#: A message of this kind repeats the cell itself, which is the person's own.
_OWN_TEXT: Final = "execute_input"
_SHOWN: Final = (
    "Note: [redacted] stands where this cell shows the credential of '{name}', because "
    "outputs are saved.\nUse cm.connect('{name}'), or write reveal() into the call that "
    "needs it\n"
)
_WRITTEN: Final = (
    "Note: the credential of '{name}' is written in this cell, and is saved with it.\n"
    "Take it out, and use cm.connect('{name}')\n"
)


class Masking:
    """Stands before a kernel's session once there is something to take out."""

    def __init__(self) -> None:
        self._lent = Lent()
        self._session: Any = None
        self._in_place: Any = None
        self._told: dict[tuple[str, str], object] = {}

    def keep(self, token: "AccessToken") -> None:
        """Keep a credential out of all that this kernel sends from now on.

        Args:
            token: What was lent.
        """
        kernel = _kernel_here()
        if kernel is None or os.environ.get(_SETTING, "").lower() in _NO:
            return
        self._lent.add(token)
        if self._lent and self._session is not kernel.session:
            self._stand_before(kernel)

    def end(self) -> None:
        """Let the session be what it was, and forget what was lent."""
        self._lent.forget()
        self._told.clear()
        session = {} if self._session is None else vars(self._session)
        # Where somebody stands before us by now, we stay, with nothing to take out.
        if session.get("serialize") is self._in_place:
            session.pop("serialize", None)
            self._session = None

    def _stand_before(self, kernel: Any) -> None:
        session, before = kernel.session, kernel.session.serialize

        def serialize(message: Mapping[str, Any], ident: Any = None) -> list[bytes]:
            return self._masked(kernel, message, before(message, ident))

        session.serialize = serialize
        self._session, self._in_place = session, serialize

    def _masked(
        self, kernel: Any, message: Mapping[str, Any], parts: list[bytes]
    ) -> list[bytes]:
        """Return the parts of a message: …, signature, three headers and the content."""
        content, names = self._lent.taken_out(parts[-1])
        if not names:
            return parts
        is_own_text = message["header"]["msg_type"] == _OWN_TEXT
        self._tell(kernel, message, names, _WRITTEN if is_own_text else _SHOWN)
        if is_own_text:
            return parts
        *others, _, header, parent, metadata, _ = parts
        signed = [header, parent, metadata, content]
        return [*others, kernel.session.sign(signed), *signed]

    def _tell(
        self, kernel: Any, message: Mapping[str, Any], names: frozenset[str], note: str
    ) -> None:
        """Say to the person whose cell it is, once a cell, what is there and why."""
        parent = message["parent_header"]
        if len(self._told) > _MOST_TOLD:
            self._told.clear()
        for name in sorted(names):
            mine = object()
            # In one step: threads write at the same time.
            key = (parent.get("msg_id", ""), name)
            if self._told.setdefault(key, mine) is mine:
                kernel.session.send(
                    kernel.iopub_socket,
                    "stream",
                    {"name": "stderr", "text": note.format(name=name)},
                    parent=parent,
                    ident=b"stream.stderr",
                )

    def __repr__(self) -> str:
        return "<masking of outputs>"


def _kernel_here() -> Any:
    """Return the running kernel, None where nothing is sent anywhere."""
    kernel = getattr(running_shell(), "kernel", None)
    return kernel if hasattr(kernel, "session") else None


MASKING = Masking()


class WatchedBroker:
    """A broker whose credentials stay out of outputs; it passes all else on.

    Args:
        broker: The broker.
    """

    def __init__(self, broker: "Broker") -> None:
        self._broker = broker

    def access_token(
        self, name: str, *, require: Sequence[str] = (), rejected: int | None = None
    ) -> "AccessToken":
        """Return what the broker lends."""
        token = self._broker.access_token(name, require=require, rejected=rejected)
        MASKING.keep(token)
        return token

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._broker, attribute)

    def __repr__(self) -> str:
        return repr(self._broker)


def watched(broker: "Broker") -> "Broker":
    """Return a broker whose credentials stay out of outputs."""
    return cast("Broker", WatchedBroker(broker))
