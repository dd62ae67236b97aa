"""Answers as text and as HTML."""

from html.parser import HTMLParser

import pytest

from conn_magics._blocks import (
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
from conn_magics._html import as_html
from conn_magics._text import Manner, as_text
from conn_magics._views import Json, View

EVIL = "<img src=x onerror=alert(1)>\"'&"
EVERY_BLOCK = (
    Title(EVIL, EVIL),
    Heading(EVIL),
    Sentence(EVIL, "ok"),
    Note(EVIL),
    Code(EVIL),
    Link(EVIL, f"https://example.org/{EVIL}"),
    Facts(((EVIL, Cell(EVIL, "status", note=EVIL)),)),
    Table(
        (EVIL,),
        tuple(
            (Cell(EVIL, kind, note=EVIL),)
            for kind in ("plain", "strong", "code", "command", "muted", "status")
        ),
    ),
)


class _Page(HTMLParser):
    """Collects elements and attributes as a browser would see them."""

    def __init__(self):
        super().__init__()
        self.elements, self.attributes, self.text = [], [], ""
        self.open = []

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += attrs
        if tag not in {"br", "path", "circle"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert tag == self.open.pop()

    def handle_data(self, data):
        self.text += data


def _read(html):
    page = _Page()
    page.feed(html)
    page.close()
    assert [] == page.open
    return page


@pytest.mark.parametrize("block", EVERY_BLOCK, ids=lambda block: type(block).__name__)
def test_N1_foreign_text_never_becomes_an_element(block):
    """Whatever a name or a provider's error holds, it is shown as it is."""
    page = _read(as_html([block]))
    assert "img" not in page.elements
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert EVIL.lower() in page.text.lower()


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc", "JaVaScRiPt:x", ""],
)
def test_N16_only_web_pages_become_links(url):
    """Anything else is shown as text."""
    page = _read(as_html([Link("Open", url)]))
    assert "a" not in page.elements
    assert url in page.text


def test_a_link_opens_a_new_tab_that_knows_nothing_of_us():
    """A real link, to click or to copy."""
    page = _read(as_html([Link("Open", "https://example.org/x?a=1&b=2")]))
    assert {
        ("href", "https://example.org/x?a=1&b=2"),
        ("target", "_blank"),
        ("rel", "noopener"),
    } <= set(page.attributes)
    assert "https://example.org/x?a=1&b=2" in page.text


def test_status_is_never_colour_alone():
    """A shape and a word."""
    for status in ("connected", "needs authorization", "revoked", "failed"):
        page = _read(as_html([Table(("Status",), ((Cell(status, "status"),),))]))
        assert "svg" in page.elements
        assert status.capitalize() in page.text


def test_colours_come_from_the_page():
    """Every colour is a theme variable with the light theme as fallback."""
    import re

    from conn_magics._style import STYLE

    loose = re.sub(r"var\(--[a-z0-9-]+, (#\w+|rgba\([^)]*\))\)", "", STYLE)
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", loose)


TABLE = Table(
    ("Name", "What it is", "Used"),
    ((Cell("beans"), Cell("a very long description of beans"), Cell("yesterday")),),
    elastic="What it is",
    droppable=("Used",),
)


def test_a_wide_terminal_shows_everything():
    """Columns are as wide as their longest entry."""
    assert (
        "NAME   WHAT IT IS                        USED\n"
        "beans  a very long description of beans  yesterday"
    ) == as_text([TABLE], Manner(width=80))


def test_a_narrower_one_cuts_the_elastic_column():
    """The cut is marked."""
    assert (
        "NAME   WHAT IT IS            USED\nbeans  a very long descrip…  yesterday"
    ) == as_text([TABLE], Manner(width=38))


def test_a_narrow_one_leaves_columns_out():
    """First the least important."""
    assert ("NAME   WHAT IT IS\nbeans  a very long d…") == as_text(
        [TABLE], Manner(width=21)
    )


def test_a_column_takes_the_width_it_regains():
    """After one column is left out, the elastic one is as wide as there is room."""
    text = as_text([TABLE], Manner(width=30))
    assert max(len(line) for line in text.splitlines()) <= 30


def test_a_terminal_cannot_be_steered():
    """Escape codes and direction marks in foreign text are replaced."""
    text = as_text([Sentence("a\x1b[31mb\u202ec\x07d\u2066")])
    assert "a\ufffd[31mb\ufffdc\ufffdd\ufffd" == text


def test_views_show_themselves_both_ways():
    """IPython asks for one or the other."""
    view = View(Sentence("Done", "ok"), data={"a": 1})
    assert "Done" == repr(view)
    assert "Done" in _read(view._repr_html_()).text
    assert {"a": 1} == view.to_json()


def test_json_prints_as_json():
    """Umlauts stay readable."""
    assert '{\n  "a": "ü"\n}' == repr(Json(a="ü"))


def test_wide_characters_take_two_columns():
    """What is cut short is as wide as it looks."""
    rows = tuple(
        (Cell(text), Cell("end")) for text in ("コーヒーハウスの注文一覧", "e\u0301a")
    )
    table = Table(("What", "Then"), rows, elastic="What")
    lines = as_text([table], Manner(width=20)).splitlines()
    assert [
        "WHAT            THEN",
        "コーヒーハウ…   end",
        "e\u0301a              end",
    ] == lines


def test_a_line_break_does_not_break_a_table():
    """Nor does it leave its cell."""
    table = Table(("A", "B"), ((Cell("one\ntwo"), Cell("x\u202ey")),))
    assert ["A        B", "one two  x\ufffdy"] == as_text([table]).splitlines()
