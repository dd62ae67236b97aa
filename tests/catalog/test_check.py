"""What is said about records that are well-formed and still useless or dangerous."""

import copy

import pytest

from conn_core.catalog import problems_in, problems_of
from conn_core.errors import InvalidInput

GOOD = {
    "id": "acme-crm",
    "name": "Acme CRM",
    "description": "Read contacts and visits.",
    "category": "CRM",
    "authorization_endpoint": "https://login.acme.example/authorize",
    "token_endpoint": "https://login.acme.example/token",
    "default_scopes": ["contacts.read"],
    "scopes": [{"name": "contacts.read", "display_name": "Read contacts"}],
    "api_base_url": "https://{sub}.acme.example/v2",
    "api_hosts": ["{sub}.acme.example"],
    "test_path": "/me",
    "account_field": "email",
    "parameters": [
        {
            "name": "sub",
            "display_name": "Subdomain",
            "example": "north",
            "help": "The part before .acme.example",
        }
    ],
}
SUB = GOOD["parameters"][0]


def _with(**changes):
    record = copy.deepcopy(GOOD) | changes
    return {name: value for name, value in record.items() if value is not None}


def _sub(**changes):
    return _with(parameters=[SUB | changes])


def test_a_good_record_has_no_problems():
    """Nothing is said about a record that is in order."""
    assert [] == problems_of(GOOD)


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (_with(token_endpoint="http://login.acme.example/t"), "must begin with https"),
        (_with(tokenendpoint="x"), "tokenendpoint: Extra inputs are not permitted"),
        (_with(description="Great CRM!"), "description: must be one sentence"),
        (_with(description="One. Two."), "description: must be one sentence"),
        (_with(registration_help="Go!"), "no exclamation marks"),
        (_with(category=""), "category: is needed"),
        (_with(api_base_url="https://{sub}.acme.example/"), "must not end with /"),
        (_with(test_path=None), "account_field: is read from the answer of test_path"),
        (_with(default_scopes=["x"]), "default_scopes: must all be among the scopes"),
        (
            _with(scopes=[*GOOD["scopes"], *GOOD["scopes"]]),
            "scopes.1.name: is there twice",
        ),
        (_with(parameters=[]), "nothing fills the blank {sub}"),
        (_with(parameters=[SUB, SUB]), "parameters.1.name: is there twice"),
        (
            _with(parameters=[SUB, SUB | {"name": "more"}]),
            "parameters: more fills no blank",
        ),
        (_sub(example="North!"), "sub does not accept its own default, example"),
        (_sub(example=""), "sub needs an example"),
        (_sub(help=""), "sub needs a display_name and a help"),
        (_sub(pattern=".*"), "sub accepts what would change where an address leads"),
        (_sub(filled_by="answer"), "sub is filled by no fact of habits.answer.facts"),
        (_sub(filled_by="choice", values={"a": "b"}), "sub must follow a parameter"),
        (_with(api_hosts=["api.acme.example"]), "must cover the host of api_base_url"),
        (
            _with(api_base_url="https://{sub}.example", api_hosts=["{sub}.example"]),
            "sub decides the host {sub}.example",
        ),
        (
            _with(token_endpoint="https://login.acme.{sub}/token"),
            "sub decides the host login.acme.{sub}",
        ),
        (
            _with(api_headers={"X-Key": "{second_key}"}),
            "api_headers: nothing fills the blank {second_key}",
        ),
        (
            _with(grant_type="device_code"),
            "device_authorization_endpoint: is needed",
        ),
        (_with(auth_type="oauth1"), "request_token_endpoint: is needed"),
        (
            _with(habits={"renewal": {"first_exchange": {"grant_type": "long_lived"}}}),
            "exchange_endpoint: is needed",
        ),
        (
            _with(
                auth_type="basic",
                credential_fields=[{"name": "user", "display_name": "User"}],
            ),
            "user names are called username here",
        ),
    ],
)
def test_a_problem_is_said_in_words(record, problem):
    """Each mistake is named with the member that has it."""
    found = problems_of(record)

    assert any(problem in one for one in found), found


def test_a_choice_must_mean_something_for_every_follower():
    """A region without its host would leave a blank in the address."""
    region = SUB | {"name": "region", "choices": ["us", "eu"], "example": "us"}
    follower = {
        "name": "sub",
        "filled_by": "choice",
        "follows": "region",
        "values": {"us": "www"},
    }
    found = problems_of(_with(parameters=[region, follower]))
    right = follower | {"values": {"us": "www", "eu": "www-eu"}}

    assert any("must have a value for each choice of region" in one for one in found)
    assert [] == problems_of(_with(parameters=[region, right]))


def test_all_services_of_a_file_are_checked(catalog_file):
    """Each problem names its service, and two of one id are a problem."""
    path = catalog_file("acme-crm", "acme-crm", "acme-hr", category="")

    assert [
        "acme-crm: category: is needed, so that people find it",
        "acme-crm: there is another service of this id",
        "acme-crm: category: is needed, so that people find it",
        "acme-hr: category: is needed, so that people find it",
    ] == problems_in(path)


def test_a_file_that_is_none_is_an_error(tmp_path):
    """The file is named."""
    with pytest.raises(InvalidInput, match="cannot be read"):
        problems_in(tmp_path / "nowhere.toml")
