"""The TLS contexts: one for services, one for our own server."""

import functools
import ssl
import threading

import certifi

_building = threading.Lock()


def tls_context() -> ssl.SSLContext:
    """Return the TLS context that all clients share for services.

    It takes 19 ms to build, so it is built once, when it is first needed.
    """
    with _building:
        return _build()


@functools.cache
def _build() -> ssl.SSLContext:
    # Not ssl.create_default_context(): that writes the keys of every connection to
    # the file that SSLKEYLOGFILE names, and this one listens to no environment.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(certifi.where())
    return context


def broker_tls_context() -> ssl.SSLContext:
    """Return the TLS context for our own server, which an organisation may vouch for.

    Its certificates are the system's, or those that ``SSL_CERT_FILE`` names, as
    wherever else Python speaks with that server.
    """
    with _building:
        return _build_for_broker()


@functools.cache
def _build_for_broker() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    return context
