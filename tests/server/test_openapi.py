"""The OpenAPI document: all of REST, and nothing else."""

import json
import re

import pytest
import yaml
from jupyter_server.auth.authorizer import Authorizer
from openapi_spec_validator import OpenAPIV31SpecValidator

from conn_core.errors import ERRORS_BY_CODE
from conn_serverext import _routes
from conn_serverext.openapi import document, document_text
from conn_serverext.openapi._operations import OPERATIONS

PATH = "api/v1/openapi.yaml"


@pytest.fixture(scope="module")
def described():
    """The document."""
    return document("/connections")


def _all_operations(described):
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path.removeprefix("/"), operation


def test_every_route_and_method_is_described(described):
    """The route table and the document know the same; pages are no REST."""
    table = {
        (method, pattern)
        for pattern, handler in _routes.ROUTES
        if pattern.startswith("api/v1/")
        for method in handler.SUPPORTED_METHODS
    }

    found = {
        (method, pattern)
        for method, path, _ in _all_operations(described)
        for pattern, handler in _routes.ROUTES
        if re.fullmatch(pattern, path) and method in handler.SUPPORTED_METHODS
    }

    assert table == found
    assert len(OPERATIONS) == len(list(_all_operations(described)))


def test_nothing_is_described_that_is_not_there(described):
    """A row of the table of operations without a route is a mistake."""
    there = {
        f"{method} {path.removeprefix('api/v1/')}"
        for method, path, _ in _all_operations(described)
    }

    assert set(OPERATIONS) == there


def test_the_document_is_one(described):
    """As the specification's own schema sees it."""
    OpenAPIV31SpecValidator(described).validate()


def test_every_operation_says_what_it_does(described):
    """A sentence each, which permission, and an id of its own."""
    every = [operation for _, _, operation in _all_operations(described)]

    assert all(len(operation["summary"]) > 10 for operation in every)
    assert all("permission `" in operation["description"] for operation in every)
    assert len(every) == len({operation["operationId"] for operation in every})


def test_every_error_has_its_place(described):
    """Each code stands with the status that it comes with."""
    told = {
        code
        for refusal in described["components"]["responses"].values()
        for code in re.findall(r"`(\w+)`", refusal["description"].partition("Codes")[2])
    }

    assert set(ERRORS_BY_CODE) <= told
    assert told <= set(
        described["components"]["schemas"]["Error"]["properties"]["code"]["enum"]
    )


def test_what_only_we_answer_cannot_be_sent(described):
    """A description of a service has no owner and no version, the answer has both."""
    schemas = described["components"]["schemas"]

    assert set() == {"owner", "version", "registered"} & set(
        schemas["ServiceDraft"]["properties"]
    )
    assert {"owner", "version", "registered"} <= set(schemas["Service"]["required"])
    assert ["name", "api_base_url"] == schemas["ServiceDraft"]["required"]


def test_secrets_are_write_only(described):
    """No answer has one, but that of the one address which is for it."""
    schemas = described["components"]["schemas"]
    secret = [
        (name, member)
        for name, schema in schemas.items()
        for member, told in schema.get("properties", {}).items()
        if "writeOnly" in json.dumps(told)
    ]

    assert {
        ("AuthorizationDraft", "secret"),
        ("ClientRegistration", "client_secret"),
        ("ConnectionDraft", "secret"),
        ("ServiceDraft", "client_secret"),
    } == set(secret)
    # Of a sealed connection the answer has none.
    assert "access_token" in schemas["AccessToken"]["properties"]
    assert "access_token" not in schemas["AccessToken"]["required"]
    assert "exposure" in schemas["AccessToken"]["required"]


def test_members_are_explained_as_in_the_code(described):
    """What a docstring says of a member stands beside it, once."""
    connection = described["components"]["schemas"]["Connection"]

    assert (
        "A named use of a service, as the asking person sees it."
        == (connection["description"])
    )
    assert connection["properties"]["expires_at"]["description"].endswith(
        "A token that can be refreshed does not end the authorization."
    )


def test_the_text_is_the_document(described):
    """YAML that reads as the same, without references that people would have to follow."""
    text = document_text("/connections")

    assert described == yaml.safe_load(text)
    assert "&id0" not in text


async def test_the_server_gives_it_to_who_may_read(kernel, root):
    """With the addresses of this very server."""
    answer = await kernel("GET", PATH)

    assert (200, "application/yaml") == (answer.code, answer.headers["Content-Type"])
    found = yaml.safe_load(answer.text)
    assert [{"url": root.rstrip("/")}] == found["servers"]


async def test_D18_who_may_not_read_gets_none(fetch, jp_web_app, kernel_header):
    """It is no secret, but a server may be shut to some altogether."""

    class Shut(Authorizer):
        def is_authorized(self, handler, user, action, resource):
            return False

    jp_web_app.settings["authorizer"] = Shut()

    assert 403 == (await fetch("GET", PATH, headers=kernel_header)).code
