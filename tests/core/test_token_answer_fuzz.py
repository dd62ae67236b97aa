"""Ten thousand answers that nobody thought of (R36)."""

import gc
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conn_core import Service
from conn_core.auth import GrantEnded, read_token_answer
from conn_core.errors import ProviderError

SERVICE = Service(
    id="desk",
    name="Desk",
    authorization_endpoint="https://login.desk.example/authorize",
    token_endpoint="https://login.desk.example/token",
    api_base_url="https://api.desk.example",
    api_hosts=("api.desk.example",),
)
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
TOKEN = "CNRY-an-access-token"
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.just(TOKEN),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
MEMBERS = st.dictionaries(
    st.sampled_from(
        [
            "access_token",
            "refresh_token",
            "token_type",
            "expires_in",
            "expires",
            "scope",
            "error",
            "error_description",
        ]
    )
    | st.text(),
    ANYTHING,
)
TYPES = st.sampled_from([JSON, FORM, "text/plain", "text/html", ""])


@pytest.fixture(autouse=True, scope="module")
def _no_garbage_of_others():
    """What earlier tests left is not collected while the time of a reading is taken."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def survives(body, content_type, status):
    """Read an answer; only typed errors, in less than 50 ms of work."""
    began, found, error = time.thread_time(), None, None
    try:
        found = read_token_answer(
            SERVICE, status=status, content_type=content_type, body=body
        )
    except (ProviderError, GrantEnded) as caught:
        error = caught
    assert time.thread_time() - began < 0.05
    if found is not None:
        assert found.access_token
        assert found.token_type
        json.dumps(found.scopes).encode()
    came = getattr(error, "refresh_token", None)
    if came is not None:
        assert 200 == status
        assert came.reveal().isprintable()


@given(MEMBERS, TYPES, st.sampled_from([200, 400, 500]))
@settings(max_examples=2000)
def test_R36_any_json_is_survived(members, content_type, status):
    """A typed error or a usable token set, never anything else."""
    survives(json.dumps(members).encode(), content_type, status)


@given(st.binary(max_size=300), TYPES, st.sampled_from([200, 400, 500]))
@settings(max_examples=2000)
def test_R36_any_bytes_are_survived(body, content_type, status):
    """The same for what is no JSON at all."""
    survives(body, content_type, status)
