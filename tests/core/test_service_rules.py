"""What people may not say about a service, and beside which field they are told."""

import pytest

from conn_core import ServiceDraft, read_draft
from conn_core.catalog import Catalog, problems_by_field
from conn_core.errors import InvalidInput

OAUTH = {
    "name": "Acme CRM",
    "authorization_endpoint": "https://login.acme.example/authorize",
    "token_endpoint": "https://login.acme.example/token",
    "scopes": [{"name": "contacts.read", "display_name": "Read contacts"}],
    "api_base_url": "https://api.acme.example/v2",
}
KEY = {
    "name": "Acme CRM",
    "auth_type": "api_key",
    "param_name": "X-Api-Key",
    "api_base_url": "https://api.acme.example/v2",
}
DEVICE = OAUTH | {"grant_type": "device_code", "authorization_endpoint": None}
ITSELF = OAUTH | {"grant_type": "client_credentials", "authorization_endpoint": None}
#: Looks like keys of known services, and is none.
A_KEY = "ghp_" + "CNRY0000" * 4


@pytest.mark.parametrize("body", [OAUTH, KEY, ITSELF], ids=["oauth2", "key", "itself"])
def test_a_description_in_order_is_stored(world, body):
    """What the forms ask for is enough."""
    made = world.broker().create_service(read_draft(ServiceDraft, body))
    assert ("acme-crm", "sam") == (made.id, made.owner)
    assert ("api.acme.example",) == made.api_hosts


def test_nothing_is_said_about_services_that_ship():
    """Rules that real services break would be wrong."""
    catalog = Catalog()
    found = {
        service_id: list(problems_by_field(catalog.get(service_id)).items())
        for service_id in catalog.ids()
    }
    assert {} == {service_id: told for service_id, told in found.items() if told}


# --- empty, too long, of the wrong kind ----------------------------------------------


_WRONG = [
    (OAUTH | {"name": " "}, "name", "must not be empty"),
    (OAUTH | {"name": "n" * 201}, "name", "at most 200 characters"),
    (OAUTH | {"name": "分析"}, "name", "must hold letters a-z"),
    (OAUTH | {"name": 5}, "name", "input should be a valid string"),
    (OAUTH | {"name": "New"}, "id", "is a word of ours"),
    (OAUTH | {"id": "Acme CRM"}, "id", "characters that are not allowed"),
    (OAUTH | {"description": "d" * 401}, "description", "at most 400"),
    (OAUTH | {"category": "c" * 101}, "category", "at most 100"),
    (OAUTH | {"auth_type": "telepathy"}, "auth_type", "should be 'oauth2'"),
    (OAUTH | {"grant_type": "implicit"}, "grant_type", "should be 'auth"),
    (OAUTH | {"param_type": "cookie"}, "param_type", "'header', 'query'"),
    (OAUTH | {"token_endpoint": ""}, "token_endpoint", "begin with https"),
    (OAUTH | {"token_endpoint": None}, "token_endpoint", "is needed"),
    (
        OAUTH | {"authorization_endpoint": None},
        "authorization_endpoint",
        "is needed",
    ),
    (DEVICE, "device_authorization_endpoint", "is needed"),
    (
        OAUTH | {"auth_type": "oauth1"},
        "request_token_endpoint",
        "is needed for OAuth 1.0a",
    ),
    (KEY | {"auth_type": "aws_sigv4"}, "signing_name", "is needed for AWS"),
    (KEY | {"api_base_url": ""}, "api_base_url", "begin with https"),
    (KEY | {"api_base_url": None}, "api_base_url", "valid string"),
    (KEY | {"param_name": ""}, "param_name", "must not be empty"),
    (OAUTH | {"scopes": [{"name": ""}]}, "scopes.0.name", "must not be empty"),
    (OAUTH | {"scopes": [{"name": "a b"}]}, "scopes.0.name", "not allowed here"),
    (OAUTH | {"scopes": [{"name": "é"}]}, "scopes.0.name", "plain characters"),
    (
        OAUTH | {"scopes": [{"name": f"s{n}"} for n in range(501)]},
        "scopes",
        "at most 500",
    ),
    (OAUTH | {"scope_delimiter": ""}, "scope_delimiter", "must not be empty"),
    (OAUTH | {"scope_delimiter": "and"}, "scope_delimiter", "must be a sign"),
    (OAUTH | {"scope_delimiter": "."}, "scopes.0.name", "the scope delimiter"),
    (OAUTH | {"test_path": "me"}, "test_path", "must begin with /"),
    (OAUTH | {"test_path": "//evil.example"}, "test_path", "a path such as /me"),
    (OAUTH | {"test_path": "/a b"}, "test_path", "a path such as /me"),
    (OAUTH | {"test_path": "/a#b"}, "test_path", "a path such as /me"),
    (OAUTH | {"account_field": "email"}, "account_field", "test_path"),
    (OAUTH | {"client_secret": "CNRY-only-1f"}, "client_id", "is needed beside"),
    (OAUTH | {"client_id": "a\nb"}, "client_id", "plain characters"),
    (OAUTH | {"owner": "eve"}, "owner", "cannot be set"),
    (OAUTH | {"tokens": "x"}, "tokens", "is not known here"),
    ("Acme CRM", "service", "should be a valid dictionary"),
    (KEY | {"api_base_url": "https://[::1/"}, "api_base_url", "an address such as"),
    (KEY | {"api_base_url": 5}, "api_base_url", "valid string"),
    (KEY | {"api_hosts": "api.acme.example"}, "api_hosts", "valid tuple"),
    (
        ITSELF | {"use_login_user_credentials": True},
        "use_login_user_credentials",
        "nobody logs in",
    ),
    (
        ITSELF | {"token_endpoint_auth_method": "none"},
        "token_endpoint_auth_method",
        "must not be none",
    ),
]


