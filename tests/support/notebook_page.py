"""A notebook in a browser, driven as a person would: click, type, run, look."""

import json
import time
from pathlib import Path

from jupyter_process import JupyterProcess
from patience import SECONDS, until
from playwright.sync_api import Locator, Page, expect

#: What is shown at all is shown by then.
PATIENCE_MS = 1000 * SECONDS
expect.set_options(timeout=PATIENCE_MS)
_IS_STILL = """() => document.getAnimations().every(
    each => !(each instanceof CSSTransition) || each.playState != "running")
"""
_COUNT_CHANGES = """prompt => {
    prompt.dataset.changes = 0
    new MutationObserver(() => { prompt.dataset.changes++ }).observe(
        prompt, {childList: true, characterData: true, subtree: true})
}"""
_HAS_ENDED = """prompt =>
    prompt.dataset.changes > 0 && /^\\[\\d+\\]:$/.test(prompt.textContent.trim())
"""


class NotebookPage:
    """One notebook, open in a tab of its own.

    Args:
        page: An empty tab.
        server: Where the notebook is.
        name: The notebook's file name.
        shots: The folder for screenshots.
    """

    def __init__(
        self, page: Page, server: JupyterProcess, name: str, *, shots: Path
    ) -> None:
        self.page = page
        self.server = server
        self.name = name
        self._shots = shots
        self._shot = 0

    def open(self) -> "NotebookPage":
        """Open it and wait until its kernel takes commands."""
        self.page.goto(self.server.page_url(self.name))
        expect(self.page.locator(".jp-Notebook .jp-Cell").first).to_be_visible()
        self.wait_for_kernel()
        return self

    def wait_for_kernel(self) -> None:
        """Wait for a kernel that this page talks to and that is idle.

        The page alone does not tell: it shows "idle" before there is a kernel, and a
        cell that is run then is lost.
        """

        def is_ready() -> bool:
            kernel = self.server.kernel_of(self.name)
            return (
                kernel is not None
                and kernel["execution_state"] == "idle"
                and kernel["connections"] > 0
            )

        until(is_ready, what="the kernel")
        self._wait_for_messages()
        self.page.wait_for_timeout(300)

    def cell(self, index: int) -> Locator:
        """Return a cell, counted from 0."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def run(self, index: int) -> str:
        """Run a cell, wait for its end and return its output's text."""
        cell = self.cell(index)
        prompt = cell.locator(".jp-InputPrompt").first
        # A restarted kernel counts from 1 again: a new number is no sign of an end.
        prompt.evaluate(_COUNT_CHANGES)
        editor = cell.locator(".cm-content").first
        editor.click()
        editor.press("Control+Enter")
        end = time.monotonic() + SECONDS
        while not prompt.evaluate(_HAS_ENDED):
            if time.monotonic() > end:
                self.shoot(f"cell-{index}-does-not-end")
                shown = prompt.inner_text(), self.output(index)
                msg = f"cell {index} did not end: {shown}"
                raise TimeoutError(msg)
            self.page.wait_for_timeout(50)
        self._wait_for_messages()
        return self.output(index)

    def _wait_for_messages(self) -> None:
        """Wait until the page has heard that the kernel is idle: it says so last."""
        if self.server.kind == "lab":
            indicator = self.page.locator(".jp-Notebook-ExecutionIndicator").first
            expect(indicator).to_have_attribute("data-status", "idle")

    def type_cell(self, index: int, source: str) -> None:
        """Replace what a cell says."""
        editor = self.cell(index).locator(".cm-content").first
        editor.click()
        editor.press("ControlOrMeta+a")
        # insert_text: typed brackets and quotes would be completed by the editor.
        self.page.keyboard.insert_text(source)

    def output(self, index: int) -> str:
        """Return the text below a cell."""
        area = self.cell(index).locator(".jp-OutputArea-output")
        shown = None
        # The prompt ends a moment before the output is drawn.
        while shown != (shown := area.all_inner_texts()):
            self.page.wait_for_timeout(150)
        return "\n".join(text.strip() for text in shown)

    def widget(self, index: int) -> Locator:
        """Return our widget below a cell."""
        return self.cell(index).locator(".conn-root").first

    def click_to_new_tab(self, link: Locator) -> Page:
        """Click what opens a tab; a blocked pop-up fails."""
        with self.page.context.expect_page(timeout=PATIENCE_MS) as tab:
            link.click()
        page: Page = tab.value
        page.wait_for_load_state()
        return page

    def save(self) -> None:
        """Save, with a checkpoint, as Ctrl-S does."""
        path = self.server.notebooks / self.name
        before = path.stat().st_mtime_ns
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("ControlOrMeta+s")

        def is_written() -> bool:
            return path.stat().st_mtime_ns != before and _is_whole(path)

        until(is_written, what="the file")

    def restart_kernel(self) -> None:
        """Restart the kernel and wait for it."""
        self.page.get_by_role("button", name="Restart the kernel", exact=True).click()
        # Before it has begun, the old kernel would be taken for the new one.
        with self.page.expect_response("**/api/kernels/*/restart*"):
            self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.page.wait_for_timeout(1_000)
        self.wait_for_kernel()

    def shoot(self, step: str, *, page: Page | None = None) -> Path:
        """Keep a picture of this tab, or of another, under the step's name."""
        self._shot += 1
        path = self._shots / f"{self._shot:02}-{step}.png"
        (page or self.page).screenshot(path=path)
        return path


def be_still(page: Page) -> None:
    """Wait until colours change no more: half of a change has another contrast."""
    page.wait_for_timeout(200)
    until(lambda: page.evaluate(_IS_STILL), what="the end of all transitions")


def _is_whole(path: Path) -> bool:
    """Tell whether a file is written to its end: at first it is empty."""
    try:
        json.loads(path.read_text())
    except ValueError:
        return False
    return True
