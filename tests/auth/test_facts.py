"""Where the API is: told by the provider, accepted from our own list only."""

import pytest
from scripted import CODE, GOOD, NOW, Reply, attempt, parameter

from conn_core.auth import auth_type
from conn_core.errors import ProviderError

OAUTH2 = auth_type("oauth2")


ZOHO = {
    "authorization_endpoint": "https://accounts.zoho.{dc}/oauth/v2/auth",
    "token_endpoint": "https://accounts.zoho.{dc}/oauth/v2/token",
    "api_base_url": "https://www.zohoapis.{dc}/crm",
    "api_hosts": ["www.zohoapis.{dc}"],
    "param_prefix": "Zoho-oauthtoken ",
    "parameters": [
        parameter("dc", "callback", choices=["com", "eu", "in"], default="com")
    ],
    "habits": {
        "callback": {
            "facts": {
                "location": {"parameter": "dc", "values": {"us": "com", "eu": "eu"}}
            }
        }
    },
}


@pytest.mark.parametrize(
    ("callback", "place"),
    [({}, "com"), ({"location": "us"}, "com"), ({"location": "eu"}, "eu")],
)
def test_19_the_callback_names_the_data_centre(callback, place, client, new_service):
    """Zoho: the token request goes to the data centre of the answer, by our own list."""
    service = new_service(**ZOHO)
    steps = OAUTH2.finish(
        service,
        client,
        attempt(),
        {"code": CODE, "accounts-server": "x", **callback},
    )
    assert f"https://accounts.zoho.{place}/oauth/v2/token" == next(steps).url
    with pytest.raises(StopIteration) as done:
        steps.send(
            type(
                "A", (), {"status": 200, "headers": {}, "body": b'{"access_token":"x"}'}
            )
        )
    settled = service.completed(done.value.value.facts)
    assert (f"https://www.zohoapis.{place}/crm", (f"www.zohoapis.{place}",)) == (
        settled.api_base_url,
        settled.api_hosts,
    )
    assert (
        "Zoho-oauthtoken "
        == OAUTH2.lend(settled, client, done.value.value, now=NOW).param_prefix
    )


@pytest.mark.parametrize("location", ["evil", "https://evil.example", "EU", "in"])
def test_E40_a_foreign_data_centre_is_refused(location, client, new_service):
    """Before a secret is sent anywhere."""
    steps = OAUTH2.finish(
        new_service(**ZOHO),
        client,
        attempt(),
        {"code": CODE, "location": location},
    )
    with pytest.raises(
        ProviderError, match="none of its own, so the answer is not used"
    ):
        next(steps)


INSTANCE = {
    "parameters": [parameter("instance", host_suffixes=[".salesforce.example"])],
    "api_base_url": "https://{instance}/services",
    "api_hosts": ["{instance}"],
    "habits": {"answer": {"facts": {"instance_url": {"parameter": "instance"}}}},
}


@pytest.mark.parametrize(
    "host",
    [
        "https://evil.example",
        "https://evilsalesforce.example",
        "https://evil.example/.salesforce.example",
        "https://evil.example#.salesforce.example",
        "https://evil.example:443@x.salesforce.example",
        "https://x.salesforce.example:8443",
        "http://x.salesforce.example",
        "https://*.salesforce.example",
        "https://.salesforce.example",
        "https://[::1",
        "javascript:alert(1)//x.salesforce.example",
        "127.0.0.1",
        " ",
    ],
)
def test_R31_a_foreign_instance_is_refused(host, pure, client, new_service, run):
    """The token would follow it."""
    pure.plays(Reply(GOOD | {"instance_url": host}))
    steps = OAUTH2.finish(new_service(**INSTANCE), client, attempt(), {"code": CODE})
    with pytest.raises(ProviderError, match="none of its own"):
        run(steps, pure)


@pytest.mark.parametrize(
    ("host", "facts"),
    [
        ("https://x.salesforce.example/a@b", {"instance": "x.salesforce.example"}),
        ("x.salesforce.example\x00", {}),
        (["x.salesforce.example"], {}),
        (True, {}),
    ],
    ids=["a path", "not printable", "a list", "a truth value"],
)
def test_R31_only_a_host_is_taken_of_an_address(
    host, facts, pure, client, new_service, run
):
    """Its path is ours; what cannot be read says nothing."""
    pure.plays(Reply(GOOD | {"instance_url": host}))
    steps = OAUTH2.finish(new_service(**INSTANCE), client, attempt(), {"code": CODE})
    assert facts == run(steps, pure).facts


def test_R31_a_number_is_a_fact_and_a_list_is_none(pure, client, new_service, run):
    """What cannot be read is not guessed; a blank that nobody fills is said."""
    service = new_service(
        parameters=[parameter("store"), parameter("team")],
        api_base_url="https://api.desk.example/{store}/{team}",
        habits={
            "answer": {
                "facts": {
                    "store_id": {"parameter": "store"},
                    "team": {"parameter": "team"},
                    "other": {"parameter": "unknown"},
                }
            }
        },
    )
    pure.plays(Reply(GOOD | {"store_id": 12345, "team": ["x"], "other": "y"}))
    tokens = run(OAUTH2.finish(service, client, attempt(), {"code": CODE}), pure)
    assert {"store": "12345"} == tokens.facts
    with pytest.raises(ValueError, match="Desk did not say its team"):
        service.completed(tokens.facts)
