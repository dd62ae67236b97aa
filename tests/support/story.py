"""What a person does on the way: fill the form, go to the tab, log in, allow."""

import json
import re
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from canary import Canary, process_artefacts
from jupyter_process import JupyterProcess
from notebook_page import NotebookPage
from playwright.sync_api import BrowserContext, Locator, Page, expect

_REST = "connections/api/v1"


class Peer(Protocol):
    """An authorization server with an API: the certified one or the practice one."""

    service_id: str
    client_id: str
    client_secret: str


def log_in_and_answer(
    tab: Page,
    *,
    login: str = "ada",
    password: str = "lovelace",
    answer: str = "Allow",
    shoot: Any = None,
) -> Page:
    """Log in at the provider and answer its question; the tab comes back to us."""
    tab.get_by_label("User name").fill(login)
    tab.get_by_label("Password").fill(password)
    if shoot:
        shoot("provider-log-in", page=tab)
    tab.get_by_role("button", name="Log in").click()
    button = tab.get_by_role("button", name=answer)
    button.wait_for()
    if shoot:
        shoot("provider-consent", page=tab)
    button.click()
    tab.wait_for_url(re.compile("/connections/"))
    return tab


def connect_by_form(
    notebook: NotebookPage,
    form: Locator,
    peer: Peer,
    *,
    service: str,
    name: str,
    link_name: str,
) -> None:
    """Go the whole way that a form offers, with a picture of each step.

    Args:
        notebook: Where the form is shown.
        form: The form, at its first step.
        peer: Its client registration is typed in.
        service: The service's name on its card.
        name: What to call the connection.
        link_name: What the form says code will call it.
    """
    visible(form.get_by_text("Pick your service"))
    notebook.shoot("pick")
    form.get_by_role("searchbox").fill(service)
    form.get_by_role("button", name=service).first.click()
    visible(form.get_by_text(f"Connect to {service}"))
    form.get_by_label("Connection name").fill(name)
    visible(form.get_by_role("code").get_by_text(link_name, exact=True))
    form.get_by_label("Client id").fill(peer.client_id)
    form.get_by_label("Client secret").fill(peer.client_secret)
    notebook.shoot("connect")
    form.get_by_role("button", name="Create and connect").click()
    link = visible(form.get_by_role("link", name=f"Open {service}"))
    notebook.shoot("authorize")
    tab = notebook.click_to_new_tab(link)
    # As with a provider that sets COOP: the tab knows nobody, and nobody knows the tab.
    assert tab.evaluate("window.opener === null")
    log_in_and_answer(tab, shoot=notebook.shoot)
    visible(tab.get_by_text("You are connected"))
    notebook.shoot("result-page", page=tab)
    tab.close()


def connect_by_rest(
    server: JupyterProcess, peer: Peer, *, name: str = "Coffee", **draft: Any
) -> str:
    """Register the client and create a connection without forms.

    Returns:
        The address to open for the authorization.
    """
    registration = {"client_id": peer.client_id, "client_secret": peer.client_secret}
    server.api(
        f"{_REST}/services/{peer.service_id}/registration", registration, method="PUT"
    )
    body = {"service": peer.service_id, "name": name} | draft
    created = server.api(f"{_REST}/connections", body)
    return authorize_by_rest(server, created["link_name"])


def authorize_by_rest(server: JupyterProcess, link_name: str) -> str:
    """Begin an authorization; return the address to open."""
    flow = server.api(f"{_REST}/connections/{link_name}/authorizations", {})
    url: str = flow["start_url"]
    return url


def status_by_rest(server: JupyterProcess, link_name: str) -> dict[str, Any]:
    """Return a connection as REST shows it."""
    shown: dict[str, Any] = server.api(f"{_REST}/connections/{link_name}")
    return shown


@contextmanager
def remembering_states(context: BrowserContext, canary: Canary) -> Iterator[None]:
    """Watch for the ``state`` of every flow that this browser is sent through."""

    def look(request: Any) -> None:
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(request.url).query)
        for state in query.get("state", []):
            canary.watch(state, "state of a flow")

    context.on("request", look)
    yield
    context.remove_listener("request", look)


def sweep_everything(
    canary: Canary,
    server: JupyterProcess,
    notebook: NotebookPage,
    issued: list[str],
) -> int:
    """Look for every secret in everything a story has left behind.

    The notebook with its outputs and widget state, checkpoints, the database's bytes,
    logs at debug level, the history, the processes' environments and command lines,
    the page and what the browser keeps for it.

    Args:
        canary: Knows the markers.
        server: Still running.
        notebook: Still open.
        issued: The codes and tokens that the provider really gave out.

    Returns:
        How many artefacts were searched.
    """
    assert issued, "the provider issued nothing, so nothing could leak"
    canary.watch_all(issued, "token of the provider")
    notebook.save()
    handles = sorted((server.home / "runtime").glob("connections-*.json"))
    assert handles, "the server left no handle for its kernels"
    for handle in handles:
        canary.watch(json.loads(handle.read_text())["bearer"], "bearer of kernels")
    files = [
        path
        for path in server.home.rglob("*")
        if path.is_file() and path not in handles
    ]
    _expect_the_places(files)
    page = notebook.page
    texts: dict[str, str | bytes] = {
        "the page": page.content(),
        "local storage": page.evaluate("JSON.stringify({...localStorage})"),
        "session storage": page.evaluate("JSON.stringify({...sessionStorage})"),
    }
    assert server.process is not None
    return canary.sweep(files, texts | process_artefacts(server.process.pid))


def _expect_the_places(files: list[Any]) -> None:
    """Fail if one of the places was not looked at, because it moved."""
    names = [str(file) for file in files]
    for place in (
        ".ipynb",
        ".ipynb_checkpoints",
        "server.log",
        "history.sqlite",
        "/connections/",
    ):
        assert any(place in name for name in names), f"no {place} among {names}"


def visible(locator: Locator) -> Locator:
    """Wait until something is seen."""
    expect(locator).to_be_visible()
    return locator
