"""Bad input: every field of every form, by what its type is.

What a form, the magics, the command line and REST send are the same drafts. Each wrong
value is told beside exactly its field, is not said again, and nothing is stored.
"""

import dataclasses
import types
import typing

import pytest
from pydantic import BaseModel

from conn_core import (
    ClientRegistration,
    ConnectionDraft,
    ConnectionEdit,
    ServiceDraft,
    read_draft,
)
from conn_core.errors import InvalidInput

TYPED = "CNRY-pasted-into-the-wrong-field"
LONG = TYPED + "x" * 100_000
#: Looks like a key of a known service, and is none.
A_KEY = "ghp_" + "CNRY0000" * 4
SERVICE = {
    "name": "Acme CRM",
    "authorization_endpoint": "https://login.acme.example/authorize",
    "token_endpoint": "https://login.acme.example/token",
    "scopes": [{"name": "contacts.read", "display_name": "Read contacts"}],
    "api_base_url": "https://api.acme.example/v2",
}
#: What is in order, and who takes it.
FORMS = {
    "ServiceDraft": (ServiceDraft, SERVICE, "create_service"),
    "ConnectionDraft": (ConnectionDraft, {"service": "expenses"}, "create"),
    "ConnectionEdit": (ConnectionEdit, {"name": "Mine"}, "edit"),
    "ClientRegistration": (ClientRegistration, {"client_id": "a"}, "register_client"),
}
FIELDS = [(form, name) for form in FORMS for name in FORMS[form][0].model_fields]


