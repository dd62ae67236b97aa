"""The credential: on the wire, and nowhere that a person or a tool can see it."""

import asyncio
import logging
import pickle
import traceback

import httpx
import pytest
from shown import everything_in

from conn_core.errors import AuthorizationEnded, HostNotAllowed, InvalidInput
from conn_core.http import connected_async_client, connected_client


def test_a_request_arrives_with_the_credential(ask, peer, secret):
    """Relative paths are joined to the base URL's path."""
    answer = ask("GET", "/user", params={"a": "b c"})

    assert 200 == answer.status_code
    assert "/v1/user?a=b+c" == peer.seen[0].path.replace("%20", "+")
    assert f"Bearer {secret}" == peer.seen[0].headers["authorization"]


def test_an_absolute_address_of_a_listed_host_works(ask, peer):
    """A ``next`` link of a paginated answer is one."""
    ask("GET", f"{peer.url}/v1/items?page=2")

    assert "/v1/items?page=2" == peer.seen[0].path


def test_F1_F20_an_absolute_address_elsewhere_is_refused_before_any_lookup(
    ask, stranger, looked_up
):
    """Nothing is sent, and no name is looked up: a lookup tells its own story."""
    with pytest.raises(HostNotAllowed, match=r"not evil\.example\. Nothing was sent"):
        ask("GET", "https://evil.example/next?page=2")
    with pytest.raises(HostNotAllowed):
        ask("GET", f"{stranger.url}/next")

    assert "evil.example" not in looked_up
    assert [] == stranger.seen


@pytest.mark.parametrize("name", ["Authorization", "authorization", "X-API-Key"])
def test_F12_the_credential_header_cannot_be_overridden(
    ask, peer, new_broker, secret, name
):
    """The connection's own credential is the one that arrives, once."""
    prefix = "" if name == "X-API-Key" else "Bearer "
    broker = new_broker(param_name=name, param_prefix=prefix)

    ask("GET", "/user", using=broker, headers={name: "users", "X-Mine": "kept"})

    assert f"{prefix}{secret}" == peer.seen[0].headers[name.lower()]
    assert 1 == [n.lower() for n, _ in peer.seen[0].pairs].count(name.lower())
    assert "kept" == peer.seen[0].headers["x-mine"]
    assert "users" not in peer.seen[0].everything


def test_F12_headers_of_ones_own_are_kept(ask, peer, new_broker):
    """An API key in a header of its own leaves Authorization and cookies to the user."""
    broker = new_broker(param_name="X-API-Key", param_prefix="")

    ask("GET", "/", using=broker, headers={"Authorization": "mine", "Cookie": "a=b"})

    assert "mine" == peer.seen[0].headers["authorization"]
    assert "a=b" == peer.seen[0].headers["cookie"]


def test_F13_another_credential_is_not_taken(ask, peer):
    """``auth=`` would be sent along with ours, or instead of it."""
    with pytest.raises(InvalidInput, match="brings its own credential"):
        ask("GET", "/user", auth=("me", "CNRY-my-password"))

    assert [] == peer.seen


@pytest.mark.parametrize(
    "option", ["auth", "transport", "mounts", "proxy", "verify", "event_hooks"]
)
def test_F13_a_client_takes_no_option_that_leads_around_the_guard(broker, option):
    """There is no such parameter."""
    with pytest.raises(TypeError, match=option):
        connected_client(broker, "coffee", **{option: None})
    with pytest.raises(TypeError, match=option):
        connected_async_client(broker, "coffee", **{option: None})


def test_F13_what_is_set_on_a_client_leads_nowhere(broker, peer, stranger, secret):
    """Another base URL is refused, another auth ignored, the headers hold nothing."""
    with connected_client(broker, "coffee") as client:
        client.auth = ("me", "CNRY-my-password")
        client.get("/user")
        assert f"Bearer {secret}" == peer.seen[0].headers["authorization"]
        assert secret not in str(client.headers.raw)

        client.base_url = stranger.url
        with pytest.raises(HostNotAllowed):
            client.get("/user")
    assert [] == stranger.seen


def test_F13_a_client_wide_auth_is_not_sent(new_broker, peer):
    """Also where its header is not the one of the connection's own credential."""
    broker = new_broker(param_name="X-API-Key", param_prefix="")
    with connected_client(broker, "coffee") as client:
        client.auth = ("me", "CNRY-my-password")
        client.get("/user")

    assert "authorization" not in peer.seen[0].headers


def test_F13_hooks_see_no_credential(broker, peer, secret):
    """An event hook runs above the transport, and cannot lead a request away."""
    seen = []
    with connected_client(broker, "coffee") as client:
        client.event_hooks["request"] = [lambda r: seen.append(str(r.headers.raw))]
        client.event_hooks["response"] = [
            lambda r: seen.append(str(r.request.headers.raw))
        ]
        client.get("/user")

    assert 2 == len(seen)
    assert secret not in "".join(seen)
    assert secret in peer.seen[0].everything


