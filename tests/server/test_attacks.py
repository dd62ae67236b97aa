"""What attackers send to the callback (groups A, B and C)."""

import re
import urllib.parse

import pytest


def _query(address):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))


async def _refused(browser, address, provider):
    answer = await browser.get(address)
    assert 400 == answer.code, answer.text
    assert "You are not connected." in answer.text
    assert [] == provider.token_requests
    assert "CNRY-code" not in answer.text
    return answer


async def test_A1_A2_an_answer_to_nothing_is_refused(browser, root, provider):
    """Without a state, and with one that nobody made."""
    await _refused(browser, f"{root}callback/coffee?code=CNRY-code-1", provider)
    await _refused(browser, f"{root}callback/coffee?state=x&code=CNRY-code-1", provider)


async def test_A3_A22_an_answer_works_once(browser, connect, grant, state_of, provider):
    """A replay is told so, spends no code, and the flow stays done."""
    begun = await connect()
    started = await browser.get(begun["start_url"])
    await browser.get(grant(started))

    again = await browser.get(grant(started))

    assert 400 == again.code
    assert "This answer was used already, and works only once." in again.text
    assert 1 == len(provider.token_requests)
    assert "done" == (await state_of(begun["flow"]))["state"]


async def test_A4_an_answer_that_comes_too_late_is_refused(
    browser, connect, grant, provider, clock
):
    """Ten minutes and one second after the beginning."""
    started = await browser.get((await connect())["start_url"])
    clock.now += 601

    answer = await _refused(browser, grant(started), provider)

    assert "Nobody granted access in time." in answer.text


async def test_A6_A7_a_doubled_state_is_refused(browser, connect, grant, provider):
    """Which of the two would count? Neither."""
    started = await browser.get((await connect())["start_url"])

    await _refused(browser, grant(started) + "&state=other", provider)
    await _refused(browser, grant(started) + "&state[]=other", provider)


async def test_A8_A9_a_refusal_is_no_connection(
    browser, connect, grant, state_of, provider
):
    """Consent denied, even with a code beside it: said so, and nothing is asked for."""
    begun = await connect(name="mine")
    started = await browser.get(begun["start_url"])

    ended = await browser.get(grant(started, error="access_denied"))
    page = await browser.get(ended.headers["Location"])

    assert "You are not connected." in page.text
    assert "Access was not granted at Coffee" in page.text
    assert "Run %conn authorize mine to start again." in page.text
    assert "denied" == (await state_of(begun["flow"]))["state"]
    assert [] == provider.token_requests


async def test_A10_N1_what_a_provider_writes_is_text(browser, connect, grant):
    """A description with markup is shown, cut, and is no markup."""
    started = await browser.get((await connect())["start_url"])
    nasty = "<script>alert(1)</script><img src=x onerror=alert(1)>" * 200

    ended = await browser.get(
        grant(started, error="server_error", error_description=nasty)
    )
    page = await browser.get(ended.headers["Location"])

    assert "<script" not in page.text
    assert "<img" not in page.text
    assert "&lt;script&gt;" in page.text
    assert 9 > page.text.count("onerror")


async def test_A12_only_get_is_answered(browser, connect, grant, provider):
    """POST, PUT and HEAD leave the code unspent, and no log-in page sees it."""
    started = await browser.get((await connect())["start_url"])

    for method in ("POST", "PUT", "HEAD"):
        answer = await browser.send(method, grant(started))
        assert 405 == answer.code
        assert "Location" not in answer.headers
    assert [] == provider.token_requests


async def test_A12_an_implicit_answer_is_refused(browser, connect, grant, provider):
    """Tokens do not come by address."""
    started = await browser.get((await connect())["start_url"])

    await _refused(browser, grant(started, access_token="CNRY-at-1"), provider)


async def test_A14_another_browser_cannot_finish(
    browser, new_browser, log_in, connect, grant, provider
):
    """The same person elsewhere has no binding cookie."""
    started = await browser.get((await connect())["start_url"])
    other = await log_in(new_browser())

    answer = await _refused(other, grant(started), provider)

    assert "It can only be finished in the browser where it was begun." in answer.text
    assert "Start again with %conn authorize" in answer.text


