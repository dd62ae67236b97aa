"""The page with pictures of every screen shows them all, and none that is gone."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = DOCS / "images" / "screens"
MOST_BYTES = 6_000_000


@pytest.fixture(scope="module")
def shown():
    import screens_shown

    return screens_shown.SHOWN


def test_every_screen_is_shown_in_both_themes_and_three_widths(shown):
    """Nobody has to guess what a change did to the others."""
    wanted = {
        f"{screen.name}-{theme}-{width}.png"
        for screen in shown
        for theme in ("light", "dark")
        for width in (380, 760, 1100)
    }
    assert wanted == {path.name for path in PICTURES.glob("*.png")}


def test_the_page_names_pictures_that_there_are(shown):
    """Each screen has a heading and its pictures."""
    page = (DOCS / "screens.md").read_text()
    named = re.findall(r"\((images/[^)]+)\)", page)

    assert 6 * len(shown) == len(named)
    assert [] == [name for name in named if not (DOCS / name).exists()]
    assert [] == [s.title for s in shown if f"## {s.title}\n" not in page]


def test_the_pictures_stay_small():
    """They are kept with the sources."""
    total = sum(path.stat().st_size for path in PICTURES.glob("*.png"))
    assert total < MOST_BYTES
