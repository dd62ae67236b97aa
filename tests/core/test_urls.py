"""What may stand as an address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conn_core._urls import (
    check_endpoint,
    check_host_pattern,
    fill,
    host_matches,
    is_loopback,
    split_host_pattern,
)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "https://api.example.com/v1?x=1",
        "https://app.hellosign.com/oauth/token?refresh",
        "https://api.example.com:8443/v1",
        "https://{tenant}.example.com/{path}",
        "https://xn--bcher-kva.example/",
        "http://127.0.0.1:8000/token",
        "http://localhost/token",
        "http://[::1]:8000/token",
        "https://localhost:8443/",
    ],
)
def test_endpoints_that_are_accepted(url):
    """E28: a query is kept as it is; plain http only on this machine."""
    assert url == check_endpoint(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/",
        "file:///etc/passwd",
        "ftp://api.example.com/",
        "gopher://api.example.com/",
        "javascript:alert(1)",
        "data:text/html,x",
        "jar:https://api.example.com!/",
        "unix:/run/docker.sock",
        "{scheme}://api.example.com",
        "api.example.com/v1",
        "",
    ],
)
def test_E1_to_E8_other_schemes_are_refused(url):
    """Only https, and http to this machine."""
    with pytest.raises(ValueError, match="must begin with https://"):
        check_endpoint(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://user:pw@host.example/",
        "https://good.example@evil.example/",
        "https://good.example:443@evil.example/",
        "https://@evil.example/",
        "http://127.0.0.1:80@evil.example/",
    ],
)
def test_E9_user_names_in_addresses_are_refused(url):
    """What stands before an @ is never the host."""
    with pytest.raises(ValueError, match="user name or password"):
        check_endpoint(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/#good.example",
        "https://evil.example/#",
        "https://evil.example\\good.example/",
    ],
)
def test_E11_fragments_and_backslashes_are_refused(url):
    """Two parsers read them in two ways."""
    with pytest.raises(ValueError, match="must not contain #"):
        check_endpoint(url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.2",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "0",
        "169.254.169.254",
        "10.0.0.1",
        "intranet",
    ],
)
def test_E13_numbers_and_bare_names_are_no_hosts(host):
    """Every spelling of an address by number is refused before it is looked up."""
    with pytest.raises(ValueError, match="public host"):
        check_endpoint(f"https://{host}/")


@pytest.mark.parametrize(
    "host",
    [
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::7f00:1]",
        "localhost.",
        "api.example.com.",
        "g\N{CYRILLIC SMALL LETTER O}od.example",
        "-a.example.com",
        "a-.example.com",
        "a..example.com",
        "a_b.example.com",
        "x" * 64 + ".example.com",
        ".".join(["x" * 60] * 5),
        "",
    ],
)
def test_E24_hosts_are_lower_case_ascii_names(host):
    """Look-alikes, empty parts and foreign notations are refused."""
    with pytest.raises(ValueError, match="must name a host such as"):
        check_endpoint(f"https://{host}/")


@pytest.mark.parametrize(
    "url", ["https://[::1", "https://a.example:x/", "https://a.example:99999/"]
)
def test_what_is_no_address_is_refused(url):
    """The parser's own complaint becomes a sentence."""
    with pytest.raises(ValueError, match="must be an address such as"):
        check_endpoint(url)


def test_port_0_is_refused():
    """It is no port."""
    with pytest.raises(ValueError, match="port 0"):
        check_endpoint("https://api.example.com:0/")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com/" + "x" * 2048,
        "https://api.example.com/a b",
        "https://api.example.com/a\tb",
        "https://api.example.com/\x7f",
    ],
)
def test_E27_long_addresses_and_blanks_are_refused(url):
    """2,048 characters are enough for everybody."""
    with pytest.raises(ValueError, match="at most 2,048 characters"):
        check_endpoint(url)