@pytest.mark.parametrize(("body", "field", "words"), _WRONG)
def test_H19_each_field_says_what_is_allowed(told, body, field, words):
    """Beside the field, and nothing is stored."""
    assert words in told(body)[field]


def test_several_mistakes_are_told_at_once_and_nothing_is_stored(world):
    """Nobody mends one to be told the next."""
    broker = world.broker()
    wrong = {
        "scopes": [{"name": "a"}, {"name": "a"}],
        "docs_url": "javascript:alert(1)",
        "test_path": "/a b",
        "api_hosts": ["other.example"],
    }
    with pytest.raises(InvalidInput) as caught:
        broker.create_service(read_draft(ServiceDraft, OAUTH | wrong))
    at_fault = {"scopes.1.name", "docs_url", "test_path", "api_hosts"}
    assert at_fault == set(caught.value.fields)
    for table in ("services", "registrations", "events"):
        assert [] == world.sql(f"SELECT * FROM {table}")


# --- twice ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scopes": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}, "scopes.2.name"),
        ({"api_hosts": ["api.acme.example", "api.acme.example"]}, "api_hosts"),
        (
            {"credential_fields": [{"name": "key"}, {"name": "key"}]},
            "credential_fields.1.name",
        ),
        ({"parameters": [{"name": "sub"}, {"name": "sub"}]}, "parameters.1.name"),
    ],
)
def test_what_is_there_twice_is_told(told, changes, field):
    """The second of them."""
    assert "twice" in told(OAUTH | changes)[field]


def test_usual_scopes_are_among_the_scopes(told):
    """Nobody could untick what is not shown."""
    fields = told(OAUTH | {"default_scopes": ["contacts.write"]})
    assert {"default_scopes": "must all be among the scopes"} == fields


# --- places --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Host", "Cookie", "content-length", "X Key", "X:Key"])
def test_a_credential_is_not_put_where_requests_are_decided(told, name):
    """Nor where no header has its name."""
    assert "param_name" in told(KEY | {"param_name": name})


