"""A relay on real sockets, and an API that means no good."""

import asyncio
import dataclasses
from types import SimpleNamespace

import hostile_api
import pytest

from conn_core import AccessToken, RelayLimits, Secret
from conn_core.http import AddressPolicy, Errand, Loan, Relay, needles_of


@pytest.fixture
def api():
    """The API; ``plays`` says what it does."""
    made = hostile_api.HostileApi()
    yield made
    made.close()


@pytest.fixture
def secret(canary):
    """The credential."""
    return canary("relayed")


@pytest.fixture
def loan(api, secret):
    """What the relay is lent for the API."""
    return Loan(
        token=AccessToken(
            access_token=Secret(secret),
            link_name="mine",
            api_base_url=f"{api.origin}/v1",
            api_hosts=(api.host,),
        ),
        sign=lambda _: {},
        needles=needles_of([secret]),
    )


class Lender:
    """Lends what it is given, and renews it once."""

    def __init__(self, loan, renewed=None):
        self.loan, self.renewed, self.rejected = loan, renewed, []

    async def lend(self, *, rejected=None):
        if rejected is not None:
            self.rejected.append(rejected)
            self.loan = self.renewed or self.loan
        return self.loan


@pytest.fixture
def lender_of():
    return Lender


@pytest.fixture
def limits():
    """What the operator allows; a test may replace it."""
    return RelayLimits()


@pytest.fixture
def policy():
    return AddressPolicy(allow_loopback=True)


@pytest.fixture
def carry(loan, limits, policy):
    """Carries one request, and returns the whole answer."""

    def go(target="me", *, method="GET", lender=None, loan=loan, relay=None, **errand):
        return asyncio.run(
            _carried(
                relay or Relay(policy=policy, limits=limits),
                lender or Lender(loan),
                Errand(method=method, target=target, **errand),
            )
        )

    return go


async def _carried(relay, lender, errand):
    try:
        answer = await relay.send(lender, errand)
        try:
            body = b""
            while part := await answer.part():
                body += part
        finally:
            answer.close()
    finally:
        await relay.close()
    headers = [(n.decode().lower(), v.decode("latin-1")) for n, v in answer.headers]
    return SimpleNamespace(
        status=answer.status,
        headers=dict(headers),
        pairs=headers,
        body=body,
        has_reflected=answer.has_reflected,
    )


@pytest.fixture
def changed():
    """A loan whose token is otherwise."""

    def change(loan, **members):
        return dataclasses.replace(
            loan, token=dataclasses.replace(loan.token, **members)
        )

    return change
