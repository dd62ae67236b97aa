#!/usr/bin/env python3
"""Take a picture of every screen, in real widgets: ``make screens``, or some by name.

One JupyterLab, and one server for the web pages; both themes, three widths. The data and
the time are frozen, so that a picture changes only when its screen does. Pictures go to docs/images/screens, and the
page that shows them to docs/screens.md.
"""

import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FAKES = ROOT / "tests" / "widgets" / "fakes"
sys.path[:0] = [str(ROOT / "tests" / "support"), str(FAKES)]

import jupyter_process  # noqa: E402 - found through the line above
import machine  # noqa: E402 - found through the line above
import numpy as np  # noqa: E402 - found through the line above
import screens_site  # noqa: E402 - found through the line above
from notebook_page import NotebookPage  # noqa: E402 - found through the line above
from PIL import Image  # noqa: E402 - found through the line above
from playwright.sync_api import (  # noqa: E402 - found through the line above
    Browser,
    Locator,
    Page,
    sync_playwright,
)
from screens_shown import SETUP, SHOWN, Shown  # noqa: E402 - found through the line above

PICTURES = ROOT / "docs" / "images" / "screens"
GALLERY = ROOT / "docs" / "screens.md"
WIDTHS = (380, 760, 1100)
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
_MARGIN = 12
_COLOURS = 256
_AREAS = 128
#: Colours whose parts differ by less in all are not told apart.
_ALIKE = 24
#: What is the notebook's and not the screen's.
_HIDDEN = """
.jp-InputArea, .jp-OutputPrompt, .jp-Collapser, .jp-CellHeader, .jp-CellFooter { opacity: 0 }
.jp-Cell, .jp-OutputArea-child { border: 0 !important; box-shadow: none !important }
"""
_THEME_SETTINGS = "lab/api/settings/@jupyterlab/apputils-extension:themes"
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


def main(wanted: list[str]) -> None:
    """Take the pictures that are wanted, or all, and write the gallery."""
    unknown = set(wanted) - {shown.name for shown in SHOWN}
    if unknown:
        sys.exit(f"There is no screen {', '.join(sorted(unknown))}")
    chosen = [shown for shown in SHOWN if not wanted or shown.name in wanted]
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=machine.find_chromium(), args=_FLAGS
        )
        _take_widgets(browser, [shown for shown in chosen if shown.page is None])
        _take_pages(browser, [shown for shown in chosen if shown.page is not None])
        browser.close()
    GALLERY.write_text(_gallery())


def _take_widgets(browser: Browser, chosen: list[Shown]) -> None:
    if not chosen:
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with jupyter_process.running(home) as server:
            for theme in THEMES:
                _set_theme(server, theme)
                # JupyterLab would open the notebook before, too.
                shutil.rmtree(home / "config/lab/workspaces", ignore_errors=True)
                page = browser.new_page(viewport={"width": 1720, "height": 3600})
                _take_all(page, server, theme, chosen)
                page.close()


def _take_pages(browser: Browser, chosen: list[Shown]) -> None:
    if not chosen:
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        screens_site.running(Path(folder)) as root,
    ):
        for theme in THEMES:
            context = browser.new_context(
                color_scheme=theme,  # type: ignore[arg-type]  # the names are the same
                extra_http_headers={"X-Person": screens_site.PERSON},
            )
            page = context.new_page()
            for shown in chosen:
                page.goto(f"{root}{shown.page}")
                shown.do(page.locator("body"))
                for width in WIDTHS:
                    _take_page(
                        page, width, PICTURES / f"{shown.name}-{theme}-{width}.png"
                    )
                print(f"{shown.name} {theme}")
            context.close()


def _take_page(page: Page, width: int, path: Path) -> None:
    """Take one picture of all of a page at one width, and make it small."""
    page.set_viewport_size({"width": width, "height": 200})
    page.screenshot(path=path, full_page=True, animations="disabled")
    _make_small(path)


def _set_theme(server: jupyter_process.JupyterProcess, theme: str) -> None:
    body = {"raw": f'{{"theme": "{THEMES[theme]}"}}'}
    server.api(_THEME_SETTINGS, body, method="PUT")