def wrong_values(hint):
    """Return values that no field of a type takes."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        kinds = [wrong_values(a) for a in arguments if a is not type(None)]
        return [value for values in kinds for value in values]
    if origin is typing.Annotated:
        return wrong_values(arguments[0])
    if origin is tuple:
        inner = wrong_values(arguments[0])
        return [TYPED, 7, {"a": TYPED}, *([value] for value in inner)]
    if origin is dict:
        return [TYPED, 7, [TYPED], *({"a": v} for v in wrong_values(arguments[1]))]
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return [TYPED, 7, {A_KEY: 1}]
    if hint is bool:
        return [TYPED, 7, [True], None]
    if hint is int:
        return [TYPED, 0.5, [TYPED], None]
    return [7, [TYPED], {TYPED: TYPED}, LONG]


def sent(broker, form, body):
    """Send a form as all faces do."""
    kind, _, method = FORMS[form]
    draft = read_draft(kind, body)
    before = {"edit": ("Expenses",), "register_client": ("expenses",)}
    return getattr(broker, method)(*before.get(method, ()), draft)


def everything(world):
    tables = ("services", "registrations", "connections", "shares", "credentials")
    return [world.sql(f"SELECT * FROM {table}") for table in (*tables, "events")]


@pytest.fixture
def broker(world):
    """A person with a connection to edit."""
    return world.created()


@pytest.mark.parametrize(("form", "name"), FIELDS)
def test_what_no_field_takes_is_told_beside_it(world, broker, form, name):
    """Of the wrong type, too long, of unknown members: each in words, and alone."""
    kind, body, _ = FORMS[form]
    hint = typing.get_type_hints(kind, include_extras=True)[name]
    before = everything(world)
    for value in wrong_values(hint):
        with pytest.raises(InvalidInput) as caught:
            sent(broker, form, body | {name: value})
        told = caught.value
        assert {name} == {field.split(".")[0] for field in told.fields}, value
        assert all(told.fields.values())
        assert told.message.startswith("Nothing was stored: ")
        assert "CNRY" not in repr(told.to_json()), value
    assert before == everything(world)


@pytest.mark.parametrize("form", FORMS)
def test_H19_what_is_no_member_is_refused(world, broker, form):
    """Whatever somebody would like to set."""
    before = everything(world)
    for name in ("owner", "group", "tokens", "is_admin", "__class__", A_KEY, LONG):
        with pytest.raises(InvalidInput) as caught:
            sent(broker, form, FORMS[form][1] | {name: TYPED})
        assert "CNRY" not in repr(caught.value.to_json())
    assert before == everything(world)


NAMED = ["ServiceDraft", "ConnectionDraft", "ConnectionEdit"]


@pytest.mark.parametrize("form", NAMED)
@pytest.mark.parametrize(
    ("value", "words"),
    [
        (A_KEY, "looks like a key"),
        ("xoxb-CNRY-1234", "looks like a key"),
        ("a\N{RIGHT-TO-LEFT OVERRIDE}b", "invisible"),
        ("a\N{ZERO WIDTH SPACE}b", "invisible"),
        ("a\x00b", "invisible"),
        ("\N{CYRILLIC CAPITAL LETTER A}cme", "alphabets"),
        ("n" * 201, "at most 200"),
    ],
    ids=[
        "N key",
        "N token",
        "I4 bidi",
        "I4 zero width",
        "I4 nul",
        "I3 alphabets",
        "long",
    ],
)
def test_a_name_that_misleads_is_told_beside_it(world, broker, form, value, words):
    """And a secret that was pasted into it is not said again."""
    before = everything(world)
    with pytest.raises(InvalidInput) as caught:
        sent(broker, form, FORMS[form][1] | {"name": value})
    assert words in caught.value.fields["name"]
    assert "CNRY" not in repr(caught.value.to_json())
    assert before == everything(world)


@pytest.mark.parametrize("form", NAMED)
@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>",
        '"><script>alert(1)</script>',
        "<button data-commandlinker-command=x>x</button>",
        "x{{7*7}}${7*7}",
        r"$$\href{javascript:alert(1)}{x}$$",
        "' OR 1=1--",
    ],
)
def test_N1_O1_a_script_in_a_name_is_the_text_it_is(broker, form, name):
    """Kept as it was typed; whoever shows it shows text."""
    made = sent(broker, form, FORMS[form][1] | {"name": name})
    assert name == made.name


ADDRESSES = [
    name
    for name in ServiceDraft.model_fields
    if name.endswith(("_endpoint", "_base_url")) or name == "issuer"
]


@pytest.mark.parametrize("name", ADDRESSES)
def test_E1_E22_every_address_is_checked(world, broker, name):
    """Plain http, odd schemes, inner networks, this machine, ports, passwords."""
    before = everything(world)
    for url in (
        "",
        " ",
        "http://api.acme.example",
        "ftp://api.acme.example",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "//api.acme.example",
        "https://",
        "https://user:CNRY@api.acme.example",
        "https://api.acme.example/#CNRY",
        "https://127.0.0.1/",
        "http://localhost:8888/",
        "https://2130706433/",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "https://metadata.google.internal/",
        "https://10.1.2.3/",
        "https://192.168.1.1/",
        "https://api.acme.example:22/",
        "https://аpi.acme.example/",  # noqa: RUF001 - it is meant to mislead
        "https://api.acme.example/ a",
        f"https://api.acme.example/{'x' * 3000}",
        f"https://api.acme.example/{A_KEY}",
    ):
        with pytest.raises(InvalidInput) as caught:
            sent(broker, "ServiceDraft", SERVICE | {name: url})
        assert name in caught.value.fields, url
        assert "CNRY" not in repr(caught.value.to_json()), url
    assert before == everything(world)


def test_E1_E9_a_link_to_documentation_is_one(world, broker):
    """People follow it: it may lead into their own network, and to no script."""
    before = everything(world)
    for url in (
        "",
        "http://docs.acme.example",
        "javascript:alert(1)",
        "data:text/html,CNRY",
        "https://user:CNRY@docs.acme.example",
    ):
        with pytest.raises(InvalidInput) as caught:
            sent(broker, "ServiceDraft", SERVICE | {"docs_url": url})
        assert {"docs_url"} == caught.value.fields.keys(), url
        assert "CNRY" not in repr(caught.value.to_json()), url
    assert before == everything(world)


def test_this_machine_has_three_spellings(world):
    """The hosts that follow from the base URL are written as hosts are."""
    settings = dataclasses.replace(world.settings, allow_loopback=True)
    broker = world.open(settings=settings).acting_as("sam")
    body = SERVICE | {"api_base_url": "http://[::1]:8000/v2"}
    assert ("[::1]:8000",) == sent(broker, "ServiceDraft", body).api_hosts
