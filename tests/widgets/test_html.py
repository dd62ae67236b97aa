"""Static pieces: text that comes in stays text."""

from html.parser import HTMLParser

import pytest

from conn_widgets import _html

PAYLOADS = [
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    '"><script>alert(1)</script>',
    '<button data-commandlinker-command="x">',
    "<a href=javascript:alert(1)>x</a>",
    "' onmouseover='alert(1)",
]
BUILDERS = {
    "title_line": lambda x: _html.title_line(x, lede=x),
    "service_mark": lambda x: _html.service_mark(x, x),
    "note": lambda x: _html.note(x, x, tone="bad", shape="stop"),
    "facts": lambda x: _html.facts([(x, x), (x, x)]),
    "scope_table": lambda x: _html.scope_table([(x, x, True)], service=x),
    "stops": lambda x: _html.stops([(x, x)]),
    "locked": lambda x: _html.locked([(x, x, True), (x, x, False)]),
    "group_head": lambda x: _html.group_head(x, x),
    "small": _html.small,
    "closing_line": lambda x: _html.closing_line(x, tone="ok", shape="check"),
}


class _Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, tuple(name for name, _ in attrs)))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_data(self, data):
        self.text += data


def _elements(markup):
    parser = _Elements()
    parser.feed(markup)
    return parser


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("builder", BUILDERS)
def test_N1_foreign_text_makes_no_element(builder, payload):
    """The elements are those of a harmless text, and the text is shown whole."""
    build = BUILDERS[builder]

    attacked = _elements(build(payload))

    assert _elements(build("Wholly harmless text")).found == attacked.found
    if builder != "service_mark":
        assert payload in attacked.text


def test_every_icon_is_hidden_from_screen_readers():
    """Icons stand beside words that say the same."""
    assert 'aria-hidden="true"' in _html.icon("check")