async def test_A14_A20_the_digits_of_the_other_browser_finish_it(
    browser, new_browser, log_in, connect, grant, provider, kernel, state_of
):
    """The page shows them; typed where it was begun, they are as good as the address."""
    begun = await connect()
    started = await browser.get(begun["start_url"])
    other = await log_in(new_browser())
    page = await other.get(grant(started))
    digits = re.search(r"type (\d{3} \d{3}) there", page.text)[1]
    assert [] == provider.token_requests
    assert "six digits" in (await state_of(begun["flow"]))["why"]

    path = f"api/v1/authorizations/{begun['flow']}/paste"
    done = await kernel("POST", path, body={"address": digits})

    assert ("done", 1) == (done.json["state"], len(provider.token_requests))


async def test_A2_W2_beginning_again_and_again_is_answered_429(connect, kernel):
    """With the time to wait; one for each second would be no person's."""
    name = (await connect())["link_name"]
    path = f"api/v1/connections/{name}/authorizations"
    codes = [(await kernel("POST", path)).code for _ in range(60)]
    answer = await kernel("POST", path)

    assert (201, 429) == (codes[0], answer.code)
    assert 1 <= int(answer.headers["Retry-After"]) <= 10
    assert "too_many_attempts" == answer.json["code"]


async def test_A15_without_a_log_in_the_code_goes_nowhere(
    browser, new_browser, connect, grant, provider
):
    """No log-in page with the code in ``next``: an error page, and the flow is over."""
    started = await browser.get((await connect())["start_url"])
    stranger = new_browser()
    stranger.cookies = {
        place: value
        for place, value in browser.cookies.items()
        if place[2].startswith("connections-")
    }
    assert stranger.cookies

    answer = await _refused(stranger, grant(started), provider)

    assert "Location" not in answer.headers
    assert "Nobody is logged in to Jupyter in this browser." in answer.text


@pytest.mark.parametrize(
    "path", ["callback/", "callback/a/b", "callback/%00", "callback/nope"]
)
async def test_A15_no_callback_address_reaches_the_log_in_page(
    new_browser, root, path, provider
):
    """Not even one that belongs to no service."""
    answer = await new_browser().get(f"{root}{path}?state=x&code=CNRY-code-2")

    assert 400 == answer.code
    assert "Location" not in answer.headers


async def test_A16_the_address_of_the_provider_appears_only_in_the_redirect(
    browser, connect, state_of
):
    """There is no state before the start link is opened, and nobody is shown it."""
    begun = await connect()
    before = str(begun) + str(await state_of(begun["flow"]))
    started = await browser.get(begun["start_url"])
    after = str(await state_of(begun["flow"]))

    state = _query(started.headers["Location"])["state"]
    assert "login.coffee.example" not in before + after + started.text
    assert state not in before + after + started.text


async def test_A17_another_user_cannot_finish(
    browser, connect, grant, provider, extension, monkeypatch
):
    """The same browser, but somebody else has logged in meanwhile."""
    started = await browser.get((await connect())["start_url"])
    monkeypatch.setattr(extension, "owner", "somebody-else")

    answer = await _refused(browser, grant(started), provider)

    assert "It was begun by another user." in answer.text


async def test_B1_the_redirect_url_of_another_service_is_refused(
    browser, connect, grant, provider
):
    """The code of one provider is never taken to another's token endpoint."""
    started = await browser.get((await connect())["start_url"])
    address = grant(started).replace("/callback/coffee", "/callback/tea")

    answer = await _refused(browser, address, provider)

    assert "The answer came to the redirect URL of another service." in answer.text


async def test_a_provider_that_is_down_is_said_to_be(
    browser, connect, grant, provider, state_of
):
    """The attempt failed; the page says why and what next."""
    provider.token_answer = (503, {})
    begun = await connect(name="mine")
    started = await browser.get(begun["start_url"])

    ended = await browser.get(grant(started))
    page = await browser.get(ended.headers["Location"])

    assert "failed" == (await state_of(begun["flow"]))["state"]
    assert "You are not connected." in page.text
    assert "Run %conn authorize mine to start again." in page.text
