"""Static pieces of screens. Whatever comes in is text; only what is written here is HTML."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from conn_core.look import drawn, hue, monogram

_QUIET, _OK = "conn-icon--quiet", "conn-ok"


def icon(name: str, *, more: str = "") -> str:
    """Draw an icon; it stands beside words."""
    return (
        f'<svg class="conn-icon {more}" viewBox="0 0 16 16" aria-hidden="true">'
        f"{drawn(name)}</svg>"
    )


def title_line(
    title: str, *, lede: str = "", lede_code: str = "", mark: str = ""
) -> str:
    """Write a screen's title, with a line below and a mark before it.

    Args:
        title: The title.
        lede: One or two sentences.
        lede_code: A name of code in their place.
        mark: HTML of ``service_mark`` or ``icon``.
    """
    said = _code(lede_code) if lede_code else escape(lede)
    below = f'<p class="conn-lede">{said}</p>' if said else ""
    words = f'<h2 class="conn-title">{escape(title)}</h2>{below}'
    if not mark:
        return words
    return (
        f'<div class="conn-titleline">{mark}<div class="conn-grow">{words}</div></div>'
    )


def service_mark(name: str, service_id: str) -> str:
    """Draw a service's monogram, large."""
    tint = hue(service_id)
    extra = f" conn-mono--{tint}" if tint else ""
    letters = escape(monogram(name))
    return f'<span class="conn-mono conn-mono--l{extra}" aria-hidden="true">{letters}</span>'


def note(
    strong: str, rest: str = "", *, tone: str, shape: str, alert: bool = False
) -> str:
    """Write a notice: what needs attention, and what to do."""
    role = ' role="alert"' if alert else ""
    return (
        f'<div class="conn-note conn-{tone}"{role}>{icon(shape)}<div>'
        f'<span class="conn-strong">{escape(strong)}</span> {escape(rest)}</div></div>'
    )


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Write names and values; the first value is the important one."""
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd{'' if i else ' class=conn-strong'}>{escape(value)}</dd>"
        for i, (name, value) in enumerate(pairs)
    )
    return f'<dl class="conn-facts">{rows}</dl>'


def scope_table(rows: Iterable[tuple[str, str, bool]], *, service: str) -> str:
    """Write which scopes were asked for and which were granted.

    Args:
        rows: Display name (may be empty), name, and whether it was granted.
        service: Who answered.
    """
    return (
        '<table class="conn-table"><thead><tr>'
        '<th scope="col" style="width:60%">Scope asked for</th>'
        f'<th scope="col">{escape(service)}’s answer</th></tr></thead><tbody>'
        + "".join(_scope_row(*row) for row in rows)
        + "</tbody></table>"
    )


def _scope_row(display_name: str, name: str, granted: bool) -> str:  # noqa: FBT001 - the third member of a row
    shown = f"{escape(display_name)}<br>" if display_name else ""
    tone, shape, words = (
        ("ok", "check", "Granted") if granted else ("soon", "minus", "Not granted")
    )
    return (
        f'<tr><td>{shown}<code class="conn-code">{escape(name)}</code></td>'
        f'<td><span class="conn-{tone}">{icon(shape)} {words}</span></td></tr>'
    )


def stops(lines: Iterable[tuple[str, str]], *, until: str = "") -> str:
    """Write what stops working: a name in bold and the rest of the line.

    Args:
        lines: What stops.
        until: When it works again.
    """
    heading = f"What stops working until {until}" if until else "What stops working"
    items = "".join(
        f"<li>{icon('minus', more='conn-icon--quiet')}<span>"
        f'<span class="conn-strong">{escape(strong)}</span>{escape(rest)}</span></li>'
        for strong, rest in lines
    )
    return (
        '<div class="conn-stack conn-stack--tight">'
        f'<h3 class="conn-strong">{escape(heading)}</h3>'
        f'<ul class="conn-list-plain">{items}</ul></div>'
    )


def locked(pairs: Iterable[tuple[str, str, bool]]) -> str:
    """Write what cannot be changed: name, value, and whether the value is code."""
    rows = "".join(
        '<div class="conn-readonly"><span class="conn-muted">'
        f"{icon('lock', more='conn-icon--quiet')} {escape(name)}</span>"
        + (
            f'<code class="conn-code">{escape(value)}</code>'
            if is_code
            else f"<span>{escape(value)}</span>"
        )
        + "</div>"
        for name, value, is_code in pairs
    )
    return (
        '<div class="conn-field">'
        '<span class="conn-label">Cannot be changed after creation</span>'
        f'<div class="conn-group conn-group--lines">{rows}</div></div>'
    )


def group_head(heading: str, text: str) -> str:
    """Write the head of a group of fields."""
    return (
        f'<h3 class="conn-heading">{escape(heading)}</h3>'
        f'<p class="conn-help">{escape(text)}</p>'
    )


def device_code(address: str, code: str) -> str:
    """Write where to go on another device, and what to enter there; it is spoken."""
    return (
        '<div class="conn-stack conn-stack--tight" role="status">'
        f'<p>On any device, open <span class="conn-strong">{escape(address)}</span> '
        f'and enter</p><p class="conn-code-big">{escape(code)}</p></div>'
    )


def paragraph(text: str, *, tone: str = "muted") -> str:
    """Write a sentence or two."""
    return f'<p class="conn-{tone}">{escape(text)}</p>'


def small(text: str) -> str:
    """Write a quiet line."""
    return f'<span class="conn-small">{escape(text)}</span>'


def closing_line(text: str, *, tone: str, shape: str) -> str:
    """Write the one line that is left of a finished form."""
    return f'<p class="conn-{tone}">{icon(shape)} {escape(text)}</p>'


def fact_list(pairs: Iterable[tuple[str, str]]) -> str:
    """Write names and values. The values are HTML made here: ``escaped``, ``codes``, ``pill``."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in pairs)
    return f'<dl class="conn-facts">{rows}</dl>'


