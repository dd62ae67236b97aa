"""The organisation's screens in JupyterLab: what needs attention, all, share, jobs."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

#: Two of one's own are not well: one has failed, one ends in five days.
AILING = "cw.connections_panel(broker, clock=broker.clock)"
ALL = """
theirs = {'group': 'organisation', 'owner': 'sam', 'accepted': False}
broker = new_broker(connections=[
    fake.a_connection(),
    fake.a_connection('crm', 'CRM', shared_with=('user:grace',), **theirs)])
broker.looks_after = True
cw.connections_panel(broker)
"""


def _attention(form):
    return form.locator(".conn-head").get_by_role("status")


def test_what_needs_attention_is_counted_beside_the_title(run_cells):
    """It is spoken when the number changes, and goes when all is well."""
    book = run_cells(
        f"b = new_broker()\n{AILING.replace('broker', 'b')}",
        "import dataclasses, datetime as d\n"
        "ends = b.connection('finance-sheet').expires_at + d.timedelta(days=60)\n"
        "b._change(b.connection('finance-sheet'), 'edit', expires_at=ends)\n"
        "b.connection('finance-sheet').expires_at.year",
    )
    form = book.widget(1)
    expect(_attention(form)).to_have_text("2 need attention")
    assert 1 == _attention(form).locator("svg[aria-hidden=true]").count()
    expect(form.locator("[data-name=team-slack]")).to_contain_text("Failed")

    _attention(form).evaluate("node => { window.seen = node; window.changes = 0 }")
    _attention(form).evaluate(
        "node => new MutationObserver(found => { window.changes += found.length })"
        ".observe(node.parentNode, { childList: true })"
    )
    form.get_by_role("searchbox").fill("sheet")
    expect(form.locator(".conn-row")).to_have_count(1)
    expect(form.locator("[data-name=finance-sheet]")).not_to_contain_text("Expires")
    assert 0 == book.page.evaluate("window.changes")  # nothing is spoken anew
    expect(_attention(form)).to_have_text("2 need attention")

    form.get_by_role("button", name="More actions for Finance sheet").press("Enter")
    form.get_by_role("button", name="Edit", exact=True).press("Enter")
    form.get_by_role("button", name="Cancel").press("Enter")
    expect(_attention(form)).to_have_text("1 needs attention")

    form.get_by_role("searchbox").fill("")
    form.get_by_role("button", name="More actions for Team Slack").press("Enter")
    form.get_by_role("button", name="Delete").press("Enter")
    form.get_by_role("button", name="Yes, delete").click()
    expect(form.get_by_text("‘Team Slack’ is deleted.")).to_be_visible()
    expect(form.get_by_text("needs attention")).to_have_count(0)


def test_an_administrator_works_with_everybodys_by_keyboard(run_cells):
    """The tab, the row, giving it away, and the focus along the way."""
    book = run_cells(ALL)
    page, form = book.page, book.widget(1)
    form.get_by_role("tab", name="My").click()
    page.keyboard.press("ArrowRight")
    expect(form.get_by_role("tab", name="Organisation")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(form.get_by_role("tab", name=re.compile("^All"))).to_be_focused()
    expect(form.locator(".conn-row")).to_have_count(2)
    expect(form.get_by_text("As an administrator you see")).to_be_visible()

    row = form.locator("[data-name='sam/crm']")
    expect(row).to_contain_text("sam/crm")
    row.get_by_role("button", name="More actions for CRM").press("Enter")
    row.get_by_role("button", name="Seal").press("Enter")
    expect(row.get_by_role("status")).to_contain_text("Sealed: its token stays")
    expect(row.get_by_role("button", name="Seal")).to_be_focused()

    row.get_by_role("button", name="Give away").press("Enter")
    to = form.get_by_label("Who becomes its owner")
    expect(to).to_be_focused()
    page.keyboard.press("Escape")
    expect(row.get_by_role("button", name="More actions for CRM")).to_be_focused()
    page.keyboard.press("Enter")
    row.get_by_role("button", name="Give away").press("Enter")
    to.press_sequentially("grace")
    page.keyboard.press("Enter")  # it asks for the button
    expect(to).to_be_focused()
    form.get_by_role("button", name="Give away").press("Enter")
    expect(form.get_by_text("‘CRM’ belongs to grace now.")).to_be_visible()
    expect(form.locator("[data-name='grace/crm']")).to_contain_text("grace")


def test_whom_it_is_shared_with_is_typed_and_refused_beside_it(run_cells):
    """Arrows choose, Enter shares, and the error has the focus."""
    book = run_cells("cw.connections_panel(broker)", "broker.connection('github')")
    page, form = book.page, book.widget(1)
    row = form.locator("[data-name=github]")
    row.get_by_role("button", name="More actions for GitHub").press("Enter")
    row.get_by_role("button", name="Share").press("Enter")
    expect(form.get_by_role("heading", name="Share GitHub")).to_be_visible()
    expect(form.get_by_role("radio", name="Everybody here")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(form.get_by_role("radio", name="These")).to_be_focused()

    names = form.get_by_label("People and groups")
    names.fill("group:two  blanks")
    names.press("Enter")
    expect(form.get_by_role("alert")).to_contain_text("have two in a row")
    expect(names).to_be_focused()
    names.fill('grace, group:"Sales, EMEA"')
    names.press("Enter")

    expect(form.get_by_text("can be used by you, grace and the group")).to_be_visible()
    expect(row.get_by_role("button", name="More actions for GitHub")).to_be_focused()
    assert "group:Sales, EMEA" in book.run(2)


def test_a_notebook_is_asked_about_in_the_panel(run_cells, lab):
    """Its name is offered; an empty one is refused; the way back is the tab."""
    book = run_cells("cw.connections_panel(broker)")
    page, form = book.page, book.widget(1)
    form.get_by_role("tab", name="My").press("End")
    tab = form.get_by_role("tab", name="Jobs")
    expect(tab).to_be_focused()
    expect(form.get_by_role("searchbox")).to_be_hidden()
    notebook = form.get_by_label("Notebook")
    expect(notebook).to_have_value(book.name)
    assert book.name in form.locator("datalist option").evaluate_all(
        "nodes => nodes.map((node) => node.value)"
    )

    notebook.fill("  ")
    notebook.press("Enter")
    expect(form.get_by_role("alert")).to_have_text("Is needed.")
    expect(notebook).to_be_focused()
    notebook.fill(book.name)
    form.get_by_label("It has to work until").fill("2027-01-31")
    notebook.press("Enter")

    expect(
        form.get_by_role("heading", name=re.compile("run by itself"))
    ).to_be_visible()
    form.get_by_role("button", name="← Connections").press("Enter")
    expect(tab).to_be_focused()
    expect(form.get_by_label("It has to work until")).to_have_value("2027-01-31")
    page.keyboard.press("Home")
    expect(form.locator(".conn-row")).to_have_count(6)
