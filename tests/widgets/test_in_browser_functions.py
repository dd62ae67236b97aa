"""Buttons of functions in JupyterLab, with a kernel, an API and a person."""

import re

import pytest
from lending import lent_by_code
from patience import until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

MORE = """\
import asyncio, threading
gate = threading.Event()
%load_ext conn_magics
"""
COUNT = """\
%%connection beans --function count --button "Count open issues"
repo = "pandas"
times = 2
wait = False
print("counting", repo)
found = beans.get(f"/{repo}").json()["path"]
while wait and not gate.wait(0.05):
    print(end=".")
found * times"""


@pytest.fixture
def with_shop(run_cells, canary):
    """A notebook with a broker and an API, and the given cells."""
    arranged = lent_by_code(canary("access-token")) + MORE
    return lambda *cells: run_cells(arranged, *cells)


def test_a_button_runs_a_function_and_can_be_stopped(with_shop):
    """Fields, Enter, output, a wrong value, Stop, and the cell run again."""
    book = with_shop(COUNT, "pass")
    page, form = book.page, book.widget(2)
    assert "'/pandas/pandas'" in book.output(2)

    expect(form.get_by_role("heading", name="Count open issues")).to_be_visible()
    lede = "Runs count with the connection beans, as you."
    expect(form.get_by_text(lede)).to_be_visible()
    repo = form.get_by_label("repo")
    repo.fill("numpy")
    repo.press("Enter")
    expect(
        form.get_by_text(re.compile(r"^Finished in .*, today \d\d:\d\d$"))
    ).to_be_visible()
    output = form.locator(".conn-run-output")
    expect(output).to_contain_text("counting numpy")
    expect(output).to_contain_text("'/numpy/numpy'")
    expect(repo).to_be_focused()

    times = form.get_by_label("times")
    times.fill("two")
    form.get_by_role("button", name="Count open issues").press("Enter")
    expect(form.get_by_role("alert")).to_have_text("Must be a whole number.")
    expect(times).to_be_focused()
    times.fill("1")

    form.get_by_label("wait").check()
    button = form.locator("button").last
    button.press("Enter")
    expect(button).to_have_text("Stop")
    expect(form.get_by_text("Running")).to_be_visible()
    expect(output).to_contain_text("...")
    page.wait_for_timeout(500)
    button.press("Enter")
    expect(form.get_by_text(re.compile("^Stopped after"))).to_be_visible()
    expect(button).to_have_text("Count open issues")
    expect(button).to_be_focused()

    book.type_cell(
        3, "threading.active_count(), len(__import__('ipywidgets').Widget.widgets)"
    )
    # The thread of the run that was stopped may still be on its way out.
    until(lambda: book.run(3) == book.run(3), what="a number of threads that stands")
    before = book.run(3)
    book.run(2)
    form = book.widget(2)
    expect(form.get_by_text(re.compile("^Stopped after"))).to_be_visible()
    expect(form.get_by_label("repo")).to_have_value("pandas")
    until(lambda: book.run(3) == before, what="the same number of threads")


def test_errors_are_shown_below_the_button(with_shop):
    """One sentence for a connection; for a mistake in the cell, its line too."""
    book = with_shop(COUNT.replace("beans.get", "(0 if wait else beans).get"), "pass")
    form = book.widget(2)
    book.type_cell(3, "broker.revoke('beans')")
    book.run(3)
    press = form.get_by_role("button", name="Count open issues").click
    press()
    expect(form.get_by_text("Connection 'beans' was revoked")).to_be_visible()
    expect(form.get_by_text(re.compile("^Failed after"))).to_be_visible()
    expect(form.locator(".conn-run-output")).to_have_text("")

    book.type_cell(3, "broker.enable('beans'); gate.set()")
    book.run(3)
    form.get_by_label("wait").check()
    press()
    why = "AttributeError: 'int' object has no attribute 'get'"
    expect(form.get_by_text(why, exact=True)).to_be_visible()
    expect(form.locator(".conn-run-output")).to_contain_text("line 6")


def test_an_async_function_and_a_plain_one(with_shop):
    """A task of the kernel's loop; ``%conn button`` for what ``@cm.uses`` made."""
    book = with_shop(
        "%%connection beans --client async --function wait_for --button Wait\n"
        "seconds = 0.0\n"
        "print('waiting')\n"
        "await asyncio.sleep(seconds)\n"
        "(await beans.get('/x')).json()['path']",
        "import conn_magics as cm\n"
        "@cm.uses('beans')\n"
        "def plain(word, *, beans, size=('small', 'large')):\n"
        "    display({'text/plain': word + size}, raw=True)\n"
        "%conn button plain --label Plain",
    )
    form = book.widget(2)
    form.get_by_role("button", name="Wait").click()
    expect(form.locator(".conn-run-output")).to_contain_text("'/x'")
    form.get_by_label("seconds").fill("1000")
    form.get_by_role("button", name="Wait").click()
    expect(form.get_by_text("waiting")).to_be_visible()
    book.page.wait_for_timeout(500)
    form.get_by_role("button", name="Stop").click()
    expect(form.get_by_text(re.compile("^Stopped after"))).to_be_visible()

    form = book.widget(3)
    form.get_by_role("button", name="Plain").click()
    expect(form.get_by_role("alert")).to_have_text("Is needed.")
    form.get_by_label("word").fill("very ")
    form.get_by_label("size").select_option("large")
    form.get_by_role("button", name="Plain").click()
    expect(form.locator(".conn-run-output")).to_have_text("very large")


def test_a_button_without_its_kernel_says_so(with_shop):
    """After a restart; the last run is still shown."""
    book = with_shop(COUNT)
    form = book.widget(2)
    form.get_by_role("button", name="Count open issues").click()
    expect(form.get_by_text(re.compile("^Finished in"))).to_be_visible()
    book.restart_kernel()
    _is_dead(form)


def test_a_button_in_a_notebook_that_is_opened_again_says_so(with_shop, lab):
    """Its saved state is shown, and nothing is behind it."""
    book = with_shop(COUNT)
    form = book.widget(2)
    form.get_by_role("button", name="Count open issues").click()
    expect(form.get_by_text(re.compile("^Finished in"))).to_be_visible()
    book.save()
    for session in lab.api("api/sessions"):
        lab.api(f"api/sessions/{session['id']}", method="DELETE")
    book.open()
    _is_dead(form)


def _is_dead(form):
    expect(form.get_by_text("Run the cell to use this button")).to_be_visible()
    expect(form.get_by_role("button", name="Count open issues")).to_be_disabled()
    expect(form.get_by_text(re.compile("^Finished in"))).to_be_visible()
