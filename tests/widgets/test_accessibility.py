"""Every screen in JupyterLab, looked at by axe: no finding, in both themes."""

import contextlib
import json
import shutil
from pathlib import Path

import pytest
from notebook_page import NotebookPage, be_still

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
AXE = ROOT / "tests" / "peers" / "node_modules" / "axe-core" / "axe.min.js"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
#: Of WCAG 2.2 at level AA, and axe's own advice; the page around is JupyterLab's.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = """([root, tags]) => axe.run(root, {runOnly: tags}).then(found =>
    found.violations.map(v => ({
        id: v.id, impact: v.impact, where: v.nodes.map(n => n.html.slice(0, 200)),
        why: v.nodes.map(n => n.failureSummary)})))"""


@pytest.fixture(scope="module")
def screens():
    """The screens that the documentation shows, and how to get to each."""
    import screens_shown

    return screens_shown


@pytest.mark.parametrize("theme", THEMES)
def test_no_screen_has_a_finding(lab, tabs, screens, theme, tmp_path):
    """Names, roles, contrast, focus: what axe can see of them, in both themes."""
    assert AXE.exists(), "axe is missing: make parts"
    _set_theme(lab, theme)
    name = f"axe-{theme}.ipynb"
    setup = screens.SETUP.format(fakes=str(Path(__file__).with_name("fakes")))
    # The web pages have a test of their own, in tests/e2e.
    in_cells = [shown for shown in screens.SHOWN if shown.cell]
    lab.write_notebook(name, setup, *(shown.cell for shown in in_cells))
    with contextlib.closing(tabs.new_page()) as page:
        book = NotebookPage(page, lab, name, shots=tmp_path).open()
        page.add_script_tag(path=AXE)
        book.run(0)
        found = {}
        for index, shown in enumerate(in_cells, start=1):
            book.run(index)
            form = book.widget(index)
            form.locator(".conn-panel").first.wait_for()
            shown.do(form)
            be_still(page)
            seen = page.evaluate(LOOK, [form.element_handle(), TAGS])
            if seen:
                found[shown.name] = seen
            book.cell(index).evaluate("node => { node.style.display = 'none' }")
    assert {} == found, json.dumps(found, indent=1)


def _set_theme(lab, theme):
    shutil.rmtree(lab.home / "config/lab/workspaces", ignore_errors=True)
    settings = "lab/api/settings/@jupyterlab/apputils-extension:themes"
    body = {"raw": json.dumps({"theme": THEMES[theme]})}
    lab.api(settings, body, method="PUT")
