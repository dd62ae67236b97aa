"""Stand-alone behind a proxy: a header alone proves nothing."""

import signal

import pytest

_CONFIG = """
c.ConnectionsService.identity = "proxy"
c.ConnectionsService.public_url = "https://connections.example.com/connections/"
c.ConnectionsService.proxy_networks = [{network!r}]
c.ConnectionsService.proxy_secret_file = {file!r}
"""


@pytest.fixture
def behind_proxy(new_replica, environment, secret_file):
    """Starts a service that believes a proxy from one network; and the proxy's headers."""
    for name in [n for n in environment if n.startswith("JUPYTERHUB_")]:
        del environment[name]

    def start(network="127.0.0.0/8"):
        file, secret = secret_file("proxy")
        config = _CONFIG.format(network=network, file=str(file))
        replica = new_replica(config=config)
        replica.prefix = "/connections/"
        headers = {"X_Forwarded_User": "bob", "X_Connections_Proxy": secret}
        return replica.start(), headers

    return start


def test_A_the_proxy_names_the_person(behind_proxy):
    """With its secret, from its address; every one of these is needed."""
    service, headers = behind_proxy()

    def asked(**sent):
        return service.ask("GET", "api/v1/status", **sent)

    found = asked(**headers, Authorization="Bearer CNRY-of-the-proxys-own")
    assert (200, "bob") == (found.status, found.json["user"])
    for missing in headers:
        assert 401 == asked(**{n: v for n, v in headers.items() if n != missing}).status
    assert 401 == asked(**headers | {"X_Connections_Proxy": "CNRY-guess"}).status
    assert 401 == asked(**headers | {"X_Forwarded_User": " "}).status


def test_A_twice_named_is_not_named(behind_proxy):
    """A caller's own header went through beside the proxy's."""
    service, headers = behind_proxy()
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    connection.putrequest("GET", "/connections/api/v1/status")
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.putheader("X-Forwarded-User", "alice")
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    connection.close()

    assert 401 == answer.status


def test_A_only_the_proxys_address_is_believed(behind_proxy):
    """The socket says it, and no header."""
    service, headers = behind_proxy(network="10.0.0.0/8")

    answer = service.ask(
        "GET",
        "api/v1/status",
        X_Forwarded_For="10.0.0.1",
        X_Real_Ip="10.0.0.1",
        **headers,
    )

    assert 401 == answer.status


def test_A_whom_the_proxy_names_in_a_browser_gets_pages_and_no_tokens(behind_proxy):
    """Its cookies are the proxy's business; credentials are for programs."""
    service, headers = behind_proxy()
    browser = {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}

    page = service.ask("GET", "", Cookie="session=1", **headers, **browser)
    token = service.ask(
        "POST",
        "api/v1/connections/x/token",
        body={},
        Cookie="session=1",
        Authorization="Bearer x",
        **headers,
    )
    nobody = service.ask("GET", "login", **browser)

    assert (200, 403, 403) == (page.status, token.status, nobody.status)
    assert "bob" in page.text
    assert "Secure" in (page.headers["Set-Cookie"] or "")
    assert "did not say who you are" in nobody.text


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("", "Nobody is named who says who somebody is"),
        ("c.ConnectionsService.identity = 'proxy'", "A header alone proves nothing"),
        ("c.ConnectionsService.identity = 'hub'", "token for this service is missing"),
        ("c.ConnectionsService.identity = 'all'", "identity"),
        ("c.ConnectionsService.proxy_networks = ['x']", "'x' is no network"),
        (
            "c.ConnectionsService.database = 'postgresql://u:CNRY-pw@h/d'",
            "must not hold a password",
        ),
        (
            "c.ConnectionsService.database = 'postgresql://u@h/d'",
            "one master key",
        ),
        ("c.ConnectionsService.public_url = ''", "How browsers reach this service"),
        (
            "c.ConnectionsService.database_url_file = '/nowhere/x'",
            "address of the database",
        ),
    ],
)
def test_what_is_missing_is_said_before_anybody_comes(
    new_replica, environment, config, said
):
    """It does not start, with one sentence and what to do."""
    for name in [n for n in environment if n.startswith("JUPYTERHUB_")]:
        del environment[name]
    environment.pop("JUPYTER_CONNECTIONS_KEY_FILE")
    usual = "c.ConnectionsService.public_url = 'https://c.example.com/connections/'\n"
    replica = new_replica(config=usual + config)

    replica.start(wait=False)

    assert 1 == replica.ended()
    assert said in replica.log
    assert "Traceback" not in replica.log
    assert "CNRY-pw" not in replica.log


def test_a_file_that_everybody_can_read_holds_no_secret(
    behind_proxy, new_replica, tmp_path
):
    """It says which command closes it."""
    replica, _ = behind_proxy()
    replica.tell(signal.SIGTERM)
    assert 0 == replica.ended()
    (tmp_path / "proxy.txt").chmod(0o644)

    replica.start(wait=False)

    assert 1 == replica.ended()
    assert "open to everybody on this machine" in replica.log
