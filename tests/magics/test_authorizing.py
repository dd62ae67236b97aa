"""Every way to authorize, for a terminal, a notebook and a job."""

import inspect

import pytest

import conn_magics as cm
from conn_core import Secret
from conn_core.broker import Broker
from conn_core.errors import InteractionRequired, InvalidInput
from conn_magics._usage import UsageError

KEY = "CNRY-typed-key-5a1f"


@pytest.fixture
def keyless(broker):
    """A broker with a connection whose key is missing."""
    broker.has("garden", service="herbs", status="needs authorization", account=None)
    return broker


def test_the_fake_has_every_method_of_the_port(broker):
    """With the same parameters, so that nothing is tested that does not exist."""
    for name, promised in inspect.getmembers(Broker, inspect.isfunction):
        if not name.startswith("_"):
            wanted = [p for p in inspect.signature(promised).parameters if p != "self"]
            assert wanted == list(inspect.signature(getattr(broker, name)).parameters)


# --- typed credentials ------------------------------------------------------------------


def test_a_terminal_asks_for_the_key_unseen(terminal, broker, canary):
    """What is secret is typed unseen, the rest is not; then it is connected."""
    secret = canary("api-key")
    shown = terminal("new herbs --name Garden", answers=["north"], secrets=[secret])

    assert ["API key: "] == terminal.unseen
    assert ["Shop [main]: "] == terminal.asked
    assert {"api_key": Secret(secret), "shop": Secret("north")} == broker.typed[
        "garden"
    ]
    assert "'garden' is connected as priya-n" == repr(shown)
    told = "\n".join(repr(each) for each in terminal.shown)
    assert "What you type is stored sealed, and sent to api.coffee.example" in told
    assert "API key: See your page" in told
    canary.sweep(
        texts={
            "answer": repr(shown) + shown._repr_html_() + str(shown.to_json()),
            "shown": told,
            "asked": str(terminal.asked + terminal.unseen + terminal.said),
        }
    )


def test_authorizing_again_asks_again(terminal, keyless):
    """A default is taken where nothing is typed; end of input is nothing."""
    shown = terminal("authorize garden", answers=[EOFError], secrets=[KEY])

    assert {"api_key": Secret(KEY)} == keyless.typed["garden"]
    assert "'garden' is connected as priya-n" == repr(shown)


def test_nothing_typed_is_refused_and_nothing_is_left(terminal, broker):
    """The connection of a ``new`` that came to nothing is not there."""
    with pytest.raises(InvalidInput, match="api_key: is needed"):
        terminal("new herbs --name Garden", answers=[""], secrets=[""])

    assert "garden" not in broker.found


def test_a_key_that_the_service_refuses_is_not_called_good(terminal, keyless):
    """One harmless call tells; what to do stands below."""
    keyless.api_answers = 401

    shown = repr(terminal("authorize garden", answers=[""], secrets=[KEY]))

    assert "What you typed for 'garden' is stored. But: Herbs answered 401" in shown
    assert "enter it again if it is not right: %conn authorize garden" in shown


def test_only_creating_asks_for_nothing(terminal, broker):
    """``--no-authorize`` means later."""
    terminal("new herbs --name Garden --no-authorize")

    assert [] == terminal.unseen
    assert "needs authorization" == broker.found["garden"].status


@pytest.mark.parametrize("line", ["authorize garden", "authorize garden --wait"])
def test_a_notebook_shows_a_form_for_the_key(notebook, keyless, line):
    """Nothing is asked in the cell, and nothing has begun."""
    assert notebook(line) is None

    (form,) = notebook.shown
    assert "It asks for: API key, Shop" in repr(form)
    assert [] == notebook.unseen
    assert {} == keyless.flows


def test_a_notebook_creates_and_then_shows_the_form(notebook, broker):
    """As for a page: the connection is there, the key is not."""
    assert notebook("new herbs --name Garden") is None

    assert "It asks for: API key" in repr(notebook.shown[0])
    assert "needs authorization" == broker.found["garden"].status


def test_without_widgets_a_notebook_is_asked_in_the_cell(notebook, broker):
    """``--no-widget``: questions go to the cell, secrets unseen."""
    shown = notebook("new herbs --no-widget", answers=[""], secrets=[KEY])

    assert "'herbs' is connected as priya-n" == repr(shown)
    assert {"api_key": Secret(KEY)} == broker.typed["herbs"]


def test_a_secret_is_no_option(terminal, keyless):
    """What is typed into a line is in the history."""
    for option in ("--secret x", "--key x", "--api-key x"):
        with pytest.raises(UsageError, match="has no option"):
            terminal(f"authorize garden {option}")


def test_a_job_is_told_that_a_person_is_needed(conn, keyless):
    """Nobody can type there."""
    with pytest.raises(InteractionRequired, match="needs someone to authorize it"):
        conn("authorize garden")


def test_functions_take_the_secret_also_where_nobody_is(keyless, canary):
    """A program that has the key needs no person."""
    secret = canary("api-key")

    shown = cm.authorize("garden", secret={"api_key": secret})

    assert "'garden' is connected as priya-n" == repr(shown)
    assert {"api_key": Secret(secret)} == keyless.typed["garden"]
    made = cm.create("herbs", name="Second", secret={"api_key": secret})
    assert "connected" == made.status
    canary.sweep(texts={"shown": repr(shown) + shown._repr_html_(), "made": repr(made)})


def test_a_wrong_secret_of_create_leaves_nothing(broker):
    """The error names the field, and not what was typed."""
    with pytest.raises(InvalidInput) as caught:
        cm.create("herbs", name="Second", secret={"api_kye": "CNRY-misspelt"})

    assert "is not known here" == caught.value.fields["secret.api_kye"]
    assert "CNRY" not in str(caught.value)
    assert "second" not in broker.found


