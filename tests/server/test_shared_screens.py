"""The web page for two people: what one shares, the other sees, accepts and cannot change."""

import re
import urllib.parse

import pytest
import scripted_provider
from company import Company
from page_forms import FORM, words_of


@pytest.fixture
def jp_server_config(jp_server_config):
    jp_server_config["ServerApp"]["identity_provider_class"] = Company
    return jp_server_config


@pytest.fixture
def as_(fetch, provider):
    """Sends a request as somebody who is logged in; a form where there are fields."""

    async def send(person, method, path, *, body=None, form=None):
        headers = {"X-Person": person, "Cookie": "_xsrf=a", "X-XSRFToken": "a"}
        if form is not None:
            headers["Content-Type"] = FORM
            body = urllib.parse.urlencode(form)
        return await fetch(method, path, headers=headers, body=body)

    return send


@pytest.fixture
def shared(as_, grant, new_browser, jp_asyncio_loop, root):
    """Sam's connection, authorized and shared with everybody."""

    async def go():
        secret = scripted_provider.CLIENT_SECRET
        registration = {"client_id": "shop", "client_secret": secret}
        path = "api/v1/services/coffee/registration"
        await as_("sam", "PUT", path, body=registration)
        draft = {"service": "coffee", "name": "Coffee"}
        await as_("sam", "POST", "api/v1/connections", body=draft)
        path = "api/v1/connections/coffee/authorizations"
        begun = (await as_("sam", "POST", path, body={})).json
        browser = new_browser()
        headers = {"X-Person": "sam"}
        started = await browser.send("GET", begun["start_url"], headers=headers)
        await browser.send("GET", grant(started), headers=headers)

    jp_asyncio_loop.run_until_complete(go())
    return "connection/sam%2Fcoffee"


async def test_what_others_share_is_in_a_group_of_its_own(as_, shared):
    """With its owner, and with what has to be done before it is used."""
    own = await as_("sam", "GET", "")
    others = await as_("alex", "GET", "?group=organisation")

    assert "sam (you)" in words_of(own)
    assert "sam/coffee" in words_of(others)
    assert "Accept Coffee" in words_of(others)
    assert "My 0 Organisation 1 Internal 0" in words_of(others)


async def test_E_it_is_accepted_before_it_is_used(as_, shared):
    """The page says where requests go, in whose name; once accepted it says no more."""
    before = words_of(await as_("alex", "GET", shared))
    assert (
        "sam shares this connection. What you send goes to api.coffee.example" in before
    )

    done = await as_("alex", "POST", f"{shared}/accept", form={})
    after = words_of(await as_("alex", "GET", shared))

    assert 303 == done.code
    assert "sam shares this connection." not in after


async def test_its_owner_has_nothing_to_accept(as_, shared):
    """It is their own word already."""
    page = await as_("sam", "GET", "connection/coffee")

    assert "/accept" not in page.text


async def test_H_others_find_no_button_that_changes_it(as_, shared):
    """And the addresses behind them refuse."""
    page = await as_("alex", "GET", shared)
    assert not re.search(
        r'connection/sam%2Fcoffee/(edit|revoke|delete|authorize)"', page.text
    )

    form = {"name": "Mine", "version": "1"}
    edit = await as_("alex", "POST", f"{shared}/edit", form=form)
    revoke = await as_("alex", "POST", f"{shared}/revoke", form={})
    delete = await as_("alex", "POST", f"{shared}/delete", form={})

    assert [403] * 3 == [edit.code, revoke.code, delete.code]
    still = (await as_("sam", "GET", "api/v1/connections/coffee")).json
    assert ("connected", "Coffee") == (still["status"], still["name"])


async def test_H_a_service_of_somebody_else_is_not_edited(as_):
    """It is listed with its owner, without buttons that change it."""
    draft = {
        "name": "Acme",
        "auth_type": "api_key",
        "api_base_url": "https://api.acme.example/v1",
    }
    await as_("sam", "POST", "api/v1/services", body=draft)

    listed = await as_("alex", "GET", "new?kind=custom")
    edit = await as_("alex", "GET", "service/acme/edit")

    assert "by sam" in words_of(listed)
    assert "service/acme/" not in listed.text
    assert 403 == edit.code
    assert "it is sam's" in words_of(edit)


async def test_who_has_none_of_their_own_is_led_to_what_others_share(as_, shared):
    """Their first page is not a blank one."""
    first = await as_("alex", "GET", "")

    assert "No connections yet" in words_of(first)
    assert "See the organisation’s 1" in words_of(first)
    assert 'href="/a%40b/connections/?group=organisation"' in first.text
