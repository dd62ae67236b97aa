"""Which addresses may be connected to, and that the checked one is the one used."""

import datetime as dt
import http.server
import ipaddress
import socket
import ssl
import threading

import httpx
import pytest

from conn_core import Settings
from conn_core.broker import open_core
from conn_core.errors import HostNotAllowed, InvalidInput
from conn_core.http import AddressPolicy
from conn_core.http import _pinned as pinned
from conn_core.http._lookups import Lookups, resolve_name
from conn_core.http._pinned import PinnedTransport

PUBLIC = "93.184.216.34"
INTERNAL = {
    "E13": "127.0.0.1",
    "E14": "127.8.8.8",
    "E15": "::1",
    "E16": "0.0.0.0",
    "E17": "::",
    "E21-aws": "169.254.169.254",
    "E21-mapped": "::ffff:a9fe:a9fe",
    "E21-aws6": "fd00:ec2::254",
    "E21-alibaba": "100.100.100.200",
    "E21-azure": "168.63.129.16",
    "E22-10": "10.0.0.5",
    "E22-172": "172.16.0.1",
    "E22-192": "192.168.1.1",
    "E22-cgnat": "100.64.0.1",
    "E22-ula": "fc00::1",
    "E22-link": "fe80::1",
    "E22-link-end": "febf::1",
    "E22-scope": "fe80::1%eth0",
    "E22-site": "fec0::1",
    "E22-multicast": "224.0.0.1",
    "E22-multicast6": "ff02::1",
    "E22-reserved": "240.0.0.1",
    "E22-reserved6": "4000::1",
    "E22-broadcast": "255.255.255.255",
    "E22-documentation": "192.0.2.1",
    "E23-nat64": "64:ff9b::7f00:1",
    "E23-nat64-local": "64:ff9b:1::7f00:1",
    "E23-6to4": "2002:7f00:1::",
    "E23-teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "E23-mapped": "::ffff:127.0.0.1",
    "E23-compatible": "::127.0.0.1",
}


@pytest.mark.parametrize("address", INTERNAL.values(), ids=INTERNAL.keys())
def test_an_internal_address_is_refused(address):
    """Whatever public name leads there, also where this machine is allowed."""
    for policy in (AddressPolicy(), AddressPolicy(allow_loopback=True)):
        with pytest.raises(HostNotAllowed, match="is this machine or lies in"):
            policy.permit("login.example", [address])


@pytest.mark.parametrize(
    "address",
    [PUBLIC, "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"],
)
def test_a_public_address_is_permitted(address):
    """Also behind NAT64, which whole networks use."""
    assert (address,) == AddressPolicy().permit("login.example", [address])


def test_E31_one_internal_address_among_public_ones_refuses_all():
    """Which of them would be used is not ours to guess."""
    with pytest.raises(HostNotAllowed):
        AddressPolicy().permit("login.example", [PUBLIC, "10.0.0.5"])


@pytest.mark.parametrize("name", ["metadata.google.internal", "metadata.azure.com."])
def test_E21_names_of_metadata_services_are_refused(name):
    """Whatever address they have."""
    with pytest.raises(HostNotAllowed):
        AddressPolicy().permit(name, [PUBLIC])


def test_E22_what_an_operator_lists_is_what_the_way_out_allows(tmp_path):
    """From the settings of a deployment to its policy."""
    settings = Settings(
        data_dir=tmp_path / "data",
        runtime_dir=tmp_path,
        user="sam",
        use_keyring=False,
        allowed_networks=("10.1.0.0/16", "fd00::/8"),
    )
    core = open_core(settings)
    policy = core.provider._policy
    assert ("10.1.2.3",) == policy.permit("sso.corp.example", ["10.1.2.3"])
    with pytest.raises(HostNotAllowed, match="internal network"):
        policy.permit("sso.corp.example", ["10.2.2.3"])
    core.close()


@pytest.mark.parametrize("text", ["10.1.2.3/16", "10.1", "corp", "", "10.1.0.0/33"])
def test_E22_a_network_that_is_none_opens_nothing(text, tmp_path):
    """It is said before the store is made."""
    settings = Settings(
        data_dir=tmp_path / "data",
        runtime_dir=tmp_path,
        user="sam",
        allowed_networks=("10.0.0.0/8", text),
    )
    with pytest.raises(InvalidInput, match=f"'{text}' among the allowed networks"):
        open_core(settings)
    assert not settings.data_dir.exists()


def test_E22_an_operator_may_list_internal_networks_but_not_metadata():
    """Authorization servers on the premises exist; machine credentials stay closed."""
    policy = AddressPolicy(
        allowed_networks=tuple(
            ipaddress.ip_network(n) for n in ("10.1.0.0/16", "0.0.0.0/0", "::/0")
        )
    )

    assert ("10.1.2.3",) == policy.permit("sso.corp.example", ["10.1.2.3"])
    never = ["169.254.169.254", "fd00:ec2::254", "127.0.0.1", "::1"]
    tunnels = [
        INTERNAL[f"E23-{kind}"] for kind in ("teredo", "nat64-local", "compatible")
    ]
    for address in never + tunnels:
        with pytest.raises(HostNotAllowed):
            policy.permit("sso.corp.example", [address])


