"""What a kernel was lent is taken out of its messages: which spellings, and nothing else."""

import base64
import html
import json
import pickle
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from jupyter_client.session import Session

from conn_core import AccessToken, Secret
from conn_magics._holder import Holder
from conn_magics._lent import Lent
from conn_magics._masking import Masking, WatchedBroker

ODD = "+/=\"'<\\ü"
#: How outputs write a secret.
WAYS = {
    "plain": lambda key: key,
    "header": lambda key: f"Authorization: Bearer {key}, and so on",
    "address": lambda key: f"https://x.example/?key={quote(key, safe='')}&page=1",
    "repr": repr,
    "repr of more": lambda key: repr({"key": [key]}),
    "JSON": lambda key: json.dumps({"key": key}),
    "JSON as it is": lambda key: json.dumps({"key": key}, ensure_ascii=False),
    "HTML": html.escape,
    "colours around": lambda key: f"\x1b[31m{key}\x1b[0m\n{key}",
}


class Kernel:
    """A kernel as far as its outputs go: a real session, and a socket that keeps."""

    def __init__(self, key):
        self.session = Session(key=key.encode())
        self.iopub_socket = SimpleNamespace(send_multipart=self._keep)
        self._reader = Session(key=key.encode())
        self.messages = []

    def _keep(self, parts, **_):
        _, rest = self._reader.feed_identities(parts)
        self.messages.append(self._reader.deserialize(rest))  # checks the signature

    def say(self, content, *, kind="stream", cell="one"):
        """Send a message; return what came of it, the notes before it included."""
        before = len(self.messages)
        parent = {"msg_id": cell, "msg_type": "execute_request"}
        self.session.send(self.iopub_socket, kind, content, parent=parent)
        return [message["content"] for message in self.messages[before:]]

    def print(self, text, **more):
        return self.say({"name": "stdout", "text": text}, **more)


@pytest.fixture
def kernel(shell, canary):
    """The kernel that runs here."""
    shell.kernel = Kernel(canary("of-the-session"))
    yield shell.kernel
    del shell.kernel


@pytest.fixture
def masking():
    """What stands before its session."""
    masking = Masking()
    yield masking
    masking.end()


def lent(secret, name="garden", **more):
    return AccessToken(access_token=Secret(secret), link_name=name, **more)


@pytest.fixture
def key(canary, masking, kernel):
    """A key that was lent."""
    key = canary("api-key")
    masking.keep(lent(key))
    return key


def _said(text):
    return json.dumps({"text": text}, ensure_ascii=False).encode()  # as sessions do


def _text_of(message):
    return json.loads(message)["text"]


# --- what is found ------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("odd", ["", ODD])
def test_K27_it_is_found_as_outputs_write_it(way, odd, canary):
    """Plain, in a header, in a URL, in reprs, in JSON and in HTML, whatever is in it."""
    key = canary("api-key") + odd
    held, written = Lent(), WAYS[way]
    held.add(lent(key))

    message, names = held.taken_out(_said(written(key)))

    assert {"garden"} == names
    expected = written("[redacted]").replace(quote("[redacted]"), "[redacted]")
    assert expected == _text_of(message)
    canary.sweep(texts={"message": message})


def test_K27_the_repr_of_bytes_is_found(canary):
    """Of what is plain ASCII, as tokens are."""
    key = canary("api-key") + "+/="
    held = Lent()
    held.add(lent(key))
    message, _ = held.taken_out(_said(repr(f"Bearer {key}".encode())))
    assert "b'Bearer [redacted]'" == _text_of(message)


def test_K27_all_that_is_a_string_is_looked_through(canary):
    """Names of members too, however deep; numbers stay numbers, and JSON stays JSON."""
    key, digits = canary("api-key"), "12345678901"
    held = Lent()
    held.add(lent(key))
    held.add(lent(digits, "desk"))
    deep = {"n": int(digits), "t": digits, "ü\ud800": [True, None, 1.5], key: {key: []}}
    for _ in range(200):
        deep = {"in": [deep]}

    message, names = held.taken_out(json.dumps(deep).encode())

    found = json.loads(message)
    for _ in range(200):
        (found,) = found["in"]
    assert {"garden", "desk"} == names
    assert found == {
        "n": int(digits),
        "t": "[redacted]",
        "ü\ud800": [True, None, 1.5],
        "[redacted]": {"[redacted]": []},
    }