def test_F14_F15_requests_and_responses_hold_no_credential(ask, peer, secret):
    """Neither what was built nor what came back, however deep one looks."""
    answer = ask("GET", "/user")

    assert secret in peer.seen[0].everything
    assert "authorization" not in answer.request.headers
    assert secret not in everything_in(answer)
    assert secret.encode() not in pickle.dumps(answer)
    assert {"http_version", "reason_phrase"} == answer.extensions.keys()


def test_F15_a_streamed_response_forgets_the_request_when_it_is_closed(
    broker, peer, reply, secret
):
    """The HTTP library's own stream keeps what was sent; ours lets go of it."""
    peer.answer = lambda _: reply(body=b"x" * 100_000)
    with (
        connected_client(broker, "coffee") as client,
        client.stream("GET", "/big") as answer,
    ):
        assert 100_000 == sum(len(part) for part in answer.iter_bytes())

    assert secret not in everything_in(answer)


def test_the_walk_of_this_file_finds_a_credential_where_there_is_one(peer, secret):
    """Plain httpx keeps it in the request and in the stream: the walk is no blind one."""
    headers = {"X-API-Key": secret}
    with httpx.Client(trust_env=False) as client:
        answer = client.get(peer.url, headers=headers)

    assert secret in everything_in(answer)


def test_F17_a_key_in_the_query_is_seen_by_the_service_alone(
    ask, peer, new_broker, secret, reply, caplog
):
    """Not in the response's address, the INFO log, the DEBUG log or an error."""
    caplog.set_level(logging.DEBUG)
    peer.answer = lambda _: reply(404)
    broker = new_broker(param_type="query", param_name="api_key", param_prefix="")

    answer = ask("GET", "/items?q=a%2Fb+c&api_key=mine", using=broker)
    with pytest.raises(httpx.HTTPStatusError) as caught:
        answer.raise_for_status()

    assert f"/v1/items?q=a/b+c&api_key={secret}" == peer.seen[0].path.replace(
        "%2F", "/"
    )
    assert secret not in str(answer.url)
    assert secret not in str(caught.value)
    assert "GET" in caplog.text
    assert secret not in caplog.text


def test_F17_a_key_is_the_whole_query_where_there_is_none(
    ask, peer, new_broker, secret
):
    """No lonely ampersand."""
    broker = new_broker(param_type="query", param_name="key", param_prefix="")

    ask("GET", "/items", using=broker)

    assert f"/v1/items?key={secret}" == peer.seen[0].path


def test_a_key_in_a_form_is_added_to_the_form(ask, peer, new_broker, secret):
    """The user's fields stay, one that would override the credential does not."""
    broker = new_broker(param_type="body", param_name="token", param_prefix="")

    answer = ask("POST", "/x", using=broker, data={"a": "b c", "token": "mine"})

    assert f"a=b+c&token={secret}".encode() == peer.seen[0].body
    assert b"a=b+c&token=mine" == answer.request.content
    assert str(len(peer.seen[0].body)) == peer.seen[0].headers["content-length"]


@pytest.mark.parametrize(
    ("method", "options"),
    [("GET", {}), ("POST", {"json": {}}), ("POST", {"files": {"f": b"x"}})],
)
def test_a_key_in_a_form_needs_a_form(ask, peer, new_broker, method, options):
    """Where there is none, nothing is sent."""
    broker = new_broker(param_type="body", param_name="token", param_prefix="")

    with pytest.raises(InvalidInput, match="only a form"):
        ask(method, "/x", using=broker, **options)

    assert [] == peer.seen


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"Host": "evil.example"}},
        {"extensions": {"sni_hostname": "evil.example"}},
        {"extensions": {"target": b"http://evil.example/"}},
        {"extensions": {"trace": print}},
    ],
)
def test_F18_nothing_overrides_whom_a_request_is_for(ask, peer, options):
    """Neither the Host header nor an extension; tracing would show the credential."""
    with pytest.raises(InvalidInput, match="Nothing was sent"):
        ask("GET", "/user", **options)

    assert [] == peer.seen


def test_F18_a_request_without_a_host_header_gets_one(broker, peer):
    """Who builds a request by hand may forget it."""
    request = httpx.Request("GET", f"{peer.url}/v1/x", stream=httpx.ByteStream(b""))
    with connected_client(broker, "coffee") as client:
        client.send(request)

    assert peer.host == peer.seen[0].headers["host"]


def test_F18_the_host_header_that_belongs_there_is_no_override(ask, peer):
    """Saying it is not changing it."""
    ask("GET", "/user", headers={"Host": peer.host})

    assert peer.host == peer.seen[0].headers["host"]


