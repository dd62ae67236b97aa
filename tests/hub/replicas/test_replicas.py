"""Three replicas beside a real hub, behind nginx: two people's browsers, and attacks.

The hub's block and nginx's are what ``jupyter connections config`` prints. Any replica
answers any request, so each step of a flow may be somewhere else than the one before.
"""

import http.client
import re
import signal
import threading
import time
import urllib.error
from urllib.parse import parse_qsl, urlencode, urlsplit

import psutil
import pytest
import story
from playwright.sync_api import expect
from scripted_peer import Peer, Reply

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

_USE = """
with cm.connect("expenses") as client:
    print("I am", client.get("/me").json()["login"])
"""


def to_provider(page, begun):
    """Open a start link; return the provider's address, which that browser is sent to."""
    with page.expect_request(lambda request: "/authorize?" in request.url) as asked:
        page.goto(begun.start_url)
    return asked.value.url


# --- two people, two browsers -------------------------------------------------------------


def test_A13_A16_what_bob_began_alice_does_not_finish_for_him(
    hub, person, begin, exchanged
):
    """His link, the provider's address behind it, and that with his cookie as well."""
    alice, bob = person("alice"), person("bob")
    begun = begin("bob")

    # He sends his link: her browser does not even get to the provider.
    seen = []
    alice.on("request", lambda request: seen.append(request.url))
    answer = alice.goto(begun.start_url)
    assert 404 == answer.status, alice.content()
    assert not [url for url in seen if "/authorize?" in url]

    # He follows it himself, and sends what he finds in his address bar.
    at_provider = to_provider(bob, begun)
    alice.goto(at_provider)
    story.log_in_and_answer(alice, login="grace", password="hopper")
    expect(alice.get_by_text("It was begun by another user.")).to_be_visible()
    assert not re.search(r"\d{3} \d{3}", alice.inner_text("body"))
    assert (0, "needs authorization") == (exchanged(), begun.status())


def test_A18_a_cookie_that_a_sibling_has_set_opens_nothing(
    hub, person, begin, exchanged, sibling
):
    """Bob tosses his binding cookie into Alice's browser: it arrives, and is refused."""
    alice, bob = person("alice"), person("bob")
    begun = begin("bob")
    at_provider = to_provider(bob, begun)
    (binding,) = [
        cookie
        for cookie in bob.context.cookies(f"{hub.pages}callback/practice")
        if re.match(r"connections-\d+-", cookie["name"])
    ]
    # A host's cookies are sent to all of its ports, and may be set from any of them.
    alice.goto(sibling(f"{binding['name']}={binding['value']}; Path={binding['path']}"))
    alice.goto(at_provider)
    with alice.expect_request(lambda request: "/callback/" in request.url) as answered:
        story.log_in_and_answer(alice, login="grace", password="hopper")

    assert binding["value"] in answered.value.all_headers()["cookie"]
    expect(alice.get_by_text("It was begun by another user.")).to_be_visible()
    assert (0, "needs authorization") == (exchanged(), begun.status())


def test_A14_A20_the_digits_of_her_other_browser_finish_it(
    hub, person, begin, exchanged
):
    """She began here and granted access there: the digits of there, typed here."""
    here, there = person("alice"), person("alice")
    begun = begin("alice")
    there.goto(to_provider(here, begun))
    story.log_in_and_answer(there)
    digits = re.search(r"type (\d{3} \d{3}) there", there.inner_text("body"))[1]
    expect(there.locator(".conn-code-big")).to_have_text(digits)
    assert (0, "pending") == (exchanged(), begun.flow()["state"])

    # Two wrong ones are forgiven, and a third would end it.
    for _ in range(2):
        with pytest.raises(urllib.error.HTTPError):
            begun.paste(f"{(int(digits.replace(' ', '')) + 1) % 10**6:06}")
    here.goto(f"{hub.pages}authorization/{begun.flow()['flow']}")
    here.get_by_text("Paste the address you were sent to").click()
    here.get_by_label("Address you were sent to, or six digits").fill(digits)
    here.get_by_role("button", name="Continue").click()

    expect(
        here.get_by_role("heading", name="Connected as Ada Lovelace")
    ).to_be_visible()
    assert (1, "connected") == (exchanged(), begun.status())


def test_A15_A17_who_logs_out_in_the_middle_finishes_nothing(
    hub, person, new_profile, begin, exchanged
):
    """With nobody logged in, and with somebody else: the code goes nowhere."""
    page = person("alice")
    nobody, another = begin("alice"), begin("alice", name="Another")
    to_provider(page, nobody)
    elsewhere = page.context.new_page()
    elsewhere.goto(f"{hub.url}hub/logout")
    addresses = []
    page.context.on("request", lambda request: addresses.append(request.url))

    story.log_in_and_answer(page)

    expect(page.get_by_text("Nobody is logged in to Jupyter")).to_be_visible()
    assert not [url for url in addresses if "/hub/" in url or "/login" in url]
    assert (0, "needs authorization") == (exchanged(), nobody.status())

    hub.log_in(elsewhere, "alice")
    stranger = new_profile()
    stranger.goto(to_provider(page, begin("alice", name="Third")))
    story.log_in_and_answer(stranger, login="grace", password="hopper")
    assert stranger.url.startswith(f"{hub.pages}callback/")
    expect(stranger.get_by_text("Nobody is logged in to Jupyter")).to_be_visible()

    to_provider(page, another)
    elsewhere.goto(f"{hub.url}hub/logout")
    hub.log_in(elsewhere, "bob")

    page.get_by_role("button", name="Allow").click()

    expect(page.get_by_text("It was begun by another user.")).to_be_visible()
    assert (0, "needs authorization") == (exchanged(), another.status())