def test_K27_what_only_looks_like_one_stays(canary):
    """A line end is written as n: that n is no beginning of a secret."""
    end = canary("api-key")
    held = Lent()
    held.add(lent("n" + end))
    said = _said(f"a line\n{end}")
    assert f"\\n{end}".encode() in said
    message, names = held.taken_out(said)
    assert (f"a line\n{end}", frozenset()) == (_text_of(message), names)


@pytest.mark.parametrize("short", ["", "a", "secret7"])
def test_K29_a_short_one_hides_nothing(short):
    """It could be any word."""
    held = Lent()
    held.add(lent(short))
    said = _said(f"a {short} or another: secret7")
    assert (said, frozenset()) == held.taken_out(said)


def test_K27_all_that_belongs_to_a_credential_is_found(canary):
    """Further keys, the password of a pair, and the pair itself."""
    further, password = canary("second-key"), canary("password")
    held = Lent()
    held.add(
        lent(canary("first"), further_secrets=Secret(json.dumps({"two": further})))
    )
    pair = base64.b64encode(f"priya:{password}".encode()).decode()
    canary.watch(pair, "pair")
    held.add(lent(pair, "desk", param_prefix="Basic "))

    said = f"priya {further} {password} Basic {pair}"
    message, names = held.taken_out(_said(said))

    assert "priya [redacted] [redacted] Basic [redacted]" == _text_of(message)
    assert {"garden", "desk"} == names
    canary.sweep(texts={"message": message})


@pytest.mark.parametrize("password", ["", "X"])
def test_K27_a_key_in_the_place_of_a_name_is_found(password, canary):
    """Some services take it so."""
    key = canary("key")
    held = Lent()
    pair = base64.b64encode(f"{key}:{password}".encode()).decode()
    held.add(lent(pair, param_prefix="Basic "))
    assert "[redacted]" == _text_of(held.taken_out(_said(key))[0])


def test_a_pair_that_is_none_is_looked_for_as_it_is(canary):
    """An adapter of somebody else's may lend anything."""
    pair = canary("no-pair")
    held = Lent()
    held.add(lent(pair, param_prefix="Basic "))
    assert "Basic [redacted]" == _text_of(held.taken_out(_said(f"Basic {pair}"))[0])


def test_K27_a_longer_one_is_taken_out_first(canary):
    """One credential may begin with another."""
    short = canary("key")
    held = Lent()
    held.add(lent(short))
    held.add(lent(f"{short}-and-more", "desk"))
    message, names = held.taken_out(_said(f"{short}-and-more"))
    assert ("[redacted]", {"desk"}) == (_text_of(message), names)


def test_K27_those_of_before_a_renewal_are_found_too(canary):
    """The last four of each connection: a variable may still hold one."""
    held, keys = Lent(), [canary(f"key-{n}") for n in range(5)]
    for key in keys:
        held.add(lent(key))
        held.add(lent(key))
    said = [_text_of(held.taken_out(_said(key))[0]) for key in keys]
    assert [keys[0], *["[redacted]"] * 4] == said


def test_an_ordinary_token_costs_one_search_a_message(canary):
    """Only what has odd letters in it is written in several ways."""
    held = Lent()
    held.add(lent(canary("access-token")))
    held.add(lent(canary("other-token") + "._~", "desk"))
    assert 2 == len(held._spellings)
    held.add(lent(canary("odd") + "/+", "bed"))
    assert 4 == len(held._spellings)


# --- the kernel's messages ----------------------------------------------------------------


def test_K27_it_is_taken_out_of_every_message(key, kernel, canary):
    """What is printed, shown, raised and kept by a widget; the signature fits."""
    kernel.print(f"it is {key}\n")
    assert "it is [redacted]\n" == kernel.messages[-1]["content"]["text"]
    kernel.say({"data": {"text/html": f"<b>{key}</b>"}}, kind="display_data")
    kernel.say({"evalue": key, "traceback": [key]}, kind="error")
    kernel.say({"data": {"state": {"value": key}}}, kind="comm_msg")
    kernel.say({"data": {"text/plain": repr(key)}}, kind="inspect_reply")
    texts = {str(n): json.dumps(m["content"]) for n, m in enumerate(kernel.messages)}
    assert 5 == sum("[redacted]" in t and "Note" not in t for t in texts.values())
    canary.sweep(texts=texts)


