"""Verbs that carry services of one's own from one place to another, without secrets."""

from pathlib import Path

from .._blocks import Code, Note, Sentence
from .._desk import Desk
from .._texts import write_text
from .._verb import argument, verb
from .._views import View
from ._describing import create, learned_from
from ._services import ID


@verb(
    "service export",
    ID,
    argument("-o", "--output", metavar="FILE", help="write it there"),
)
def export_service(desk: Desk, *, service_id: str, output: str | None = None) -> View:
    """Write a service as TOML; it holds no secret."""
    from conn_core import service_to_toml

    found = desk.broker.service(service_id)
    text = service_to_toml(found)
    if output is None:
        return View(Code(text), data={"id": found.id, "toml": text})
    write_text(Path(output), text, option="--output")
    return View(
        Sentence(f"'{found.id}' is written to {output}; it holds no secret", "ok"),
        Note(f"Elsewhere, run %conn service import {output}"),
        data={"id": found.id, "file": output},
    )


@verb("service import", argument("file", metavar="FILE", help="an exported service"))
def import_service(desk: Desk, *, file: str) -> View:
    """Describe a service as an exported file does."""
    learned = learned_from(desk, source=file)
    return create(desk, dict(learned.service), notes=learned.notes)
