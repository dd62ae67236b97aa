"""The main job: create a connection in a form, authorize it in the browser, use it
in a cell. Every secret that was typed or issued is then looked for everywhere.
"""

import pytest
import story
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.peer]

LOAD = "%load_ext conn_magics"
NEW = "%conn new"
ASK = '%%connection my-coffee\n[item["name"] for item in my_coffee.get("/items").json()["items"]]'
LIST = "%conn list"
PLACES = [
    pytest.param("lab", "/", id="lab"),
    pytest.param("notebook", "/", id="notebook"),
    pytest.param("lab", "/user/alice/", id="base_url"),
]


def _pick(form, service):
    """Search for a service and take its card."""
    form.get_by_role("searchbox").fill(service)
    form.get_by_role("button", name=service).first.click()


@pytest.mark.parametrize(("kind", "base_url"), PLACES)
def test_from_the_form_to_the_first_answer(
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
    story.visible(form.get_by_text("Pick your service"))
    notebook.shoot("pick")

    _pick(form, "Certified Coffee")
    story.visible(form.get_by_text("Connect to Certified Coffee"))
    form.get_by_label("Connection name").fill("My coffee")
    story.visible(form.get_by_text("my-coffee"))
    form.get_by_label("Client id").fill(certified_server.client_id)
    form.get_by_label("Client secret").fill(certified_server.client_secret)
    notebook.shoot("connect")
    form.get_by_role("button", name="Create and connect").click()

    link = story.visible(form.get_by_role("link", name="Open Certified Coffee"))
    notebook.shoot("authorize")
    with story.remembering_states(browser_context, canary):
        tab = notebook.click_to_new_tab(link)
        story.log_in_and_answer(tab, shoot=notebook.shoot)
    story.visible(tab.get_by_text("You are connected"))
    notebook.shoot("result-page", page=tab)
    tab.close()
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
    told = "Certified Coffee reports that access was denied"
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
    callbacks = []
    tab.route(
        "**/connections/callback/**",
        lambda route: (callbacks.append(route.request.url), route.abort()),
    )
    tab.goto(url)
    tab.get_by_label("User name").fill("ada")
    tab.get_by_role("button", name="Log in").click()
    tab.get_by_role("button", name="Allow").click()
    tab.wait_for_timeout(1_000)
    (callback,) = callbacks

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
