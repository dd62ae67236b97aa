"""The two other ways to authorize, and what is said of the way that was chosen."""

import ipywidgets.embed
import pytest

from conn_core import Secret
from conn_core.errors import AuthorizationFailed
from conn_widgets import CopyField, FoldHead, OpenLink, SecretField, Waiting
from conn_widgets._begin import start_authorization
from conn_widgets._journey import Journey
from conn_widgets._stage import Stage

DEVICE, PASTE = "Use a code on another device", "Paste the address you were sent to"


@pytest.fixture
def github(fakes):
    """A broker with a connection to a service that gives codes too."""
    service = fakes.a_service(
        device_authorization_endpoint="https://example.com/login/code"
    )
    there = fakes.a_connection(status="needs authorization", account=None)
    return fakes.FakeBroker(services=[service], connections=[there])


@pytest.fixture
def begin(hold, fakes):
    """Begins to authorize; the test takes the steps."""

    def run(broker, *, flow="auto", name="github"):
        journey = Journey(
            stage=Stage(),
            broker=broker,
            watch=lambda step, interval: None,
            clock=lambda: fakes.NOW,
        )
        start_authorization(journey, broker.connection(name), flow=flow)
        return hold(journey.stage)

    return run


def _unfold(form, wire, label):
    wire.type(form.of(FoldHead, label=label), is_open=True)


def _paste(form, wire, address):
    field = form.of(SecretField, label="Address you were sent to")
    wire.type(field, filled=True)
    form.press("Continue")
    wire.receive(field, do="secret", secret=address)


def test_both_other_ways_are_folded(begin, github):
    """They are there and quiet; no code is fetched before somebody wants one."""
    form = begin(github)

    heads = [(w.label, w.is_open) for w in form.all() if isinstance(w, FoldHead)]
    assert [(DEVICE, False), (PASTE, False)] == heads
    assert ["flow1"] == list(github.flows)
    assert "Why this way: The browser can come back to this server." in form.html()


def test_a_service_without_codes_offers_none(begin, fakes):
    """Only what works is offered."""
    there = fakes.a_connection(status="needs authorization")
    form = begin(fakes.FakeBroker(services=[fakes.a_service()], connections=[there]))

    assert [PASTE] == [w.label for w in form.all() if isinstance(w, FoldHead)]


# --- a code on another device -----------------------------------------------------------


def test_unfolding_fetches_a_code_once(begin, wire, github):
    """Large, with the address to type it at; folding and unfolding changes nothing."""
    form = begin(github)
    _unfold(form, wire, DEVICE)

    assert "example.com/device" in form.html()
    assert '<p class="conn-code-big">WDJB-MJHT</p>' in form.html()
    assert "WDJB-MJHT" == form.of(CopyField, label="Copy code").text
    wire.type(form.of(FoldHead, label=DEVICE), is_open=False)
    _unfold(form, wire, DEVICE)
    assert ["flow1", "flow2"] == list(github.flows)


@pytest.mark.parametrize("entered", ["flow1", "flow2"])
def test_whichever_way_ends_first_ends_the_wait(begin, wire, github, entered):
    """And the other one is given up."""
    form = begin(github)
    _unfold(form, wire, DEVICE)
    screen = form.stage.screen
    assert not screen.look()

    github.answer(entered, "done", account="priya-n")
    assert screen.look()

    assert "Connected as priya-n" in form.html()
    (other,) = {"flow1", "flow2"} - {entered}
    assert "denied" == github.authorization(other).state


def test_a_code_that_ends_can_be_had_again(begin, wire, github):
    """The browser's way goes on meanwhile."""
    form = begin(github)
    _unfold(form, wire, DEVICE)

    github.answer("flow2", "expired", error="Nobody typed the code in time.")
    assert not form.stage.screen.look()

    assert "Nobody typed the code in time." in form.html()
    form.press("Get another code")
    assert '<p class="conn-code-big">WDJB-MJHT</p>' in form.html()
    github.answer("flow3", "done", account="priya-n")
    assert form.stage.screen.look()


def test_the_browsers_end_leaves_the_code(begin, wire, github):
    """Somebody may still be typing it."""
    form = begin(github)
    _unfold(form, wire, DEVICE)

    github.answer("flow1", "expired")
    assert not form.stage.screen.look()
    github.answer("flow2", "denied", error="Access was not granted at GitHub.")

    assert form.stage.screen.look()
    assert "Access was not granted at GitHub." in form.html()


def test_a_service_that_gives_no_code_says_why_in_the_fold(begin, wire, github):
    """The main way is untouched."""
    github.no_code = AuthorizationFailed(
        "GitHub refused to give a code (no_such_grant)"
    )
    form = begin(github)

    _unfold(form, wire, DEVICE)

    assert "GitHub refused to give a code (no_such_grant)." in form.html()
    assert form.of(OpenLink)


def test_cancel_gives_both_up(begin, wire, github):
    """Nothing is left pending."""
    form = begin(github)
    _unfold(form, wire, DEVICE)

    form.press("Cancel")

    assert {"denied"} == {flow.state for flow in github.flows.values()}


