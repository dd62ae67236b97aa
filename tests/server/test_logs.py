"""What the log says, and what it never says (M1 to M5)."""

import io
import logging
import urllib.parse

import pytest
from jupyter_server.prometheus.metrics import HTTP_REQUEST_DURATION_SECONDS

SECRETS = ("CNRY-code", "CNRY-iss", "CNRY-desc", "CNRY-hop", "CNRY-state", "CNRY-deep")


def _broken(secret):
    """Fail as a library does that quotes what it was given."""
    try:
        int(f"https://x/?key={secret}")
    except ValueError as error:
        raise RuntimeError(secret) from error


def _without_source_lines(log):
    """Leave out this file's own source, where the secrets stand."""
    return "\n".join(line for line in log.splitlines() if "lambda" not in line)


@pytest.fixture(autouse=True)
def _everything_is_logged(caplog):
    caplog.set_level(logging.DEBUG)


async def test_M1_M3_a_callback_is_logged_without_its_query(browser, root, caplog):
    """Neither the access log nor ours shows what came in the address."""
    await browser.get(
        f"{root}callback/coffee?state=CNRY-state-1&code=CNRY-code-1&iss=CNRY-iss-1"
        "&error_description=CNRY-desc-1&session_state=CNRY-state-2"
        "&id_token=CNRY-code-2&device_code=CNRY-code-3"
    )
    await browser.get(f"{root}start/x?hop=CNRY-hop-1")
    await browser.get(
        f"{root}result/x",
        headers={"Referer": "http://x/callback/coffee?code=CNRY-code-4&iss=CNRY-iss-2"},
    )

    assert "400 GET /a%40b/connections/callback/coffee?" in caplog.text
    assert "referer=" in caplog.text
    for secret in SECRETS:
        assert secret not in caplog.text


async def test_A27_M1_the_main_path_is_logged_without_secrets(
    browser, connect, grant, kernel, provider, caplog
):
    """From the client secret to the token, at debug level; nor how the attempt is known."""
    begun = await connect(name="mine")
    started = await browser.get(begun["start_url"])
    ended = await browser.get(grant(started))
    await browser.get(ended.headers["Location"])
    await kernel("POST", "api/v1/connections/mine/token", body={})

    assert "/connections/api/v1/connections/mine/token" in caplog.text
    assert "CNRY" not in caplog.text
    asked = urllib.parse.urlsplit(started.headers["Location"]).query
    [(_, sent)] = provider.token_requests
    for told in (*urllib.parse.parse_qs(asked)["state"], sent["code_verifier"]):
        assert len(told) > 40
        assert told not in caplog.text


async def test_M4_an_unknown_error_is_an_id_for_the_caller_and_frames_in_the_log(
    kernel, extension, monkeypatch, caplog
):
    """Its message may hold anything; it is shown to nobody and not logged either."""
    monkeypatch.setattr(extension.core, "_open", lambda: _broken("CNRY-deep-1"))

    answer = await kernel("GET", "api/v1/status?code=CNRY-code-9")

    assert (500, "internal_error") == (answer.code, answer.json["code"])
    reference = answer.json["hint"].rpartition(" ")[2]
    assert f"error {reference} in GET StatusHandler" in caplog.text
    assert "RuntimeError" in caplog.text
    assert "ValueError" in caplog.text
    assert "in _broken" in caplog.text
    for secret in SECRETS:
        assert secret not in _without_source_lines(caplog.text) + answer.text


async def test_M4_a_page_shows_the_id_too(
    browser, root, extension, monkeypatch, caplog
):
    """And no text of the error."""
    monkeypatch.setattr(extension.core, "_open", lambda: _broken("CNRY-deep-2"))

    answer = await browser.get(
        f"{root}callback/coffee?state=CNRY-state-9&code=CNRY-code-9"
    )

    assert 500 == answer.code
    assert "The server's log says more under" in answer.text.replace("&#39;", "'")
    assert "CNRY" not in answer.text + _without_source_lines(caplog.text)


async def test_M4_a_refusal_is_logged_by_its_code(kernel, caplog):
    """Whoever reads the log sees what kind of thing happened, not to whom."""
    await kernel("GET", "api/v1/connections/CNRY-name")

    ours = [r for r in caplog.records if "refused" in r.getMessage()]
    assert ["Connections: refused (connection_not_found)"] == [
        record.getMessage() for record in ours
    ]
    assert "ConnectionHandler" == ours[0].handler


async def test_a_success_is_counted_though_its_line_is_not_made(
    kernel, jp_serverapp, caplog
):
    """What is refused is said as ever."""
    counted = HTTP_REQUEST_DURATION_SECONDS.labels(
        method="GET",
        handler="conn_serverext._rest_services.StatusHandler",
        status_code=200,
    )
    before = counted._sum.get()
    caplog.set_level(logging.INFO, logger=jp_serverapp.log.name)

    await kernel("GET", "api/v1/status")
    await kernel("GET", "api/v1/connections/nothing")

    assert before < counted._sum.get()
    assert "api/v1/status" not in caplog.text
    assert "404 GET /a%40b/connections/api/v1/connections/nothing" in caplog.text


@pytest.fixture
def log_at(jp_serverapp, monkeypatch):
    """Has the server's log as it is outside of tests: its handler knows the level.

    Returns what the handler has written, and every line that was made.
    """

    def go(level):
        written, made = io.StringIO(), []
        handler = logging.StreamHandler(written)
        handler.setLevel(level)
        log = jp_serverapp.log
        monkeypatch.setattr(log, "propagate", False)
        monkeypatch.setattr(log, "handlers", [handler])
        monkeypatch.setattr(log, "filters", [lambda line: made.append(line) or True])
        return written, made

    return go


async def test_a_line_that_no_handler_takes_is_not_made(kernel, log_at):
    """Jupyter's logger lets every level pass, whatever its operator asked to see."""
    written, made = log_at(logging.INFO)

    await kernel("GET", "api/v1/status")
    await kernel("GET", "api/v1/connections/nothing")

    assert [] == [line for line in made if "api/v1/status" in line.getMessage()]
    assert "404 GET /a%40b/connections/api/v1/connections/nothing" in written.getvalue()


async def test_a_line_that_a_handler_takes_is_made(kernel, log_at):
    """Whoever asked for all of them has all of them."""
    written, _ = log_at(logging.DEBUG)

    await kernel("GET", "api/v1/status")

    assert "200 GET /a%40b/connections/api/v1/status" in written.getvalue()