def escaped(text: str) -> str:
    """Write a text."""
    return escape(text)


def codes(texts: Iterable[str], *, words: Mapping[str, str] | None = None) -> str:
    """Write names of code with commas, each behind its words where it has some."""
    known = words or {}
    return ", ".join(
        f"{escape(known[text])} {_code(text)}" if known.get(text) else _code(text)
        for text in texts
    )


def pill(label: str, *, shape: str, tone: str) -> str:
    """Write a status."""
    return f'<span class="conn-pill conn-{tone}">{icon(shape)}{escape(label)}</span>'


def heading(text: str) -> str:
    """Write the heading of a part of a screen."""
    return f'<h3 class="conn-heading">{escape(text)}</h3>'


def section_head(title: str, text: str) -> str:
    """Write what stands beside the fields of a section."""
    return f'{heading(title)}<p class="conn-small">{escape(text)}</p>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table of texts."""
    named = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return (
        f'<table class="conn-table"><thead><tr>{named}</tr></thead>'
        f"<tbody>{lines}</tbody></table>"
    )


def titled_table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a heading and a table."""
    below = table(head, rows)
    return f'<div class="conn-stack conn-stack--tight">{heading(title)}{below}</div>'


def findings(lines: Sequence[str]) -> str:
    """Write what was found, then what to know about it, a line each; they are spoken."""
    items = "".join(
        f"<li>{icon('info' if i else 'check', more=_QUIET if i else _OK)}"
        f"<span>{escape(line)}</span></li>"
        for i, line in enumerate(lines)
    )
    return (
        f'<div role="status"><ul class="conn-list-plain conn-help">{items}</ul></div>'
    )


def _code(text: str) -> str:
    return f'<code class="conn-code">{escape(text)}</code>'


def column(text: str) -> str:
    """Write the head of a column that is no table's."""
    return f'<span class="conn-muted">{escape(text)}</span>'


def named(strong: str, code: str = "") -> str:
    """Write a name, with what code calls it below."""
    below = f"<br>{_code(code)}" if code else ""
    return f'<span class="conn-strong">{escape(strong)}</span>{below}'


def pill_because(label: str, why: str, *, shape: str, tone: str) -> str:
    """Write a status, with a sentence below where there is one."""
    below = f"<br>{small(why)}" if why else ""
    return pill(label, shape=shape, tone=tone) + below
