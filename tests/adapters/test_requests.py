"""The requests session: what requests can do, and what it must not."""

import gzip
import io
import pickle
import time
import traceback

import pytest
import requests
from urllib3 import Retry

import conn_magics as cm
from conn_core.errors import HostNotAllowed, InvalidInput
from conn_magics.adapters import Context
from conn_magics.adapters._requests import ConnectedAdapter


@pytest.fixture
def session(desk):
    """A session for the desk."""
    return cm.get("desk").requests(timeout=5)


@pytest.mark.parametrize("address", ["/me", "me", "{api}/v1/me", b"me?"])
def test_relative_addresses_are_relative_to_the_service(desk, session, address):
    """As with our own client; absolute ones stay."""
    url = address if isinstance(address, bytes) else address.format(api=desk.api.url)

    answer = session.get(url, params={"a": "b c"})

    assert "/v1/me?a=b+c" == desk.api.seen[0].path
    assert f"{desk.api.url}/v1/me?a=b+c" == answer.url
    assert (200, "OK") == (answer.status_code, answer.reason)


def test_F1_another_host_gets_nothing(desk, session):
    """Nor does another port, or another spelling."""
    for url in (f"{desk.stranger.url}/x", "https://example.org/", "http://localhost/"):
        with pytest.raises(HostNotAllowed, match="Nothing was sent"):
            session.get(url)
    assert [] == desk.stranger.seen


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_F3_F10_a_redirect_to_another_host_is_refused(desk, session, reply, status):
    """Redirects are followed by requests itself; each hop passes the guard."""
    elsewhere = reply(status, headers={"Location": f"{desk.stranger.url}/x"})
    desk.says["/v1/out"] = elsewhere

    with pytest.raises(HostNotAllowed, match=desk.stranger.host):
        session.post("/out", json={"cake": 1})

    assert [] == desk.stranger.seen


def test_F8_a_redirect_within_the_service_is_followed(desk, session, reply):
    """With the credential, and no trace of it in the history."""
    desk.says["/v1/old"] = reply(302, headers={"Location": "/v1/me"})

    answer = session.get("/old")

    assert "sam" == answer.json()["login"]
    assert [302] == [each.status_code for each in answer.history]
    assert 1 == len(set(desk.sent))


def test_K17_no_request_or_answer_holds_the_credential(desk, session, canary, reply):
    """What people print, pickle and log; also of an error."""
    desk.says["/v1/old"] = reply(302, headers={"Location": "/v1/me"})
    answer = session.get("/old", headers={"Authorization": "Bearer of-their-own"})
    shown = [repr(vars(answer)), repr(vars(answer.raw)), repr(vars(answer.request))]
    shown += [repr(vars(each.request)) for each in answer.history]

    canary.sweep(texts={"shown": "".join(shown), "pickle": pickle.dumps(answer)})
    assert desk.sent == [desk.sent[0]] * 2
    assert "of-their-own" not in desk.sent[0]


def test_another_credential_is_not_taken(session):
    """It would be sent to the service, or lost."""
    with pytest.raises(InvalidInput, match="auth= is not taken"):
        session.get("/me", auth=("sam", "x"))
    session.auth = ("sam", "x")
    with pytest.raises(InvalidInput, match="auth= is not taken"):
        session.get("/me")


@pytest.mark.parametrize(
    "option",
    [
        {"verify": False},
        {"verify": "some.pem"},
        {"cert": "some.pem"},
        {"proxies": {"http": "http://127.0.0.1:9"}},
    ],
)
def test_the_way_to_the_service_is_not_changed(desk, session, option):
    """Certificates are checked, and nobody is in between."""
    with pytest.raises(InvalidInput, match=r"are not taken\. Nothing was sent"):
        session.get("/me", **option)
    assert [] == desk.api.seen