def test_B1_B2_a_code_for_one_service_never_gets_to_another(
    hub, person, begin, exchanged, practice
):
    """A service of her own leads her on to an honest one, with that one's client."""
    alice = person("alice")
    evil = Peer()
    redirect_uri = ""

    def leads_on(seen):
        asked = dict(parse_qsl(urlsplit(seen.path).query))
        asked |= {"client_id": practice.client_id, "scope": "reports.read"}
        asked["redirect_uri"] = redirect_uri or asked["redirect_uri"]
        address = f"{practice.issuer}/oauth/authorize?{urlencode(asked)}"
        return Reply(303, headers={"Location": address})

    evil.answer = leads_on
    draft = {
        "name": "Evil Desk",
        "authorization_endpoint": f"{evil.url}/authorize",
        "token_endpoint": f"{evil.url}/token",
        "api_base_url": f"{evil.url}/api",
        "client_id": "evil",
        "client_secret": "CNRY-evil-secret-of-nobody",
    }
    try:
        hub.ask_as(hub.token_of("alice"), "POST", "services", draft)
        redirect_uri = f"{hub.pages}callback/practice"
        begun = begin("alice", service="evil-desk")
        alice.goto(begun.start_url)
        story.log_in_and_answer(alice)
        expect(
            alice.get_by_text("The answer came to the redirect URL of another service.")
        ).to_be_visible()
        assert "failed" == begun.flow()["state"]

        # With its own redirect URL, the honest one does not let her through.
        redirect_uri = ""
        again = begin("alice", service="evil-desk", name="Again")
        answer = alice.goto(again.start_url)
        assert 400 == answer.status
        assert answer.url.startswith(practice.issuer)

        assert {"/authorize"} == {urlsplit(seen.path).path for seen in evil.seen}
        assert 0 == exchanged()
    finally:
        evil.close()


# --- what the address in front does -------------------------------------------------------


def test_nobody_notices_a_replica_killed_in_the_middle_of_a_refresh(
    place, hub, person, begin, rotating
):
    """Bob's cell gets its answer, from another replica; the grant is whole."""
    alice = person("alice")
    rotating.lifetime = 1.0
    begun = begin("alice", service="expenses", name="Expenses", shared_with=["*"])
    answer = rotating.consent(to_provider(alice, begun))
    alice.goto(f"{hub.pages}callback/expenses?{urlencode(answer)}")
    expect(alice.get_by_role("heading", name="You are connected.")).to_be_visible()
    dead = []

    def kill_who_asks():
        rotating.on_refresh = lambda: None
        (asking,) = [
            replica
            for replica in place.replicas
            if psutil.pid_exists(replica.process.pid)
            and any(
                line.raddr and line.raddr.port == int(rotating.host.partition(":")[2])
                for line in psutil.Process(replica.process.pid).net_connections("tcp")
            )
        ]
        asking.tell(signal.SIGKILL)
        dead.append(asking)

    with hub.start_server("bob").kernel() as kernel:
        kernel.run("import conn_magics as cm\n%load_ext conn_magics")
        kernel.run("%conn accept expenses --yes")
        time.sleep(1)  # its token ends
        rotating.lifetime = 3600.0
        rotating.on_refresh, rotating.script = kill_who_asks, [None]

        said = kernel.run(_USE)

        assert "I am sam" in said, said
        (killed,) = dead
        assert -signal.SIGKILL == killed.ended()
        # Nor does anybody notice that it is gone, and when it is back.
        for _ in range(6):
            assert "I am sam" in kernel.run(_USE)
        killed.start()
        assert "I am sam" in kernel.run(_USE)
    assert 0 == rotating.reuses
    assert rotating.newest_grant().alive
    assert "connected" == begun.status()


def test_what_is_carried_arrives_as_it_comes(place, hub, begin, ticker):
    """An answer without an end, through the hub's proxy, nginx and a replica."""
    enough = threading.Event()
    ticker.streams("/v1/prices", b"one more price\n", pause=enough)
    begun = begin("alice", service="ticker", secret={"token": "CNRY-ticker-token-4711"})
    for port in (hub.port, place.front.port):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        path = (
            f"/services/connections/api/v1/connections/{begun.link_name}/proxy/prices"
        )
        line.request("GET", path, headers={"Authorization": f"token {begun.token}"})
        answer = line.getresponse()
        assert (200, b"one more price\n") == (answer.status, answer.readline())
        line.close()
    enough.set()


def test_the_front_shows_its_path_and_no_more(place, hub):
    """Its health is there for who asks; what is for monitors is not."""
    front = place.front.port
    for path, status in (
        ("/services/connections/health", 200),
        ("/health", 404),
        ("/metrics", 404),
    ):
        line = http.client.HTTPConnection("127.0.0.1", front, timeout=30)
        line.request("GET", path)
        assert status == line.getresponse().status, path
        line.close()
    line = http.client.HTTPConnection("127.0.0.1", front, timeout=30)
    line.request("GET", "/services/connections/nowhere")
    answer = line.getresponse()
    assert (404, True) == (answer.status, b"There is nothing here." in answer.read())
    line.close()
    assert "/services/connections/callback/" in place.front.log
    assert "code=" not in place.front.log
    assert "state=" not in place.front.log
