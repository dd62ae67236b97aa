"""The shape of authentication types, the table, the driver, and what kernels load."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from scripted import NOW, Reply

import conn_core.auth
from conn_core import AccessToken, Secret
from conn_core._services import AuthType as Names
from conn_core.auth import TYPES, AuthType, Outgoing, TokenRequest, auth_type, drive
from conn_core.errors import ProviderUnavailable

FOLDER = Path(conn_core.auth.__file__).parent
SHAPE = sorted(name for name in vars(AuthType) if not name.startswith("_"))


def test_the_table_has_every_type():
    """And nothing else."""
    assert sorted(get_args(Names)) == sorted(TYPES)


@pytest.mark.parametrize("name", TYPES)
def test_each_type_has_the_shape(name):
    """One file and one class, which keeps nothing between two calls."""
    kind = auth_type(name)
    assert [] == [member for member in SHAPE if not hasattr(kind, member)]
    assert {} == vars(kind)
    assert kind is auth_type(name)


@pytest.mark.parametrize("name", TYPES)
def test_no_type_knows_another(name):
    """So that one can be added, or taken away, by its file and a line of the table."""
    others = {module for module, _ in TYPES.values()} - {TYPES[name][0]}
    tree = ast.parse((FOLDER / f"{TYPES[name][0]}.py").read_text())
    imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert set() == imported & others


def test_no_code_asks_who_a_provider_is():
    """Habits are data: no service's name or id is compared with anything."""
    compared = [
        ast.unparse(node)
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare)
        and any(w in ast.unparse(node) for w in ("service.id", "service.name"))
    ]
    assert [] == compared


def test_an_unknown_type_is_a_mistake():
    """Of the caller: services know only these."""
    with pytest.raises(KeyError):
        auth_type("saml")


def test_the_face_has_what_it_names():
    """And says so about anything else."""
    names = conn_core.auth.__all__
    assert (
        sorted(names, key=lambda n: (not n.isupper(), not n[0].isupper(), n)) == names
    )
    assert all(getattr(conn_core.auth, name) is not None for name in names)
    with pytest.raises(AttributeError, match="no attribute 'login'"):
        _ = conn_core.auth.login


def test_a_kernel_pays_for_nothing_that_it_does_not_use():
    """Putting a token into its place needs no validation, signing or OAuth library."""
    program = """
import sys
from conn_core import AccessToken, Secret
from conn_core.auth import Outgoing, apply
token = AccessToken(access_token=Secret("CNRY-token-for-a-kernel"))
sent = apply(token, Outgoing(method="GET", url="https://x.example/"), now=0.0)
assert "Bearer CNRY-token-for-a-kernel" == sent.headers["Authorization"]
heavy = {"authlib", "joserfc", "pydantic", "cryptography", "httpx", "requests"}
print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "[]" == done.stdout.strip()


def ask(url="https://login.desk.example/x", **more):
    usual = {"fields": {"a": "CNRY-field"}, "headers": {}, "secrets": ()}
    return TokenRequest(url=url, **usual | more)


@pytest.mark.parametrize(
    ("form", "address", "content_type", "content"),
    [
        ("form", "/x", "application/x-www-form-urlencoded", b"a=CNRY-field"),
        ("json", "/x", "application/json", b'{"a": "CNRY-field"}'),
        ("query", "/x?a=CNRY-field", "", b""),
    ],
)
def test_a_request_travels_in_its_form(form, address, content_type, content):
    """Address, media type and body; its repr shows no field."""
    request = ask(format=form)
    assert (f"https://login.desk.example{address}", content_type, content) == (
        request.address,
        request.content_type,
        request.content,
    )
    assert "CNRY" not in repr(request)


def test_a_request_without_fields_keeps_its_address():
    """No question mark for nothing."""
    assert (
        "https://x.example/a"
        == ask("https://x.example/a", fields={}, format="query").address
    )


def test_the_driver_sends_and_returns(pure):
    """Each answer goes to where its question came from."""

    def steps():
        first = yield ask()
        second = yield ask()
        return first.status, second.status

    pure.plays(Reply(status=201), Reply(status=202))
    assert (201, 202) == drive(steps(), pure.send, clock=lambda: NOW)


def test_the_driver_lets_a_type_mend_what_it_can(pure):
    """An error inside a type is the type's own."""

    def steps():
        answer = yield ask()
        if answer.status == 500:
            answer = yield ask()
        return answer.status

    pure.plays(Reply(status=500), Reply())
    assert 200 == drive(steps(), pure.send, clock=lambda: NOW)


def test_the_wait_of_an_earlier_answer_is_not_that_of_a_failure(pure):
    """A connection that breaks asks for nothing."""

    def send(_, answers=[]):  # noqa: B006 - counts the calls
        answers.append(1)
        if len(answers) == 2:
            raise ProviderUnavailable("login.desk.example cannot be reached")
        return pure.send(ask())

    def steps():
        yield ask()
        yield ask()

    pure.plays(Reply(headers={"retry-after": "120"}))
    with pytest.raises(ProviderUnavailable) as caught:
        drive(steps(), send, clock=lambda: NOW)
    assert caught.value.retry_after is None


def test_lent_secrets_survive_the_journey_to_a_kernel():
    """``to_json`` leaves them out, the token endpoint adds them."""
    token = AccessToken(
        access_token=Secret("CNRY-one"), further_secrets=Secret('{"a": "CNRY-two"}')
    )
    assert "CNRY" not in str(token.to_json())
    assert token == AccessToken.from_json(token.to_json() | token.secrets_to_json())
    plain = AccessToken(access_token=Secret("CNRY-one"))
    assert {"access_token": "CNRY-one"} == plain.secrets_to_json()
    assert plain == AccessToken.from_json(plain.to_json() | plain.secrets_to_json())


def test_a_placed_credential_does_not_show(canary):
    """Debuggers and error reporters print requests."""
    request = Outgoing(
        method="POST",
        url=f"https://x.example/?k={canary('in-the-query')}",
        headers={"Authorization": canary("in-a-header")},
        body=canary("in-the-body").encode(),
    )
    canary.sweep(texts={"request": repr(request)})
