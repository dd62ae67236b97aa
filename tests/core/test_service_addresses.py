"""Where people may not send secrets by what they describe."""

import dataclasses

import pytest

from conn_core import ServiceDraft, read_draft
from conn_core.broker._usable import refuse_unusable
from conn_core.errors import InvalidInput

OAUTH = {
    "name": "Acme CRM",
    "authorization_endpoint": "https://login.acme.example/authorize",
    "token_endpoint": "https://login.acme.example/token",
    "scopes": [{"name": "contacts.read", "display_name": "Read contacts"}],
    "api_base_url": "https://api.acme.example/v2",
}


@pytest.mark.parametrize(
    "url",
    [
        "http://login.acme.example/token",
        "file:///etc/passwd",
        "ftp://login.acme.example/token",
        "gopher://login.acme.example/token",
        "javascript:alert(1)",
        "data:text/plain,x",
        "jar:https://login.acme.example!/",
        "unix:/run/x.sock",
    ],
)
@pytest.mark.parametrize("member", ["token_endpoint", "api_base_url", "docs_url"])
def test_E1_only_https_is_an_address(told, member, url):
    """Also where an address is only shown: it would be a link."""
    assert "must begin with https://" in told(OAUTH | {member: url})[member]


@pytest.mark.parametrize(
    "url",
    [
        "https://user:pw@login.acme.example/",
        "https://good@evil.example/",
        "https://good.example:443@evil.example/",
    ],
)
def test_E9_an_address_has_no_password(told, url):
    """Two readers of it could disagree where it leads."""
    fields = told(OAUTH | {"token_endpoint": url})
    assert "user name or password" in fields["token_endpoint"]


def test_E11_an_address_has_no_fragment(told):
    """It would not be sent."""
    url = "https://evil.example/#good.example"
    assert (
        "must not contain #" in told(OAUTH | {"token_endpoint": url})["token_endpoint"]
    )


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "0",
        "[::1]",
        "localhost",
        "localhost.",
        "app.localhost",
        "localhost.localdomain",
    ],
)
def test_E13_every_spelling_of_this_machine_is_refused(told, host):
    """As an address, and as a host that credentials may go to."""
    fields = told(
        OAUTH | {"token_endpoint": f"https://{host}/token"},
    )
    assert {"token_endpoint"} == set(fields)
    fields = told(OAUTH | {"api_hosts": ["api.acme.example", host]})
    assert {"api_hosts"} == set(fields)


def test_this_machine_may_be_used_where_the_operator_allows_it(world):
    """For a practice service, and for those that people write."""
    settings = dataclasses.replace(world.settings, allow_loopback=True)
    broker = world.open(settings=settings).acting_as("sam")
    url = "http://127.0.0.1:9/token"
    body = OAUTH | {"token_endpoint": url, "authorization_endpoint": url}
    assert url == broker.create_service(read_draft(ServiceDraft, body)).token_endpoint


def test_who_allows_this_machine_is_named():
    """It is no mistake of the person's."""
    here = OAUTH | {"token_endpoint": "http://127.0.0.1:9/token"}
    described = read_draft(ServiceDraft, here).described(owner="sam")
    with pytest.raises(InvalidInput) as caught:
        refuse_unusable(described, allow_loopback=False)
    assert "c.Connections.allow_loopback = True" in caught.value.hint


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.169.254.",
        "[::ffff:a9fe:a9fe]",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "metadata.google.internal",
        "metadata.azure.com",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "[64:ff9b::7f00:1]",
    ],
)
def test_E21_no_address_of_a_cloud_or_an_inner_network_is_typed(told, host):
    """Names that lead there are refused when they are looked up."""
    fields = told(OAUTH | {"token_endpoint": f"https://{host}/token"})
    assert {"token_endpoint"} == set(fields)


@pytest.mark.parametrize(
    "host", ["g\u043eod.example", "\u0430pple.example", "api.ácme.example"]
)
def test_E24_hosts_are_plain(told, host):
    """A letter of another alphabet looks like one of ours."""
    fields = told(OAUTH | {"token_endpoint": f"https://{host}/token"})
    assert "lower-case ASCII" in fields["token_endpoint"]


@pytest.mark.parametrize(
    "query",
    ["client_id=x", "state=1&x=2", "x=1&redirect_uri=https%3A%2F%2Fevil.example"],
)
def test_E27_the_authorize_url_does_not_say_what_requests_say(told, query):
    """Servers read a parameter that is there twice as they like."""
    url = f"https://login.acme.example/authorize?{query}"
    fields = told(OAUTH | {"authorization_endpoint": url})
    assert "every request sets it itself" in fields["authorization_endpoint"]


def test_E27_nor_do_its_further_parameters(told):
    """The same, written elsewhere."""
    fields = told(OAUTH | {"authorization_parameters": {"state": "x"}})
    assert "cannot be set here" in fields["authorization_parameters"]


def test_E27_addresses_end_somewhere(told):
    """Beyond 2,048 characters nobody means it."""
    url = "https://login.acme.example/" + "a" * 2048
    assert "2,048" in told(OAUTH | {"token_endpoint": url})["token_endpoint"]


def test_E28_a_token_url_may_have_a_query(world):
    """Some have."""
    url = "https://login.acme.example/token?refresh"
    made = world.broker().create_service(
        read_draft(ServiceDraft, OAUTH | {"refresh_endpoint": url})
    )
    assert url == made.refresh_endpoint


def test_the_hosts_include_the_api_s_own(told):
    """Otherwise nothing could ever be sent."""
    fields = told(OAUTH | {"api_hosts": ["files.acme.example"]})
    assert {"api_hosts": "must cover the host of api_base_url"} == fields


@pytest.mark.parametrize(
    "pattern",
    ["*.co.uk", "*.github.io", "*.myshopify.com", "*.com", "*.herokuapp.com", "*"],
)
def test_F22_no_wildcard_below_which_anybody_can_be(told, pattern):
    """A credential would go to whoever takes a name there."""
    assert "api_hosts" in told(OAUTH | {"api_hosts": ["api.acme.example", pattern]})


@pytest.mark.parametrize("pattern", ["*.acme.example", "*.salesforce.com", "*.a.co.uk"])
def test_F22_a_wildcard_below_one_s_own_domain_is_fine(world, pattern):
    """One owner has all of it."""
    body = OAUTH | {"api_hosts": ["api.acme.example", pattern]}
    made = world.broker().create_service(read_draft(ServiceDraft, body))
    assert pattern in made.api_hosts
