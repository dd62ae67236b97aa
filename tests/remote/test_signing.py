"""What is asked of a server that signs requests, and what stays here."""

import pytest

from conn_core import errors
from conn_core.errors import BrokerUnavailable


def sign(broker, **changes):
    usual = {
        "method": "POST",
        "url": "https://api.desk.example/1/notes?a=b",
        "headers": {"Content-Type": "application/x-www-form-urlencoded; charset=x"},
        "body": b"text=a+b",
    }
    return broker.sign("finance-sheet", **usual | changes)


def test_what_is_signed_of_a_request_travels(server, broker):
    """Method, address, and the form; headers come back."""
    headers = {"Authorization": "OAuth CNRY-signature"}
    path = "connections/finance-sheet/sign"
    server.answers["POST", path] = 200, {"headers": headers}

    assert headers == sign(broker)

    expected = {
        "method": "POST",
        "url": "https://api.desk.example/1/notes?a=b",
        "content_type": "application/x-www-form-urlencoded",
        "form": "text=a+b",
    }
    assert ("POST", path, expected) == server.sent()


@pytest.mark.parametrize("body", [b'{"CNRY": 1}', None])
def test_what_is_not_signed_stays_here(server, broker, body):
    """Other headers, and every body that is no form."""
    path = "connections/finance-sheet/sign"
    server.answers["POST", path] = 200, {"headers": {}}

    sign(broker, headers={"Cookie": "CNRY-c", "Content-Type": "text/x"}, body=body)

    assert "CNRY" not in str(server.sent())
    assert ("text/x", "") == (
        server.sent()[2]["content_type"],
        server.sent()[2]["form"],
    )


@pytest.mark.parametrize("body", [None, b"a" * (1024 * 1024 + 1), b"\xff"])
def test_a_form_that_cannot_be_signed_asks_nobody(server, broker, body):
    """A stream, too large a one, one that is not encoded."""
    with pytest.raises(errors.InvalidInput, match="signs its requests"):
        sign(broker, body=body)

    assert [] == server.peer.seen


@pytest.mark.parametrize("answer", [{}, {"headers": None}, {"headers": []}])
def test_an_answer_without_a_signature_is_an_error(server, broker, answer):
    """Not a request without one."""
    server.answers["POST", "connections/finance-sheet/sign"] = 200, answer

    with pytest.raises(BrokerUnavailable):
        sign(broker)