def test_only_the_three_names_that_say_so_lead_to_this_machine():
    """And they lead nowhere else."""
    policy = AddressPolicy(allow_loopback=True)

    assert ("127.0.0.1",) == policy.permit("127.0.0.1", ["127.0.0.1"])
    assert ("::1", "127.0.0.1") == policy.permit("localhost", ["::1", "127.0.0.1"])
    for host, address in [
        ("localhost.", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("localhost", PUBLIC),
    ]:
        with pytest.raises(HostNotAllowed):
            policy.permit(host, [address])
    with pytest.raises(HostNotAllowed):
        AddressPolicy().permit("localhost", ["127.0.0.1"])


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0"]
)
def test_E13_E20_odd_spellings_of_this_machine_are_found_out(host):
    """The resolver reads them, so what it says is what is checked."""
    try:
        addresses = resolve_name(host, 80)
    except OSError:
        pytest.skip("this resolver does not read it")

    with pytest.raises(HostNotAllowed):
        AddressPolicy(allow_loopback=True).permit(host, addresses)


class Anywhere:
    """A policy for tests that allows what it is told to."""

    def __init__(self):
        self.asked = []

    def permit(self, host, addresses):
        self.asked.append((host, tuple(addresses)))
        return self.asked[-1][1]


def fetch(transport, url):
    with httpx.Client(transport=transport, trust_env=False) as client:
        return client.get(url, timeout=5)


def test_E30_the_checked_address_is_the_one_that_is_used(peer):
    """A second look-up, which could say something else, does not happen."""
    policy, lookups = Anywhere(), []

    def flips(host, port):
        lookups.append(host)
        return ["127.0.0.1"] if len(lookups) == 1 else ["10.255.255.1"]

    answer = fetch(
        PinnedTransport(policy, lookups=Lookups(flips)),
        f"http://shop.example:{peer.port}/x",
    )

    assert 200 == answer.status_code
    assert ["shop.example"] == lookups
    assert f"shop.example:{peer.port}" == peer.seen[0].headers["host"]


def test_E33_every_transport_has_connections_of_its_own(peer):
    """What one policy has opened does not serve another."""
    open_one = PinnedTransport(AddressPolicy(allow_loopback=True))
    strict = PinnedTransport(AddressPolicy())

    with httpx.Client(transport=open_one, trust_env=False) as client:
        assert 200 == client.get(peer.url).status_code
        with pytest.raises(HostNotAllowed):
            fetch(strict, peer.url)
    assert 1 == len(peer.seen)


def test_the_next_address_is_tried_when_one_does_not_answer(peer):
    """Names have several for a reason."""
    transport = PinnedTransport(
        Anywhere(), lookups=Lookups(lambda *_: ["127.0.0.2", "127.0.0.1"])
    )

    assert 200 == fetch(transport, f"http://shop.example:{peer.port}/").status_code


def test_a_name_without_an_address_cannot_be_reached():
    """An error of httpx, as from its own transport."""

    def unknown(host, port):
        raise socket.gaierror(-2, "Name or service not known")

    for resolve in (unknown, lambda *_: []):
        with pytest.raises(httpx.ConnectError):
            fetch(
                PinnedTransport(Anywhere(), lookups=Lookups(resolve)),
                "http://shop.example/",
            )


def test_W6_a_resolver_that_hangs_is_left_behind():
    """The deadline holds, although the system's resolver knows none."""
    answered = threading.Event()

    def hangs(host, port):
        answered.wait(60)
        return []

    transport = PinnedTransport(Anywhere(), deadline=0.2, lookups=Lookups(hangs))

    with pytest.raises(httpx.ConnectTimeout):
        fetch(transport, "http://shop.example/")
    answered.set()


@pytest.fixture
def tls_server(tmp_path, monkeypatch):
    """A TLS server for shop.example on loopback, trusted by this test alone."""
    certificate = _self_signed("shop.example", tmp_path)
    names = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate)
    serving.sni_callback = lambda _socket, name, _context: names.append(name)
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = serving.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.load_verify_locations(certificate)
    monkeypatch.setattr(pinned, "tls_context", lambda: trusting)
    yield server.server_address[1], names, monkeypatch
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_E30_tls_is_checked_against_the_name(tls_server):
    """Pinned to an address, but the certificate is the name's."""
    port, names, _ = tls_server

    def loopback(*_):
        return ["127.0.0.1"]

    transport = PinnedTransport(Anywhere(), deadline=60, lookups=Lookups(loopback))
    assert 200 == fetch(transport, f"https://shop.example:{port}/").status_code
    assert ["shop.example"] == names

    transport = PinnedTransport(Anywhere(), deadline=60, lookups=Lookups(loopback))
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        fetch(transport, f"https://evil.example:{port}/")


def test_an_unknown_authority_is_not_trusted(tls_server):
    """The usual authorities, and no others."""
    port, _, monkeypatch = tls_server
    monkeypatch.undo()
    transport = PinnedTransport(Anywhere(), lookups=Lookups(lambda *_: ["127.0.0.1"]))

    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        fetch(transport, f"https://shop.example:{port}/")


def _self_signed(name, folder):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_E13_this_machine_is_opened_by_an_operator_alone(name):
    """Its own names lead nowhere until somebody allows it."""
    address = "::1" if name == "::1" else "127.0.0.1"
    assert (address,) == AddressPolicy(allow_loopback=True).permit(name, [address])
    with pytest.raises(HostNotAllowed):
        AddressPolicy().permit(name, [address])
