"""A server's certificate that nobody vouches for but itself."""

import datetime as dt
import ipaddress
import ssl
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def self_signed():
    """Return a certificate for 127.0.0.1, as PEM, and the context of its server."""
    made, key = _made()
    return made.public_bytes(serialization.Encoding.PEM).decode(), _context(made, key)


def written(folder: Path):
    """Write one into files, as an operator has it; return that of it and of its key."""
    made, key = _made()
    files = folder / "certificate.pem", folder / "certificate.key"
    for file, text in zip(files, _pem(made, key), strict=True):
        file.touch(mode=0o600)
        file.write_bytes(text)
    return files


def _made():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test")])
    now = dt.datetime.now(dt.UTC)
    place = x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(place, critical=False)
        .sign(key, hashes.SHA256())
    )
    return made, key


def _context(made, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(b"".join(_pem(made, key)))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def _pem(made, key):
    """Return certificate and key as files hold them."""
    return (
        made.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
