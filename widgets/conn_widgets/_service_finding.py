"""What a form can learn of a service: discovery, and a document to import."""

import re
from collections.abc import Callable
from typing import Any

import ipywidgets

from conn_core import ServiceProposal
from conn_core.broker import Broker
from conn_core.errors import ConnectionsError
from conn_core.look import ASKED, counted, sentence, spoken

from . import _html
from ._fields import DocumentField
from ._list import Background
from ._service_fields import Filled, ServiceFields
from ._stage import boxed, button, show_only_if
from ._ways import Fold

OnFound = Callable[[list[str]], None]
_LABELS = {asked.name: asked.label for asked in ASKED}
_OPENAPI = re.compile(r"\A\s*\{|^[\"']?(openapi|swagger)[\"']?\s*:", re.MULTILINE)


def found_lines(filled: Filled, proposal: ServiceProposal) -> list[str]:
    """Say what was found, what was kept as it was typed, and what to look at.

    Args:
        filled: What came of filling the form.
        proposal: What was found.
    """
    addresses = [name for name in filled.taken if name.endswith(("_endpoint", "_url"))]
    others = [_LABELS[n] for n in filled.taken if n in _LABELS and n not in addresses]
    found = [
        *([counted(len(addresses), "address")] if addresses else []),
        *([counted(filled.scopes, "scope")] if filled.scopes else []),
        *others,
    ]
    nothing = not (addresses or filled.scopes or others)
    first = (
        "Found nothing that was not typed already."
        if nothing
        else f"Found {_listed(found)}. Check them before you create the service."
    )
    kept = [
        f"{label}: kept what you typed; the service says {value}."
        for label, value in filled.kept
    ]
    return [first, *kept, *(sentence(note) for note in proposal.notes)]


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if words[1:] else words[0]


class Discovery:
    """*Fill from discovery*: asks the issuer, and says what it filled.

    Args:
        broker: Who asks.
        fields: What is filled; what a person typed stays.
        on_found: Called with nothing when another answer takes its place.
        background: Does what may take long.

    Attributes:
        button: Begins it.
        said: What came of it.
    """

    def __init__(
        self,
        broker: Broker,
        fields: ServiceFields,
        *,
        on_found: OnFound,
        background: Background,
    ) -> None:
        self._broker = broker
        self._fields = fields
        self._on_found = on_found
        self._background = background
        self.said = ipywidgets.HTML()
        self.button = button("Fill from discovery", self.begin)
        show_only_if(self.said, wanted=False)

    def begin(self) -> None:
        """Ask the issuer that is typed."""
        issuer = self._fields.texts["issuer"]
        issuer.error = ""
        self._say("")
        if not issuer.value.strip():
            issuer.error = "Is needed: where the service describes itself."
            return
        self.button.disabled = True
        self._say(_html.paragraph("Asking the issuer"))
        self._background(self._ask)

    def _ask(self) -> None:
        issuer = self._fields.texts["issuer"]
        try:
            proposal = self._broker.propose_service(issuer=issuer.value.strip())
        except ConnectionsError as error:
            self._say("")
            said = error.fields.get("issuer")
            issuer.error = sentence(said) if said else " ".join(spoken(error)).strip()
            return
        finally:
            self.button.disabled = False
        self._on_found([])
        lines = found_lines(self._fields.fill(proposal.service), proposal)
        self._say(_html.findings(lines))

    def _say(self, markup: str) -> None:
        self.said.value = markup
        show_only_if(self.said, wanted=bool(markup))


class Import:
    """*Import*: an OpenAPI document or a service that was exported.

    Args:
        broker: Who reads it.
        fields: What is filled.
        on_found: Gets what to say.

    Attributes:
        document: Where it is pasted.
        box: What is shown.
    """

    def __init__(
        self, broker: Broker, fields: ServiceFields, *, on_found: OnFound
    ) -> None:
        self._broker = broker
        self._fields = fields
        self._on_found = on_found
        self.document = DocumentField(
            label="OpenAPI document, or a service that was exported",
            placeholder="openapi: 3.1.0 …",
            help="JSON, YAML or TOML. Nothing is stored before you create the service.",
        )
        self._button = button("Fill in", self.begin)
        self._fold = Fold(
            "Import a description", boxed([self.document, self._button], "conn-stack")
        )
        self.box: Any = self._fold.box

    def begin(self) -> None:
        """Ask the browser for the document."""
        self.document.error = ""
        if self.document.filled:
            self.document.hand_over(self._read)
        else:
            self.document.error = "Is needed: paste it, or choose a file."

    def _read(self, text: str) -> None:
        kind = "openapi" if _OPENAPI.search(text) else "toml"
        try:
            proposal = self._broker.propose_service(**{kind: text})
        except ConnectionsError as error:
            said = next(iter(error.fields.values()), None)
            why = sentence(said) if said else " ".join(spoken(error)).strip()
            self.document.error = why
            return
        filled = self._fields.fill(proposal.service)
        self._fold.head.is_open = False
        self._on_found(found_lines(filled, proposal))