def _take_all(
    page: Page,
    server: jupyter_process.JupyterProcess,
    theme: str,
    chosen: list[Shown],
) -> None:
    """Show one screen after another in one notebook."""
    name = f"screens-{theme}.ipynb"
    setup = SETUP.format(fakes=str(FAKES))
    server.write_notebook(name, setup, *(shown.cell for shown in chosen))
    book = NotebookPage(page, server, name, shots=Path(tempfile.gettempdir())).open()
    book.run(0)
    page.add_style_tag(content=_HIDDEN)
    for index, shown in enumerate(chosen, start=1):
        said = book.run(index)
        if "Traceback" in said or "Error" in said.split("\n")[0]:
            sys.exit(f"{shown.name}: {said}")
        form = book.widget(index)
        form.locator(".conn-panel").first.wait_for()
        shown.do(form)
        for width in WIDTHS:
            _take(form, width, PICTURES / f"{shown.name}-{theme}-{width}.png")
        book.cell(index).evaluate("node => { node.style.display = 'none' }")
        print(f"{shown.name} {theme}")


def _take(form: Locator, width: int, path: Path) -> None:
    """Take one picture at one width, and make it small."""
    form.evaluate("(node, width) => { node.style.width = `${width}px` }", width)
    form.page.mouse.move(0, 0)
    form.page.wait_for_timeout(150)
    box = form.bounding_box()
    assert box is not None
    clip = {
        "x": box["x"] - _MARGIN,
        "y": box["y"] - _MARGIN,
        "width": box["width"] + 2 * _MARGIN,
        "height": box["height"] + 2 * _MARGIN,
    }
    form.page.screenshot(path=path, clip=clip, animations="disabled")
    _make_small(path)


def _make_small(path: Path) -> None:
    with Image.open(path) as picture:
        plain = picture.convert("RGB")
    _with_few_colours(plain).save(path, optimize=True)


def _with_few_colours(picture: Image.Image) -> Image.Image:
    """Return the picture with a palette; of colours that are alike the usual one stays."""
    parts = np.asarray(picture, dtype=np.uint32)
    packed = (parts[..., 0] << 16) | (parts[..., 1] << 8) | parts[..., 2]
    colours, at, counts = np.unique(packed, return_inverse=True, return_counts=True)
    kept, number_of = _merged(colours, counts)
    made = Image.fromarray(number_of[at].reshape(packed.shape).astype(np.uint8), "P")
    made.putpalette(b"".join(int(c).to_bytes(3, "big") for c in kept))
    return made


def _merged(colours: np.ndarray, counts: np.ndarray) -> tuple[list[int], np.ndarray]:
    """Return at most 256 colours, and which of them stands for each colour.

    Areas keep theirs exactly; of the others those that are like none so far.
    """
    order = np.argsort(-counts, kind="stable")
    parts = np.stack([(colours >> shift) & 0xFF for shift in (16, 8, 0)], axis=1)
    parts = parts.astype(np.int32)
    kept = list(order[:_AREAS])
    for index in order[_AREAS:]:
        apart = np.abs(parts[kept] - parts[index]).sum(axis=1).min()
        if apart > _ALIKE and len(kept) < _COLOURS:
            kept.append(index)
    near = [np.abs(parts[kept] - part).sum(axis=1).argmin() for part in parts]
    return [int(colours[index]) for index in kept], np.array(near)


def _gallery() -> str:
    """Write the page that shows the pictures."""
    lines = [
        "# Screens",
        "",
        (
            "Every screen as it is shown in a notebook, in JupyterLab's light and dark "
            "theme. `make screens` takes the pictures anew."
        ),
    ]
    for shown in SHOWN:
        lines += ["", f"## {shown.title}", "", shown.about, ""]
        for theme in THEMES:
            file = f"images/screens/{shown.name}-{theme}-760.png"
            lines.append(f"![{shown.title}, {theme}]({file})")
        more = ", ".join(
            f"[{width} px {theme}](images/screens/{shown.name}-{theme}-{width}.png)"
            for width in WIDTHS
            if width != 760
            for theme in THEMES
        )
        lines += ["", f"Narrow and wide: {more}"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(sys.argv[1:])
