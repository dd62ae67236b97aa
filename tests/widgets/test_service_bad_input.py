"""Bad input of a service: the error stands beside its field, and nothing is stored."""

import pytest

from conn_widgets import Field, ScopeRows, Segments, service_form

GOOD = {
    "Service name": "Visits",
    "Authorize URL": "https://login.acme.example/authorize",
    "Access token URL": "https://login.acme.example/token",
    "API base URL": "https://api.acme.example/v2",
}
URLS = [
    "Authorize URL",
    "Access token URL",
    "Refresh token URL",
    "Revoke URL",
    "Issuer",
    "API base URL",
    "Pushed authorization URL",
    "Client registration URL",
]
BAD_URLS = {
    "E1-http": ("http://login.acme.example/x", "https://"),
    "E3-scheme": ("javascript:alert(1)", "https://"),
    "E9-userinfo": ("https://good@evil.example/x", "user name or password"),
    "E11-fragment": ("https://login.acme.example/#x", "#"),
    "E14-number": ("https://2130706433/x", "public host"),
    "E21-metadata": ("https://169.254.169.254/x", "public host"),
    "E22-private": ("https://10.0.0.7/x", "public host"),
    "E24-homograph": ("https://g\u043eod.example/x", "ASCII"),
    "E27-long": (f"https://a.example/{'x' * 2100}", "2,048"),
    "no-address": ("see our wiki", "without blanks"),
}


@pytest.fixture
def form(hold, broker, wire):
    made = hold(service_form(broker))
    for label, text in GOOD.items():
        wire.type(made.of(Field, label=label), value=text)
    return made


@pytest.fixture
def refused(form, wire, broker):
    """Types something bad, submits, and returns what is said beside the field."""

    def submit(label, text):
        field = form.of(Field, label=label)
        wire.type(field, value=text)
        before = broker.services(limit=1).total
        form.press("Create service")
        assert before == broker.services(limit=1).total
        assert text == field.value
        assert "Create new service" in form.html()
        return field.error

    return submit


@pytest.mark.parametrize("label", URLS)
@pytest.mark.parametrize(("url", "words"), BAD_URLS.values(), ids=BAD_URLS)
def test_E_a_bad_address_is_refused_beside_its_field(refused, label, url, words):
    """Whatever is wrong, it says what is allowed."""
    assert words in refused(label, url)


@pytest.mark.parametrize("label", GOOD)
def test_what_is_needed_is_said_beside_its_field(refused, label):
    """Empty, or blanks only."""
    assert "Is needed." == refused(label, "  ")


@pytest.mark.parametrize(
    ("label", "text", "words"),
    [
        ("Service name", "x" * 201, "at most 200 characters"),
        ("Service name", "你好", "letters a-z"),
        ("Service name", "Vi\u200bsits", "invisible"),
        ("Service name", "V\u0456sits", "alphabets"),
        ("Service name", "ghp_0123456789abcdefghij", "key or a token"),
        ("Service name", "GitHub", "already"),
        ("What it is for", "x" * 401, "at most 400 characters"),
        ("What it is for", "xoxb-1-2-token", "key or a token"),
        ("Allowed hosts", "https://api.acme.example", "host"),
        ("Allowed hosts", "*.com", "two parts"),
        ("Allowed hosts", "api.acme.example, 127.1", "public host"),
        ("Test path", "me", "begin with /"),
        ("Name", "x" * 101, "at most 100 characters"),
        ("Text before it", "x" * 51, "at most 50 characters"),
        ("Client id", "x" * 501, "at most 500 characters"),
    ],
)
def test_a_bad_text_is_refused_beside_its_field(refused, label, text, words):
    """Too long, misleading, or not of its kind."""
    assert words in refused(label, text)


@pytest.mark.parametrize(
    ("rows", "number", "words"),
    [
        (["read", "read"], "1", "there twice"),
        (["a b"], "0", "characters that are not allowed"),
        (["ok", "", "x" * 501], "2", "at most 500 characters"),
    ],
)
def test_a_bad_scope_is_refused_in_its_row(form, wire, broker, rows, number, words):
    """Counted as the rows are seen, with the empty ones."""
    value = [{"name": n, "display_name": "", "read_only": False} for n in rows]
    wire.type(form.of(ScopeRows), value=value)

    form.press("Create service")

    assert [number] == list(form.of(ScopeRows).errors)
    assert words in form.of(ScopeRows).errors[number]
    assert value == form.of(ScopeRows).value


def test_a_scope_without_a_name_is_refused_in_its_row(form, wire):
    """A display name alone asks for nothing."""
    row = {"name": "", "display_name": "Contacts", "read_only": True}
    wire.type(form.of(ScopeRows), value=[row])

    form.press("Create service")

    assert "name that the service knows is needed" in form.of(ScopeRows).errors["0"]


def test_all_that_is_wrong_is_said_at_once(form, wire):
    """And a fold opens when something in it is wrong."""
    wire.type(form.of(Field, label="Service name"), value="GitHub")
    wire.type(form.of(Field, label="Revoke URL"), value="http://x.example")
    wire.type(form.of(Field, label="Client registration URL"), value="x")
    wire.type(form.of(Field, label="API base URL"), value="")

    form.press("Create service")

    wrong = {w.label for w in form.all() if isinstance(w, Field) and w.error}
    assert {
        "Service name",
        "Revoke URL",
        "Client registration URL",
        "API base URL",
    } == wrong
    assert form.stage.screen.layout._further.head.is_open
    assert form.stage.screen.layout._advanced.head.is_open


def test_what_is_mended_is_no_longer_wrong(form, wire, broker):
    """Errors go with the next attempt."""
    wire.type(form.of(Field, label="Test path"), value="me")
    form.press("Create service")
    wire.type(form.of(Field, label="Test path"), value="/me")

    form.press("Create service")

    assert "/me" == broker.service("visits").test_path


def test_N1_a_script_in_a_name_is_only_a_text(form, wire, broker):
    """It is kept as it was typed and shown escaped."""
    name = "<script>alert(1)</script>"
    wire.type(form.of(Field, label="Service name"), value=name)

    form.press("Create service")

    assert name == broker.service("script-alert-1-script").name
    assert "&lt;script&gt;" in form.html()
    assert "<script>" not in form.html()


def test_a_type_that_does_not_exist_changes_nothing(form, wire, broker):
    """A page that sends something else is refused by the description itself."""
    wire.type(form.of(Segments, label="Grant type"), value="implicit")

    form.press("Create service")

    assert form.of(Segments, label="Grant type").error