def test_a_code_as_the_only_way_is_the_screen(begin, broker, fakes):
    """A link where the address is the service's own, and why it is a code."""
    facts = {"service": "television", "service_name": "Television"}
    broker.found["tv"] = fakes.a_connection(
        "tv", "TV", **facts, status="needs authorization"
    )
    form = begin(broker, name="tv")

    link = form.of(OpenLink)
    assert ("https://example.com/device", "Open Television") == (link.href, link.label)
    assert "Enter the code at Television and allow access." in form.html()
    assert "Television gives consent by a code only." in form.html()
    assert [] == [w for w in form.all() if isinstance(w, FoldHead)]
    assert "enter the code: WDJB-MJHT" in form.stage.text()
    broker.answer("flow1", "done", account="priya-n")
    assert form.stage.screen.look()


def test_an_address_that_the_service_does_not_name_is_no_link(begin, github):
    """It is the provider's word alone: shown as text, to copy, with a warning."""
    github.code_is_typed_at = "https://elsewhere.example/device"
    form = begin(github, flow="device")

    assert [] == [w for w in form.all() if isinstance(w, OpenLink)]
    copy = form.of(CopyField, label="Address")
    assert "https://elsewhere.example/device" == copy.text
    assert "check that it belongs to GitHub" == copy.note


def test_what_a_person_chose_is_not_explained_to_them(begin, github):
    """A reason is given where the broker chose."""
    form = begin(github, flow="device")

    assert "Why this way" not in form.html()


def test_where_no_browser_comes_back_a_code_is_chosen_and_said_why(begin, github):
    """The way is chosen by the broker."""
    github.can_come_back = False

    form = begin(github)

    assert "No server is here to come back to." in form.html()
    assert form.of(Waiting)


# --- a pasted address -------------------------------------------------------------------


def test_a_pasted_address_finishes_the_attempt(begin, wire, github, canary):
    """It holds a code: like a secret it is no trait and in no message to the browser."""
    code = canary("code")
    address = (
        f"http://127.0.0.1:8888/connections/callback/github?state=of-flow1&code={code}"
    )
    form = begin(github)
    _unfold(form, wire, PASTE)
    screen = form.stage.screen

    _paste(form, wire, address)

    assert "Connected as priya-n" in form.html()
    assert [Secret(address)] == github.pasted
    assert screen.look()
    canary.sweep(
        texts={
            "wire": wire.everything(),
            "embedded": repr(ipywidgets.embed.embed_data(views=[form.stage])),
            "form": repr(vars(screen)) + repr(vars(screen.paste)),
        }
    )


def test_a_wrong_address_is_refused_beside_its_field(begin, wire, github):
    """The focus goes there; the attempt goes on."""
    form = begin(github)
    _unfold(form, wire, PASTE)

    _paste(form, wire, "http://127.0.0.1:8888/connections/callback/github?state=x")

    field = form.of(SecretField, label="Address you were sent to")
    assert "Belongs to another authorization, or none." == field.error
    assert "address" == field.kind
    assert ".conn-invalid" in wire.last(form.stage.children[0], "focus")["selector"]
    assert not form.stage.screen.look()
    _paste(form, wire, "http://x/?state=of-flow1&code=CNRY-c")
    assert "Connected as priya-n" in form.html()


def test_an_empty_address_is_not_sent(begin, wire, github):
    """It is needed."""
    form = begin(github)
    _unfold(form, wire, PASTE)

    form.press("Continue")

    field = form.of(SecretField, label="Address you were sent to")
    assert ("Is needed.", []) == (field.error, wire.sent_by(field))


def test_a_refusal_in_the_address_ends_it(begin, wire, github):
    """As if the browser had come back."""
    form = begin(github)
    _unfold(form, wire, PASTE)

    _paste(form, wire, "http://x/?state=of-flow1&error=access_denied")

    assert "GitHub refused." in form.html()
    assert "Try again" in form.buttons()


def test_an_address_that_came_too_late_says_so(begin, wire, github):
    """It was used already."""
    form = begin(github)
    _unfold(form, wire, PASTE)
    github.answer("flow1", "denied")

    _paste(form, wire, "http://x/?state=of-flow1&code=CNRY-c")

    field = form.of(SecretField, label="Address you were sent to")
    assert field.error.startswith("This answer was used already")


def test_pasting_as_the_main_way_shows_the_field_at_once(begin, wire, github):
    """The provider's address to open in any browser, and where to bring back what follows."""
    form = begin(github, flow="paste")

    assert "https://example.com/authorize?state=of-flow1" == form.of(OpenLink).href
    assert "bring back the address" in form.html()
    assert [DEVICE] == [w.label for w in form.all() if isinstance(w, FoldHead)]
    _paste(form, wire, "http://x/?state=of-flow1&code=CNRY-c")
    assert "Connected as priya-n" in form.html()


def test_where_nothing_comes_back_pasting_is_offered(begin, fakes):
    """The reason, and a way on."""
    there = fakes.a_connection(status="needs authorization")
    broker = fakes.FakeBroker(services=[fakes.a_service()], connections=[there])
    broker.can_come_back = False
    form = begin(broker)
    assert "needs a browser, and no Jupyter server" in form.html()

    form.press("Paste the address instead")

    assert form.of(SecretField, label="Address you were sent to")
