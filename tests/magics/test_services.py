"""``%conn service …``: services of one's own, in text and by options."""

import json
import tomllib

import pytest
from described_service import NEW

from conn_core.errors import (
    InvalidInput,
    ProviderUnavailable,
)

ACTIONS = ("show", "new", "edit", "delete", "export", "import", "register")


@pytest.mark.parametrize(
    ("consent", "token", "told"),
    [
        ("login.acme.example", "login.acme.example", ""),
        ("www.acme.co.uk", "t.acme.co.uk", ""),
        (
            "github.com",
            "acme.example",
            "at github.com, and codes and secrets go to acme",
        ),
        ("acme.github.io", "evil.github.io", "codes and secrets go to evil.github.io"),
    ],
)
def test_B8_a_borrowed_consent_page_is_told(terminal, consent, token, told):
    """Whoever describes the service, and whoever changes it, reads where codes go."""
    addresses = f"--authorize-url https://{consent}/a --token-url https://{token}/t"
    base = "--base-url https://api.acme.example/v2"
    made = repr(terminal(f'service new --name "Acme CRM" {base} {addresses}'))
    changed = repr(terminal('service edit acme-crm --description "Another one"'))

    for shown in (made, changed):
        assert told in " ".join(shown.split())
        assert bool(told) == ("Consent is asked for" in shown)


def test_service_alone_says_what_can_be_done(conn):
    """The actions, each with one line."""
    lines = repr(conn("service")).splitlines()
    assert [f"%conn service {action}" for action in ACTIONS] == [
        line.split("  ")[0] for line in lines[1:]
    ]


def test_show_says_all_there_is_to_know(conn):
    """Addresses, scopes, hosts, registration, and how many connections there are."""
    shown = repr(conn("service show coffee"))
    for words in (
        "Coffee House (coffee)",
        "predefined",
        "OAuth 2.0, authorization code",
        "https://auth.coffee.example/token",
        "beans.write",
        "read-only",
        "entered",
        "Run %conn new coffee",
    ):
        assert words in shown


def test_show_says_where_to_register(conn):
    """The redirect URL, to the letter, and the next command."""
    shown = repr(conn("service show milk"))
    assert "http://127.0.0.1:8888/connections/callback/milk" in shown
    assert "not entered yet" in shown
    assert shown.endswith("Run %conn service register milk, then %conn new milk")


def test_show_of_a_key_needs_no_registration(conn):
    """There is no client."""
    assert "Registration" not in repr(conn("service show herbs"))


def test_new_takes_every_option(terminal, broker, canary):
    """What was typed is what is kept; the secret is asked for unseen."""
    secret = canary("client-secret")
    options = (
        "--id acme --description Visits --category CRM --auth-type oauth2 "
        "--grant-type authorization_code --refresh-url https://auth.acme.example/refresh "
        "--revoke-url https://auth.acme.example/revoke "
        "--device-url https://auth.acme.example/code "
        "--pushed-url https://auth.acme.example/par "
        "--registration-url https://auth.acme.example/register "
        "--test-path /me --account-field email --docs-url https://acme.example/docs "
        "--param-type header --param-name X-Token --param-prefix Token "
        "--token-auth client_secret_post --scope-delimiter comma --no-pkce --login-user "
        "--host api.acme.example --host files.acme.example "
        '--scope "write=Change contacts" --read-only-scope "read=Read contacts" '
        "--default-scope read --client-id us"
    )
    said = terminal(f"{NEW} {options}", secrets=[secret])
    made = broker.service("acme")

    assert ["Client secret: "] == terminal.unseen
    assert secret == broker.registrations["acme"].client_secret.get_secret_value()
    assert ("Acme CRM", "Visits", "CRM") == (made.name, made.description, made.category)
    assert "https://auth.acme.example/refresh" == made.refresh_endpoint
    assert "https://auth.acme.example/revoke" == made.revocation_endpoint
    assert "https://auth.acme.example/code" == made.device_authorization_endpoint
    assert ("X-Token", "Token ", "header") == (
        made.param_name,
        made.param_prefix,
        made.param_type,
    )
    assert (",", False, True) == (
        made.scope_delimiter,
        made.pkce,
        made.use_login_user_credentials,
    )
    assert ("api.acme.example", "files.acme.example") == made.api_hosts
    assert [("write", "Change contacts", False), ("read", "Read contacts", True)] == [
        (s.name, s.display_name, s.read_only) for s in made.scopes
    ]
    assert ("read",) == made.default_scopes
    assert repr(said).endswith("Run %conn new acme")
    canary.sweep(texts={"said": repr(said) + said._repr_html_()})


def test_new_says_what_comes_next(terminal):
    """A client has to be registered first."""
    assert (
        "'acme-crm' is described: everybody here can connect to it\n"
        "Register this redirect URL there: "
        "http://127.0.0.1:8888/connections/callback/acme-crm\n"
        "Run %conn service register acme-crm"
    ) == repr(terminal(NEW))