def test_F14_the_environment_is_not_listened_to(desk, session, monkeypatch, tmp_path):
    """Neither proxies nor .netrc, which would replace the credential."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login sam password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", desk.stranger.url)

    assert 200 == session.get("/me").status_code
    assert [] == desk.stranger.seen
    assert desk.sent[0].startswith("Bearer ")


@pytest.mark.parametrize(
    ("given", "arrives"),
    [
        ({"data": {"cake": "ü"}}, b"cake=%C3%BC"),
        ({"data": "täxt"}, "täxt".encode()),
        ({"json": {"cake": 1}}, b'{"cake": 1}'),
        ({"data": io.BytesIO(b"file")}, b"file"),
        ({"data": iter([b"a", b"", b"b"])}, b"ab"),
        ({}, b""),
    ],
    ids=["form", "text", "json", "file", "parts", "nothing"],
)
def test_bodies_of_every_kind_arrive(desk, session, given, arrives):
    """As requests would send them."""
    desk.says["/v1/orders"] = {"ok": True}

    assert session.post("/orders", **given).json() == {"ok": True}
    assert arrives == desk.api.seen[0].body


def test_files_are_uploaded(desk, session):
    """In the form that requests makes."""
    desk.says["/v1/orders"] = {}
    session.post("/orders", files={"cake": ("cake.txt", b"CAKE")})

    assert b'filename="cake.txt"' in desk.api.seen[0].body
    assert "multipart/form-data" in desk.api.seen[0].headers["content-type"]


def test_F41_a_streamed_body_is_not_sent_again(desk, session):
    """What was read from a file is gone: the 401 is the answer."""
    desk.says["/v1/orders"] = {}
    session.put("/orders", data=b"whole")
    desk.refuse()

    assert 401 == session.put("/orders", data=iter([b"a"])).status_code
    assert 200 == session.put("/orders", data=iter([b"a"])).status_code


def test_answers_are_read_as_requests_reads_them(desk, session, reply):
    """Compressed, in lines, in parts, with cookies."""
    body = gzip.compress(b"one\ntwo\n")
    headers = {"Content-Encoding": "gzip", "Set-Cookie": "crumb=1; Path=/"}
    desk.says["/v1/lines"] = reply(body=body, headers=headers)

    assert "one\ntwo\n" == session.get("/lines").text
    with session.get("/lines", stream=True) as answer:
        assert [b"one", b"two"] == list(answer.iter_lines())
    with session.get("/lines", stream=True) as answer:
        assert body == answer.raw.read()
    assert "1" == session.cookies["crumb"]
    assert "crumb=1" == desk.api.seen[-1].headers["cookie"]
    assert 1 == desk.api.seen[-1].everything.count("crumb=1")


def test_a_head_request_has_no_body(desk, session):
    """Although its answer says how long it would be."""
    answer = session.head("/me")

    assert b"" == answer.content
    assert int(answer.headers["Content-Length"]) > 0


def test_an_api_that_is_not_there_is_a_connection_error(desk, session, canary):
    """Of requests' own kind, with the request, and without the credential."""
    session.get("/me")
    desk.api.close()
    desk.api.cut()

    with pytest.raises(requests.ConnectionError) as caught:
        session.get("/me")

    assert "GET" == caught.value.request.method
    told = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    canary.sweep(texts={"traceback": "".join(told.format())})


def test_an_answer_that_is_late_is_a_timeout(desk, session, reply):
    """Of requests' own kind too; a pair tells the two waits apart."""
    desk.says["/v1/slow"] = lambda _: time.sleep(0.3) or reply()
    for timeout in (0.05, (5, 0.05)):
        with pytest.raises(requests.Timeout):
            session.get("/slow", timeout=timeout)


def test_an_answer_that_breaks_off_says_so(desk, session, reply):
    """It promises more than it has."""
    desk.says["/v1/half"] = reply(body=b"ab", headers={"Content-Length": "9"})

    with pytest.raises(requests.RequestException):
        session.get("/half")


