"""Blocks as HTML, in the colours of the page they are shown in. Everything is escaped."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from ._blocks import (
    Block,
    Cell,
    Code,
    Facts,
    Heading,
    Link,
    Note,
    Sentence,
    Table,
    Title,
)
from ._style import ICONS, STYLE, TONE_OF_STATUS


def as_html(blocks: Sequence[Block]) -> str:
    """Write blocks as HTML.

    Args:
        blocks: What to write; every text in it may be foreign.
    """
    inside = "".join(_written(block) for block in blocks)
    return f'{STYLE}<div class="conn-out">{inside}</div>'


def _written(block: Block) -> str:
    match block:
        case Title(text, code):
            beside = f" <code>{escape(code)}</code>" if code else ""
            return f'<div class="conn-out-title">{escape(text)}{beside}</div>'
        case Heading(text):
            return f'<div class="conn-out-heading">{escape(text)}</div>'
        case Sentence(text, tone):
            return f'<div class="conn-out-line">{_icon(tone)}<span>{escape(text)}</span></div>'
        case Note(text):
            return f'<div class="conn-out-note">{escape(text)}</div>'
        case Code(text):
            return f"<pre>{escape(text)}</pre>"
        case Link(words, url):
            return _link(words, url)
        case Facts(pairs):
            rows = "".join(
                f'<tr><th scope="row">{escape(name)}</th><td>{_cell(cell)}</td></tr>'
                for name, cell in pairs
            )
            return f'<table class="conn-out-facts">{rows}</table>'
        case Table(heads, rows):
            return _table(heads, rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    top = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return (
        '<div class="conn-out-wide"><table class="conn-out-table">'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(cell: Cell) -> str:
    text = escape(cell.text)
    match cell.kind:
        case "strong":
            shown = f"<strong>{text}</strong>"
        case "code":
            shown = f"<code>{text}</code>"
        case "command":
            shown = f'<code class="conn-out-command">{text}</code>'
        case "muted":
            shown = f'<span class="conn-out-muted">{text}</span>'
        case "status":
            tone = TONE_OF_STATUS.get(cell.text, "")
            words = escape(cell.text[:1].upper() + cell.text[1:])
            shown = f'<span class="conn-out-pill conn-out-{tone}">{_icon(tone)}{words}</span>'
        case _:
            shown = text
    if not cell.note:
        return shown
    tag = "code" if cell.kind == "strong" else "small"
    return f"{shown}<br><{tag}>{escape(cell.note)}</{tag}>"


def _icon(tone: str) -> str:
    return ICONS.get(tone, "")


def _link(words: str, url: str) -> str:
    # An address from elsewhere is only made clickable when it is one of a web page.
    if urlsplit(url).scheme not in {"http", "https"}:
        return f"<div>{escape(words)}</div><pre>{escape(url)}</pre>"
    shown = escape(url)
    return (
        f'<div class="conn-out-line"><a class="conn-out-button" href="{shown}" '
        f'target="_blank" rel="noopener">{escape(words)}</a></div>'
        f'<div class="conn-out-note"><code>{shown}</code></div>'
    )
