"""The look of all pages: their templates, the shared stylesheet, a policy that fits it."""

import base64
import functools
import hashlib
from importlib import resources
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from conn_core import look

from ._handler import NOTHING_ALLOWED


def page_policy(*, forms: bool = False) -> str:
    """Return the policy of a page: its own stylesheet, known by its hash, and no more.

    Args:
        forms: The page has forms; they may be sent to this very origin.
    """
    allowed = NOTHING_ALLOWED
    if forms:
        allowed = allowed.replace("form-action 'none'", "form-action 'self'")
    return f"{allowed}; style-src 'sha256-{_digest()}'"


def render(template: str, **facts: Any) -> str:
    """Return a template as HTML; every fact in it is escaped.

    Args:
        template: Its file.
        facts: What it shows.
    """
    return environment().get_template(template).render(**facts)


@functools.cache
def environment() -> jinja2.Environment:
    """Return what templates are loaded with, and the words that they all use."""
    folder = resources.files("conn_serverext") / "templates"
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(folder)),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["css"] = Markup(_stylesheet())  # noqa: S704 - our own files
    made.globals["drawn"] = _drawn
    made.globals["look"] = look
    made.globals["theme"] = ""
    made.filters["coded"] = _coded
    made.filters["path"] = _path
    return made


@functools.cache
def _digest() -> str:
    return base64.b64encode(hashlib.sha256(_stylesheet().encode()).digest()).decode()


@functools.cache
def _stylesheet() -> str:
    shared, ours = resources.files("conn_core"), resources.files("conn_serverext")
    files = (
        shared / "look" / "themes.css",
        shared / "look" / "connections.css",
        ours / "static" / "pages.css",
    )
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def _drawn(name: str) -> Markup:
    return Markup(look.drawn(name))  # noqa: S704 - our own file


def _coded(text: str) -> Markup:
    """Mark up ``backticks`` of a help text as code."""
    parts = text.split("`")
    marked = (
        Markup('<code class="conn-code">{}</code>').format(part) if i % 2 else part
        for i, part in enumerate(parts)
    )
    return Markup("").join(marked)


def _path(name: str) -> str:
    """Write a name as one part of an address; ``owner/name`` stays one part."""
    return quote(name, safe="")