@pytest.mark.parametrize("method", ["TRACE", "trace", "CONNECT"])
def test_J_trace_and_connect_are_not_sent(ask, peer, method):
    """TRACE answers with the request, the credential in it."""
    with pytest.raises(InvalidInput, match="show the credential"):
        ask(method, "/user")

    assert [] == peer.seen


def test_K12_K30_a_broken_connection_shows_no_credential_in_any_frame(
    ask, peer, new_broker, reply, secret
):
    """Error reporters print the locals of every frame of every chained exception."""
    peer.answer = lambda _: reply(0)
    broker = new_broker(param_name="X-API-Key", param_prefix="")

    with pytest.raises(httpx.RemoteProtocolError) as caught:
        ask("GET", "/user", using=broker)

    frames, error = [], caught.value
    while error is not None:
        frames += [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        error = error.__cause__ or error.__context__
    ours = [f for f in frames if f.f_code.co_filename != __file__]
    ours = [f for f in ours if not f.f_code.co_filename.endswith("conftest.py")]
    assert any(f.f_code.co_name == "_send" for f in ours)
    assert secret not in everything_in([f.f_locals for f in ours])
    assert secret not in everything_in(caught.value)


def test_K12_an_authorization_that_ends_shows_no_credential_in_any_frame(
    ask, peer, broker, reply, secret
):
    """The answer that told of it knows what was sent."""

    def ends(_):
        broker.error = AuthorizationEnded("It ended", "Run %conn authorize coffee")
        return reply(401)

    peer.answer = ends
    with pytest.raises(AuthorizationEnded) as caught:
        ask("GET", "/user")

    ours = [
        frame
        for frame, _ in traceback.walk_tb(caught.value.__traceback__)
        if not frame.f_code.co_filename.endswith((__file__, "conftest.py"))
    ]
    assert any(f.f_code.co_name.startswith("handle_") for f in ours)
    assert secret not in everything_in([f.f_locals for f in ours])
    assert secret not in everything_in(caught.value)


def test_K12_an_answer_that_breaks_off_is_an_error_of_httpx(ask, peer, reply):
    """Half a body, then nothing; the frames below are gone as well."""
    peer.answer = lambda _: reply(body=b"x" * 10, headers={"Content-Length": "10000"})

    with pytest.raises(httpx.RemoteProtocolError, match="peer closed") as caught:
        ask("GET", "/big")

    assert caught.value.__cause__ is None


@pytest.mark.parametrize("open_client", [connected_client, connected_async_client])
def test_F15_a_body_is_read_once(broker, peer, open_client):
    """After it is closed there is nothing to read from."""

    async def read():
        client = open_client(broker, "coffee")
        sent = client.send(client.build_request("GET", "/"), stream=True)
        answer = await sent if open_client is connected_async_client else sent
        body = answer.stream._stream
        if open_client is connected_async_client:
            await answer.aclose()
            with pytest.raises(httpx.StreamClosed):
                [part async for part in body]
            await body.aclose()
            await client.aclose()
        else:
            answer.close()
            with pytest.raises(httpx.StreamClosed):
                list(body)
            body.close()
            client.close()

    asyncio.run(read())


def test_K12_the_text_of_an_error_is_scrubbed(new_broker, peer, secret):
    """A header that cannot be sent is quoted by the HTTP library's error."""
    broker = new_broker(param_prefix="Bearer\n")

    with (
        connected_client(broker, "coffee") as client,
        pytest.raises(httpx.LocalProtocolError, match="header value") as caught,
    ):
        client.get("/user")

    assert secret not in str(caught.value)
    assert [] == peer.seen


def test_K13_no_logger_shows_the_credential(ask, peer, secret, caplog, capsys):
    """Not at DEBUG, with every library's logger on."""
    caplog.set_level(logging.DEBUG)

    ask("GET", "/user")

    assert "httpcore" in {record.name.partition(".")[0] for record in caplog.records}
    assert secret in peer.seen[0].everything
    assert secret not in caplog.text + "".join(capsys.readouterr())


def test_K1_a_client_shows_its_name_alone(broker, secret):
    """In a notebook the repr is the output that is committed."""
    with connected_client(broker, "coffee") as client:
        shown = f"{client!r} {client} {client!s:>60}"
        assert "<connection 'coffee' to Coffee & Cake>" == repr(client)
        assert secret not in shown + repr(vars(client)) + everything_in(client)


def test_K10_clients_are_not_serialised(broker):
    """Neither pickled nor copied; the text says what to do instead."""
    import copy

    async_client = connected_async_client(broker, "coffee")
    with connected_client(broker, "coffee") as client:
        for thing in (client, async_client):
            for serialise in (pickle.dumps, copy.copy, copy.deepcopy):
                with pytest.raises(TypeError, match="open them in the worker"):
                    serialise(thing)
    asyncio.run(async_client.aclose())