@pytest.mark.parametrize(
    ("changes", "prefix"),
    [
        ({"param_name": "X-Api-Key"}, ""),
        ({"param_type": "query", "param_name": "key"}, ""),
        ({"param_name": "Authorization"}, "Bearer "),
        ({"param_name": "X-Api-Key", "param_prefix": "Key "}, "Key "),
    ],
)
def test_a_key_in_a_place_of_its_own_is_sent_as_it_is(world, changes, prefix):
    """Unless somebody says what stands before it."""
    made = world.broker().create_service(read_draft(ServiceDraft, KEY | changes))
    assert prefix == made.param_prefix


def test_the_base_url_may_end_as_people_copy_it(world):
    """Paths begin with the slash."""
    body = KEY | {"api_base_url": "https://api.acme.example/v2/"}
    made = world.broker().create_service(read_draft(ServiceDraft, body))
    assert "https://api.acme.example/v2" == made.api_base_url


# --- what people read ----------------------------------------------------------------

_READ = [
    ("name", lambda text: {"name": text}),
    ("description", lambda text: {"description": text}),
    ("category", lambda text: {"category": text}),
    ("registration_help", lambda text: {"registration_help": text}),
    (
        "scopes.0.display_name",
        lambda text: {"scopes": [{"name": "a", "display_name": text}]},
    ),
    (
        "credential_fields.0.display_name",
        lambda text: {"credential_fields": [{"name": "key", "display_name": text}]},
    ),
]


@pytest.mark.parametrize(("field", "with_text"), _READ, ids=[f for f, _ in _READ])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\N{RIGHT-TO-LEFT OVERRIDE}b", "invisible"),
        ("a\N{ZERO WIDTH SPACE}b", "invisible"),
        ("\u0410cme", "alphabets"),
        (A_KEY, "looks like a key"),
        ("xoxb-CNRY-1234", "looks like a key"),
        ("AKIACNRY0000CNRY0000", "looks like a key"),
        ("sk-proj-CNRY", "looks like a key"),
    ],
    ids=["bidi", "zero width", "alphabets", "github", "slack", "aws", "openai"],
)
def test_I4_what_people_read_is_what_is_there(told, field, with_text, text, words):
    """And no secret that was pasted into the wrong field."""
    assert words in told(OAUTH | with_text(text))[field]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("scopes.0.name", {"scopes": [{"name": A_KEY}]}),
        ("param_prefix", {"param_prefix": A_KEY}),
        ("param_name", {"param_name": A_KEY}),
        ("test_path", {"test_path": f"/me?key=a1b2{A_KEY[4:]}c3d4"}),
        ("api_headers", {"api_headers": {"X-Key": A_KEY}}),
        ("api_query", {"api_query": {"key": A_KEY}}),
        ("authorization_parameters", {"authorization_parameters": {"key": A_KEY}}),
        ("token_endpoint", {"token_endpoint": f"https://x.example/{A_KEY}"}),
    ],
)
def test_K20_a_secret_is_not_part_of_a_description(told, field, changes):
    """Everybody here would see it; it is not said again either."""
    assert "looks like a key" in told(OAUTH | changes)[field]


@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>",
        '"><script>alert(1)</script>',
        "<a href=javascript:alert(1)>a</a>",
        "x{{7*7}}${7*7}",
        r"$$\href{javascript:alert(1)}{x}$$",
        "' OR 1=1--",
        "100% _a_",
    ],
)
def test_N1_markup_in_a_name_is_kept_as_the_text_it_is(world, name):
    """Whoever shows it shows text; it is found by the letters it has."""
    broker = world.broker()
    made = broker.create_service(read_draft(ServiceDraft, OAUTH | {"name": name}))
    assert name == made.name
    assert [made.id] == [s.id for s in broker.services(name, predefined=False).items]