def test_a_key_is_sent_as_the_form_would(terminal, broker):
    """Where nothing is said, in a header of the usual name."""
    line = (
        'service new --name "Acme key" --auth-type api_key --base-url https://a.example'
    )
    assert repr(terminal(line)).endswith("Run %conn new acme-key")
    made = broker.service("acme-key")
    assert ("X-API-Key", "") == (made.param_name, made.param_prefix)
    assert ("a.example",) == made.api_hosts


def test_blanks_in_addresses_are_asked_for(terminal, broker):
    """As in the form: people fill them when they connect."""
    terminal(
        "service new --name Shop --auth-type bearer "
        "--base-url https://{shop}.acme.example/v1"
    )
    assert ["shop"] == [each.name for each in broker.service("shop").parameters]


def test_an_issuer_fills_in_what_it_says(terminal, broker):
    """What is typed wins; what is not known is told."""
    said = terminal(
        'service new --name "Acme CRM" --issuer https://acme.example '
        "--base-url https://api.acme.example --token-url https://auth.acme.example/t2"
    )
    made = broker.service("acme-crm")
    assert "https://auth.acme.example/authorize" == made.authorization_endpoint
    assert "https://auth.acme.example/t2" == made.token_endpoint
    assert "The API base URL is not known." in repr(said)
    with pytest.raises(ProviderUnavailable):
        terminal("service new --name X --issuer https://elsewhere.example")


def test_a_document_fills_in_what_it_says(terminal, broker, tmp_path):
    """OpenAPI; the file is read here, not where the broker is."""
    document = tmp_path / "api.yaml"
    document.write_text("openapi: 3.1.0")
    terminal(
        f"service new --name Acme --base-url https://a.example --openapi {document}"
    )
    assert "https://auth.acme.example/token" == broker.service("acme").token_endpoint


def test_a_notebook_shows_the_form(notebook):
    """With what is known so far; nothing is stored before somebody presses a button."""
    assert notebook("service new --issuer https://acme.example") is None
    (form,) = notebook.shown
    assert "Create new service" in repr(form)


def test_a_notebook_describes_at_once_what_is_complete(notebook, broker):
    """And without a form where that is wanted."""
    notebook(NEW)
    assert "acme-crm" in broker._services
    with pytest.raises(InvalidInput, match="--base-url: is needed"):
        notebook("service new --name Other --no-widget")


def test_an_export_is_a_file_without_secrets(terminal, acme, broker, tmp_path, canary):
    """It can be imported again; the registration stays here."""
    secret = canary("client-secret")
    terminal(f"service register {acme} --client-id us", secrets=[secret])
    said = terminal(f"service export {acme}")
    (record,) = tomllib.loads(repr(said))["service"]
    assert ("acme-crm", "Acme CRM") == (record["id"], record["name"])
    file = tmp_path / "acme.toml"

    told = terminal(f"service export {acme} -o {file}")

    assert repr(said).strip() == file.read_text().strip()
    assert f"Elsewhere, run %conn service import {file}" in repr(told)
    terminal(f"service delete {acme} -y")
    assert repr(terminal(f"service import {file}")).endswith(f"service register {acme}")
    assert not broker.service(acme).registered
    canary.sweep([tmp_path], {"said": repr(said)})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("service import {folder}/none.toml", "none.toml cannot be read (No such file"),
        ("service import {folder}", "cannot be read (Is a directory)"),
        ("service import {folder}/bytes.toml", "cannot be read (it is no text)"),
        ("service new --openapi {folder}/none.yaml", "--openapi: none.yaml cannot"),
        ("service export coffee -o {folder}/no/x.toml", "--output: x.toml cannot be w"),
    ],
)
def test_files_that_cannot_be_used(terminal, tmp_path, line, said):
    """Which, and why; the folder is not told."""
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInput) as caught:
        terminal(line.format(folder=tmp_path))
    assert said in str(caught.value)
    assert str(tmp_path) + "/" not in str(caught.value)


def test_a_file_that_is_too_long_is_not_read_on(terminal, tmp_path, monkeypatch):
    """Nothing that describes a service is."""
    from conn_magics import _texts

    monkeypatch.setattr(_texts, "_LONGEST", 10)
    (tmp_path / "long.toml").write_text("x" * 11)
    with pytest.raises(InvalidInput, match="too long to describe a service"):
        terminal(f"service import {tmp_path / 'long.toml'}")


def test_a_script_may_leave_the_client_secret_out(conn, broker):
    """Nobody can be asked; the registration says what is missing."""
    conn(f"{NEW} --client-id us")
    assert broker.registrations["acme-crm"].client_secret is None


def test_a_client_without_a_secret_is_not_asked_for_one(terminal, broker):
    """PKCE alone proves who it is."""
    terminal(f"{NEW} --client-id us --token-auth none")
    assert [] == terminal.unseen
    assert "us" == broker.registrations["acme-crm"].client_id


def test_reading_verbs_answer_in_json(conn):
    """The service as REST gives it."""
    answer = conn("service show coffee --json")
    assert answer == json.loads(repr(answer))
    assert {"id", "registered", "redirect_uri", "connection_count"} <= answer.keys()