def test_K27_the_person_is_told_once_a_cell(key, masking, kernel, canary):
    """Of each connection, with what to write instead, in the cell that it was in."""
    masking.keep(lent(second := canary("token"), "desk"))
    note, _ = kernel.print(key)
    assert note == {
        "name": "stderr",
        "text": (
            "Note: [redacted] stands where this cell shows the credential of 'garden', "
            "because outputs are saved.\nUse cm.connect('garden'), or write reveal() into "
            "the call that needs it\n"
        ),
    }
    assert "one" == kernel.messages[-2]["parent_header"]["msg_id"]
    assert [1, 2, 1] == [len(kernel.print(t)) for t in (key, second, second)]
    assert 3 == len(kernel.print(key + second, cell="another"))


def test_what_is_told_is_not_remembered_for_ever(key, kernel):
    """A kernel may live for weeks."""
    for number in range(1_002):
        assert 2 == len(kernel.print(key, cell=f"{number}"))
    assert 2 == len(kernel.print(key, cell="0"))


def test_K27_a_credential_in_the_cell_itself_is_told_and_stays(key, kernel):
    """The cell is the person's own, and the front end has it already."""
    note, same = kernel.say({"code": f"key = '{key}'"}, kind="execute_input")
    assert {"code": f"key = '{key}'"} == same
    assert "is written in this cell, and is saved with it" in note["text"]


def test_where_nothing_was_lent_nothing_is_done(masking, kernel):
    """Nor for a sealed connection. The session is what it was: nothing is paid for."""
    masking.keep(lent("", exposure="sealed"))
    assert "serialize" not in vars(kernel.session)
    assert 1 == len(kernel.print("CNRY-anything"))


@pytest.mark.parametrize("no", ["0", "false", "No", "off"])
def test_the_setting_switches_it_off(no, masking, kernel, canary, monkeypatch):
    """For a page that must have the key, such as a map's."""
    monkeypatch.setenv("JUPYTER_CONNECTIONS_MASK_OUTPUTS", no)
    masking.keep(lent(key := canary("api-key")))
    assert [{"name": "stdout", "text": key}] == kernel.print(key)


def test_afterwards_the_session_is_what_it_was(key, masking, kernel):
    """And what was lent is forgotten; the next use begins again."""
    masking.end()
    assert "serialize" not in vars(kernel.session)
    assert [key] == [content["text"] for content in kernel.print(key)]
    masking.end()
    masking.keep(lent(key))
    assert "[redacted]" == kernel.print(key)[-1]["text"]


def test_somebody_else_who_stands_before_the_session_is_left_there(
    key, masking, kernel
):
    """They go on calling us, and we do nothing, until something is lent."""
    ours, calls = kernel.session.serialize, []

    def theirs(message, ident=None):
        calls.append(message)
        return ours(message, ident)

    kernel.session.serialize = theirs
    masking.end()
    assert [key] == [content["text"] for content in kernel.print(key)]
    masking.keep(lent(key))
    assert "[redacted]" == kernel.print(key)[-1]["text"]
    assert theirs is kernel.session.serialize
    assert 3 == len(calls)


def test_where_no_kernel_is_nothing_is_kept(shell, masking, canary):
    """IPython at a terminal saves no outputs; a plain program has none."""
    masking.keep(lent(canary("api-key")))
    shell.kernel = SimpleNamespace(_allow_stdin=True)
    masking.keep(lent(canary("api-key")))
    del shell.kernel
    assert {} == masking._lent._kept


# --- where it comes from ------------------------------------------------------------------


def test_K27_whatever_a_broker_lends_here_is_kept_out(shell, kernel, canary):
    """By the broker that was found; what else it does is passed on."""
    key = canary("api-key")
    real = SimpleNamespace(
        access_token=lambda name, **_: lent(key, name), status=lambda: "as ever"
    )
    broker = Holder(find=lambda: SimpleNamespace(broker=real)).broker
    assert key == broker.access_token("garden").access_token.reveal()
    assert "as ever" == broker.status()
    assert "[redacted]" == kernel.print(key)[-1]["text"]
    shell.run_line_magic("unload_ext", "conn_magics")
    assert [key] == [content["text"] for content in kernel.print(key)]


def test_K1_K10_what_keeps_it_shows_and_pickles_nothing(key, masking, canary):
    """No repr, no copy in another process, no name among the person's own."""
    shown = {"masking": repr(masking), "held": repr(vars(masking._lent))}
    shown["spellings"] = repr(masking._lent._spellings)
    shown["broker"] = repr(WatchedBroker(SimpleNamespace()))
    assert len(shown) == canary.sweep(texts=shown)
    for each in (masking, masking._lent, masking._lent._spellings):
        with pytest.raises(TypeError):
            pickle.dumps(each)