@given(st.text())
def test_any_text_is_accepted_or_refused_with_a_sentence(text):
    """Nothing else is ever raised, and what is accepted is not changed."""
    try:
        outcome = check_endpoint(text)
    except ValueError as error:
        outcome = str(error)
    assert outcome == text or outcome.startswith("must ")


@pytest.mark.parametrize(
    "pattern",
    [
        "api.example.com",
        "api.example.com:8443",
        "*.example.com",
        "{tenant}.example.com",
        "127.0.0.1:8000",
        "localhost",
        "[::1]",
        "[::1]:8000",
    ],
)
def test_host_patterns_that_are_accepted(pattern):
    """Host, host and port, or everything below a domain."""
    assert pattern == check_host_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("*", "must name a host"),
        ("*.com", "two parts"),
        ("a.*.example.com", "must name a host"),
        ("api.example.com:0", "ports go from"),
        ("api.example.com:70000", "ports go from"),
        ("api.example.com:", "must name a host"),
        ("API.example.com", "must name a host"),
        ("https://api.example.com", "must name a host"),
        ("api.example.com/v1", "must name a host"),
        ("::1", "must name a host"),
        ("[api.example.com", "must name a host"),
        ("10.0.0.1", "public host"),
        ("intranet", "public host"),
        ("", "must name a host"),
    ],
)
def test_host_patterns_that_are_refused(pattern, sentence):
    """F22: there is no 'any host', and no whole top-level domain."""
    with pytest.raises(ValueError, match=sentence):
        check_host_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "host", "port", "expected"),
    [
        ("api.example.com", "api.example.com", 443, True),
        ("api.example.com", "api.example.com", 80, False),
        ("api.example.com", "api.example.com", 8443, False),
        ("api.example.com:8443", "api.example.com", 8443, True),
        ("api.example.com:8443", "api.example.com", 443, False),
        ("api.example.com", "api.example.com.evil.example", 443, False),
        ("api.example.com", "evil.example", 443, False),
        ("*.example.com", "a.example.com", 443, True),
        ("*.example.com", "a.b.example.com", 443, True),
        ("*.example.com", "example.com", 443, False),
        ("*.example.com", ".example.com", 443, False),
        ("*.example.com", "evilexample.com", 443, False),
        ("*.example.com:8443", "a.example.com", 8443, True),
        ("127.0.0.1", "127.0.0.1", 80, True),
        ("127.0.0.1", "127.0.0.1", 443, True),
        ("127.0.0.1:8000", "127.0.0.1", 80, False),
        ("[::1]", "::1", 80, True),
        ("[::1]:8000", "::1", 8000, True),
        ("[::1]:8000", "::1", 80, False),
    ],
)
def test_F22_a_pattern_covers_exactly_its_hosts(pattern, host, port, expected):
    """A host that only ends alike is another host."""
    assert expected is host_matches(pattern, host, port)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("api.example.com", ("api.example.com", "")),
        ("api.example.com:8443", ("api.example.com", "8443")),
        ("[::1]:80", ("::1", "80")),
        ("a]b", ("a]b", "")),
    ],
)
def test_a_pattern_is_taken_apart(pattern, expected):
    """Brackets belong to the notation, not to the host."""
    assert expected == split_host_pattern(pattern)


def test_this_machine_has_three_names():
    """Others that lead here are caught where addresses are looked up."""
    assert all(is_loopback(host) for host in ("127.0.0.1", "::1", "localhost"))
    assert not is_loopback("127.0.0.1.example.com")


def test_blanks_are_filled():
    """Each blank by its name; what is no blank stays."""
    filled = fill("https://{a}.x/{b}/{C}", {"a": "1", "b": "{a}"})
    assert "https://1.x/{a}/{C}" == filled


def test_a_blank_without_a_value_is_refused():
    """A service whose addresses name a parameter that it does not have."""
    with pytest.raises(ValueError, match=r"nothing fills the blank \{b\}"):
        fill("https://{a}.x/{b}", {"a": "1"})