def test_no_address_is_sent_anywhere(session):
    """What requests takes for one, and httpx does not."""
    adapter = session.get_adapter("http://x")
    request = requests.PreparedRequest()
    request.method, request.url, request.headers = "GET", "http://x/\x00", {}
    request.body = None

    with pytest.raises(InvalidInput, match=r"This is no address\. Nothing was sent"):
        adapter.send(request)


def test_a_session_can_be_closed_and_used_again(desk, session):
    """As one of requests can."""
    with session:
        session.get("/me")
    assert 200 == session.get("/me").status_code


def test_an_answer_that_says_later_is_asked_for_again(desk, reply):
    """Where the library above wants that, as PyGithub does."""
    later = [
        reply(503, headers={"Retry-After": "0"}),
        reply(body=b'{"login": "sam"}'),
    ]
    usual = desk.api.answer
    desk.api.answer = lambda seen: later.pop(0) if later else usual(seen)
    retries = Retry(2, status_forcelist=[503], raise_on_status=False)
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", ConnectedAdapter(Context("desk"), retries=retries))

    assert "sam" == session.get(f"{desk.api.url}/v1/me").json()["login"]
    assert 2 == len(desk.api.seen)
    again = pickle.loads(pickle.dumps(session))
    assert 200 == again.get(f"{desk.api.url}/v1/me").status_code


def test_an_answer_that_always_says_later_is_an_error(desk, reply, canary):
    """Of requests' own kind."""
    desk.says["/v1/busy"] = reply(503)
    retries = Retry(1, status_forcelist=[503])
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", ConnectedAdapter(Context("desk"), retries=retries))

    with pytest.raises(requests.exceptions.RetryError) as caught:
        session.get(f"{desk.api.url}/v1/busy")

    assert 2 == len(desk.api.seen)
    canary.sweep(texts={"error": f"{caught.value!r} {vars(caught.value)}"})


# --- other kinds of credentials ------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"param_name": "X-Api-Key", "param_prefix": ""}, "x-api-key"),
        ({"param_prefix": "Basic "}, "authorization"),
        ({"api_headers": {"X-Second": "{credential}"}}, "x-second"),
    ],
)
def test_a_credential_is_placed_as_the_service_wants_it(
    lent, api, canary, changes, place
):
    """In any header, and in several."""
    lent(**changes).requests().get("/me")

    assert {f"lent-token in {place}"} == {
        f"{found} in {name}"
        for name, value in api.seen[0].headers.items()
        for found in canary.found_in(value.encode())
        if name == place
    }


def test_F21_a_key_in_the_address_is_not_in_what_people_see(lent, api, canary, caplog):
    """The address of an answer is the one that was asked for."""
    caplog.set_level("DEBUG")
    session = lent(param_type="query", param_name="key", param_prefix="").requests()
    answer = session.get("/me", params={"a": "1"})

    assert "/v1/me?a=1&key=CNRY-lent-token" == api.seen[0].path[:30]
    assert f"{api.url}/v1/me?a=1" == answer.url
    canary.sweep(
        texts={
            "answer": repr(vars(answer)),
            "raw": repr(vars(answer.raw)),
            "log": caplog.text + ".",
        }
    )


def test_a_key_in_a_form_is_added_to_it(lent, api):
    """And to nothing else."""
    session = lent(param_type="body", param_name="key", param_prefix="").requests()
    session.post("/orders", data={"cake": "1"})

    assert api.seen[0].body.startswith(b"cake=1&key=CNRY-lent-token")
    assert str(len(api.seen[0].body)) == api.seen[0].headers["content-length"]
    with pytest.raises(InvalidInput, match="only a form"):
        session.get("/orders")


def test_what_the_broker_signs_is_signed(lent, api):
    """OAuth 1.0a works as with our own client."""
    from conn_core import Secret

    session = lent(signed_by="oauth1", access_token=Secret("")).requests()
    session.get("/me")

    assert "OAuth signed GET" == api.seen[0].headers["authorization"]
