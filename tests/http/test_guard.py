"""Where a credential may go."""

import httpx
import pytest

from conn_core.errors import HostNotAllowed
from conn_core.http._guard import check_address, check_destination

GITHUB = ("api.github.com", "uploads.github.com")


def check(url, hosts=GITHUB):
    check_destination(httpx.URL(url), link_name="github", api_hosts=hosts)


def check_text(url, hosts=GITHUB):
    check_address(url, link_name="github", api_hosts=hosts)


both = pytest.mark.parametrize("look_at", [check, check_text], ids=["url", "text"])


@pytest.mark.parametrize(
    "url",
    [
        "https://api.github.com/user",
        "https://api.github.com:443/user",
        "https://API.GitHub.com/user",
        "https://uploads.github.com/",
    ],
)
@both
def test_a_listed_host_is_allowed(url, look_at):
    """Case and an explicit 443 change nothing."""
    look_at(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/",
        "https://api.github.com.example.org/",
        "https://example.org/api.github.com",
        "https://api.github.com@example.org/",
        "https://api.github.com:443@example.org/",
        "https://xapi.github.com/",
        "https://www.api.github.com/",
        "https://github.com/",
        "https://api.github.com./",
        "https://api.github.com:8443/",
        "https://аpi.github.com/",  # noqa: RUF001 - a Cyrillic a, on purpose
        "https://127.0.0.1/",
        "file:///etc/passwd",
        "https:///user",
        "//",
    ],
)
@both
def test_F1_another_host_is_refused(url, look_at):
    """What is compared is the parsed host, in its ASCII form, with its port."""
    with pytest.raises(HostNotAllowed, match="Nothing was sent"):
        look_at(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org\\@api.github.com/",
        "https://api.github.com\\.example.org/",
        "https://api.github.com/\tuser",
        "https://api.github.com/a b",
        "https://api.github.com/user#part",
        "https://api.github.com/\u00e4",
        "https://api.github.com:port/",
        "https://[api.github.com/",
        "",
    ],
)
def test_F1_a_text_that_two_might_read_differently_is_refused(url):
    """What is compared must be what is signed and sent."""
    with pytest.raises(HostNotAllowed, match="Nothing was sent"):
        check_text(url)


def test_the_text_names_the_hosts_and_the_stranger():
    """The error is the one that the documentation shows."""
    with pytest.raises(HostNotAllowed) as caught:
        check("https://example.org/data?q=1")

    assert (
        "'github' may only be used with api.github.com and uploads.github.com, "
        "not example.org. Nothing was sent"
    ) == str(caught.value)


def test_F5_plain_http_is_refused():
    """A listed host over http would show the credential to the network."""
    with pytest.raises(HostNotAllowed):
        check("http://api.github.com/user")
    with pytest.raises(HostNotAllowed, match="only be used over https, not http"):
        check("http://api.github.com:443/user")


def test_E9_user_information_is_refused():
    """An address brings no credential of its own, also not to a listed host."""
    with pytest.raises(HostNotAllowed, match="user name or password"):
        check("https://me:CNRY-password-in-url@api.github.com/user")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://acme.salesforce.com/", True),
        ("https://acme.my.salesforce.com/", True),
        ("https://salesforce.com/", False),
        ("https://evilsalesforce.com/", False),
        ("https://.salesforce.com/", False),
        ("https://acme.salesforce.com.evil.example/", False),
        ("https://acme.salesforce.com:8443/", False),
    ],
)
def test_F22_a_wildcard_covers_whole_labels_only(url, *, allowed):
    """One or more labels left of the suffix, never a part of one."""
    if allowed:
        check(url, ("*.salesforce.com",))
    else:
        with pytest.raises((HostNotAllowed, httpx.InvalidURL)):
            check(url, ("*.salesforce.com",))


def test_F21_a_listed_port_is_allowed_and_no_other():
    """An entry with a port covers that port."""
    check("https://api.acme.example:8443/", ("api.acme.example:8443",))
    with pytest.raises(HostNotAllowed, match=r"not api\.acme\.example\. "):
        check("https://api.acme.example/", ("api.acme.example:8443",))


def test_loopback_may_use_plain_http_where_it_is_listed():
    """The practice service has no certificate."""
    check("http://127.0.0.1:9000/", ("127.0.0.1:9000",))
    check("http://localhost/", ("localhost",))
    check("http://[::1]:9000/", ("[::1]:9000",))
    with pytest.raises(HostNotAllowed, match="not localhost:9000"):
        check("http://localhost:9000/", ("127.0.0.1:9000",))


def test_three_hosts_are_listed_in_words():
    """The sentence stays one."""
    with pytest.raises(
        HostNotAllowed, match=r"with a\.example, b\.example and c\.exam"
    ):
        check("https://d.example/", ("a.example", "b.example", "c.example"))
