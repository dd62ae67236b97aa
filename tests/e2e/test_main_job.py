"""The main job: create a connection in a form, authorize it in the browser, use it
in a cell. Every secret that was typed or issued is then looked for everywhere.
"""

import pytest
import story
from playwright.sync_api import expect

from conn_serverext.practice import PracticeService

pytestmark = [pytest.mark.browser, pytest.mark.peer]

LOAD = "%load_ext conn_magics"
NEW = "%conn new"
ASK = '%%connection my-coffee\n[item["name"] for item in my_coffee.get("/items").json()["items"]]'
LIST = "%conn list"
PRACTISE = """%%connection expenses
reports = expenses.get("/reports", params={"per_page": 5}).json()["items"]
print(len(reports), "reports of", expenses.get("/me").json()["name"])"""
PLACES = [
    pytest.param("lab", "/", id="lab"),
    pytest.param("notebook", "/", id="notebook"),
    pytest.param("lab", "/user/alice/", id="base_url"),
]


@pytest.mark.parametrize(("kind", "base_url"), PLACES)
def test_D5_D6_K18_K34_from_the_form_to_the_first_answer(
    kind,
    base_url,
    certified_server,
    start_jupyter,
    browser_context,
    open_notebook,
    offer,
    canary,
):
    """Pick, fill, authorize in a new tab, *Connected as ada*, and the cell answers."""
    offer(certified_server)
    server = start_jupyter(kind=kind, base_url=base_url)
    server.write_notebook("first.ipynb", LOAD, NEW, ASK, LIST)
    notebook = open_notebook(server, "first.ipynb")
    notebook.run(0)
    notebook.run(1)
    form = notebook.widget(1)

    with story.remembering_states(browser_context, canary):
        story.connect_by_form(
            notebook,
            form,
            certified_server,
            service="Certified Coffee",
            name="My coffee",
            link_name="my-coffee",
        )
    story.visible(form.get_by_text("Connected as ada"))
    notebook.shoot("connected")

    assert "['Espresso machine', 'Grinder', 'Beans, 1 kg']" == notebook.run(2)
    listed = notebook.run(3)
    assert "My coffee" in listed
    assert "connected" in listed.lower()
    notebook.cell(3).scroll_into_view_if_needed()
    notebook.shoot("used")

    # A second person's log-in is not needed: the code was exchanged once.
    assert 1 == certified_server.counters()["code"]
    searched = story.sweep_everything(
        canary, server, notebook, certified_server.issued()
    )
    assert searched > 20
    assert [*server.notebooks.rglob(".ipynb_checkpoints/*.ipynb")]
    saved = (server.notebooks / "first.ipynb").read_text()
    assert "application/vnd.jupyter.widget-state+json" in saved


def test_the_practice_service_from_the_form_to_the_first_answer(
    start_jupyter, browser_context, open_notebook, offer, canary
):
    """The same way to the service that is shipped: scopes to untick, data to enjoy."""
    secret = canary("client-secret")
    with PracticeService(client_secret=secret) as practice:
        offer(practice)
        server = start_jupyter()
        server.write_notebook("first.ipynb", LOAD, NEW, PRACTISE)
        notebook = open_notebook(server, "first.ipynb")
        notebook.run(0)
        notebook.run(1)
        form = notebook.widget(1)
        with story.remembering_states(browser_context, canary):
            story.connect_by_form(
                notebook,
                form,
                practice,
                service="Practice Expenses",
                name="Expenses",
                link_name="expenses",
            )
        story.visible(form.get_by_text("Connected as Ada Lovelace"))
        notebook.shoot("connected")

        assert "5 reports of Ada Lovelace" == notebook.run(2)
        notebook.shoot("used")

        assert 1 == practice.counters.codes_exchanged
        story.sweep_everything(canary, server, notebook, practice.issued())


def test_consent_denied_stores_nothing_and_offers_to_try_again(
    certified_server, start_jupyter, open_notebook, offer
):
    """The form says who refused; the next try works."""
    offer(certified_server)
    server = start_jupyter()
    server.write_notebook("denied.ipynb", LOAD, "%conn authorize coffee", ASK)
    story.connect_by_rest(server, certified_server)
    notebook = open_notebook(server, "denied.ipynb")
    notebook.run(0)
    notebook.run(1)
    form = notebook.widget(1)
    tab = notebook.click_to_new_tab(
        form.get_by_role("link", name="Open Certified Coffee")
    )

    story.log_in_and_answer(tab, answer="Cancel")

    story.visible(tab.get_by_text("You are not connected"))
    notebook.shoot("not-connected-page", page=tab)
    tab.close()
    told = "Access was not granted at Certified Coffee. Nothing was stored"
    story.visible(form.get_by_text(told))
    notebook.shoot("denied")
    shown = story.status_by_rest(server, "coffee")
    assert "needs authorization" == shown["status"]
    assert 0 == certified_server.counters()["code"]

    form.get_by_role("button", name="Try again").click()
    tab = notebook.click_to_new_tab(
        form.get_by_role("link", name="Open Certified Coffee")
    )
    # The provider remembers the person of a minute ago.
    tab.get_by_role("button", name="Allow").click()
    story.visible(form.get_by_text("Connected as ada"))
    assert "connected" == story.status_by_rest(server, "coffee")["status"]


def test_A3_a_callback_that_comes_again_changes_nothing(
    certified_server, start_jupyter, browser_context, offer
):
    """The address of a finished flow, opened once more, says so and asks nobody."""
    offer(certified_server)
    server = start_jupyter()
    server.write_notebook("a.ipynb", LOAD)
    url = story.connect_by_rest(server, certified_server)
    tab = browser_context.new_page()
    tab.goto(server.page_url("a.ipynb"))
    callbacks = []
    tab.on(
        "request",
        lambda r: callbacks.append(r.url) if "/callback/" in r.url else None,
    )
    tab.goto(url)
    story.log_in_and_answer(tab)
    story.visible(tab.get_by_text("You are connected"))
    assert callbacks

    answer = tab.goto(callbacks[0])

    assert answer is not None
    assert 400 <= answer.status < 500
    expect(tab.get_by_text("You are not connected")).to_be_visible()
    assert 1 == certified_server.counters()["code"]
    assert 0 == certified_server.counters()["refused"]
    assert "connected" == story.status_by_rest(server, "coffee")["status"]


def test_A14_another_browser_cannot_finish_a_flow(
    certified_server, start_jupyter, browser_context, chromium, offer
):
    """The callback without the cookie of the browser that started is refused."""
    offer(certified_server)
    server = start_jupyter()
    server.write_notebook("a.ipynb", LOAD)
    url = story.connect_by_rest(server, certified_server)
    tab = browser_context.new_page()
    tab.goto(server.page_url("a.ipynb"))
    asked = []
    tab.on("request", lambda r: asked.append(r.url) if "/auth?" in r.url else None)
    tab.goto(url)
    story.visible(tab.get_by_label("User name"))
    callback = certified_server.consent(asked[0])

    other = chromium.new_context()
    thief = other.new_page()
    thief.goto(server.page_url("a.ipynb"))
    answer = thief.goto(callback)
    body = thief.content()
    other.close()

    assert answer is not None
    assert 400 <= answer.status < 500
    assert "You are not connected" in body
    assert 0 == certified_server.counters()["code"]
    assert "needs authorization" == story.status_by_rest(server, "coffee")["status"]