def test_K12_a_traceback_with_variables_shows_no_secret(keyless, terminal, canary):
    """Debuggers and rich tracebacks print the variables of every frame."""
    import traceback

    secret = canary("api-key")

    def broken(*_arguments, **_options):
        raise RuntimeError("broken")

    keyless.authorize = broken
    with pytest.raises(RuntimeError) as caught:
        terminal("authorize garden", answers=[""], secrets=[secret])
    frames = [
        frame
        for frame, _ in traceback.walk_tb(caught.value.__traceback__)
        if "conn_magics" in frame.f_code.co_filename
    ]

    assert len(frames) > 2
    canary.sweep(texts={f"{n}": repr(f.f_locals) for n, f in enumerate(frames)})


# --- client credentials -----------------------------------------------------------------


def test_a_client_alone_needs_nobody(conn, broker):
    """Also in a job: a token is fetched, and that is said."""
    shown = repr(conn("new water --name Well"))

    assert "'well' is connected as priya-n" in shown
    assert "Water gave a token to the client alone; it renews itself" in shown
    assert "connected" == broker.found["well"].status


# --- a code on another device -----------------------------------------------------------


def test_a_code_is_shown_as_text_and_waited_for(terminal, broker):
    """Nobody else asks the service; the address is no link."""
    broker.has("press", service="juice", status="needs authorization")

    shown = repr(terminal("authorize press --flow device"))

    (told,) = terminal.shown
    assert "https://auth.coffee.example/device" in repr(told)
    assert "Enter the code WDJB-MJHT there" in repr(told)
    assert "<a " not in told._repr_html_()
    assert "Why this way" not in repr(told)
    assert "\rWaiting for the code to be entered, 5:00 left " == terminal.said[0]
    assert shown.startswith("'press' is connected as priya-n")


def test_D9_a_code_that_nobody_enters_ends_the_wait(terminal, broker):
    """With the time, or the given one; another code can be had."""
    broker.ends_after = 10_000
    broker.has("press", service="juice", status="needs authorization")

    shown = repr(terminal("authorize press --flow device --timeout 3"))

    assert 3 == sum(terminal.slept)
    assert "For another: %conn authorize press" in shown


def test_where_no_browser_comes_back_a_code_is_chosen_and_the_reason_said(
    terminal, broker
):
    """The way is chosen by the broker."""
    broker.can_come_back = False

    terminal("new juice --name Press")

    assert "Why this way: No server is here to come back to." in repr(terminal.shown[0])


def test_a_notebook_shows_the_code_in_its_form(notebook, broker):
    """Which waits by itself."""
    broker.has("press", service="juice", status="needs authorization")

    assert notebook("authorize press --flow device") is None

    (form,) = notebook.shown
    assert "enter the code: WDJB-MJHT" in repr(form)
    form.close()


# --- a pasted address -------------------------------------------------------------------


def test_a_terminal_asks_for_the_address(terminal, broker, canary):
    """Open it anywhere, allow access, bring back where the browser was sent to."""
    code = canary("code")
    address = (
        f"http://127.0.0.1:8888/connections/callback/coffee?state=of-flow1&code={code}"
    )

    shown = terminal("authorize beans --flow paste", answers=[f" {address} "])

    assert ["Address that the browser was sent to: "] == terminal.asked
    assert "https://auth.coffee.example/authorize" in repr(terminal.shown[0])
    assert [Secret(address)] == broker.pasted
    assert repr(shown).startswith("'beans' is connected as priya-n")
    canary.sweep(texts={"shown": repr(shown), "said": str(terminal.said)})


def test_a_wrong_address_is_asked_for_again(terminal, broker):
    """With the reason; nothing entered gives up, and the link works on."""
    answers = ["http://x/?state=wrong", ""]

    shown = repr(terminal("authorize beans --flow paste", answers=answers))

    assert "belongs to another authorization" in terminal.said[0]
    assert 2 == len(terminal.asked)
    assert "https://auth.coffee.example/authorize?state=of-flow1" in shown


def test_three_wrong_addresses_are_enough(terminal, broker):
    """It is not asked for ever."""
    terminal("authorize beans --flow paste", answers=["http://x/?state=wrong"] * 3)

    assert 3 == len(terminal.said)
    assert [] == broker.pasted


@pytest.mark.parametrize("line", ["--flow paste", "--flow paste --wait"])
def test_a_notebook_pastes_into_the_form(notebook, broker, line):
    """A cell that waits could take nothing in."""
    assert notebook(f"authorize beans {line}") is None

    (form,) = notebook.shown
    assert "https://auth.coffee.example/authorize" in repr(form)
    form.close()


@pytest.mark.parametrize("flow", ["auto", "browser"])
def test_where_no_browser_comes_back_the_error_names_the_way_out(
    terminal, broker, flow
):
    """The broker's own words."""
    broker.can_come_back = False
    with pytest.raises(InteractionRequired, match="--flow paste"):
        terminal(f"authorize beans --flow {flow}")


def test_an_unknown_way_is_a_mistyped_line(terminal):
    """The four are named."""
    with pytest.raises(
        UsageError, match="--flow takes one of auto, browser, device, paste"
    ):
        terminal("authorize beans --flow pigeon")


def test_functions_choose_the_way_too(broker):
    """And need a person as the line does."""
    with pytest.raises(InteractionRequired, match="runs without a user"):
        cm.authorize("beans", flow="device")
    assert {} == broker.flows
