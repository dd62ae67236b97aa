"""Kernels: who they are by their hub token, and how soon that ends."""

import fake_hub
import pytest
from patience import until


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("scheme", ["Bearer", "token"])
def test_a_kernel_is_the_person_of_its_token(service, its_hub, scheme):
    """With either word that hubs and their clients use."""
    token = its_hub.token_of("bob")

    answer = service.ask("GET", "api/v1/status", Authorization=f"{scheme} {token}")

    assert (200, "bob") == (answer.status, answer.json["user"])
    assert answer.json["version"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer CNRY-nobodys"}])
def test_a_program_without_a_good_token_gets_401_and_no_redirect(service, headers):
    """A program cannot log in on a page."""
    answer = service.ask("GET", "api/v1/status", **headers)

    assert (401, "not_authenticated") == (answer.status, answer.json["code"])
    assert "Bearer" == answer.headers["WWW-Authenticate"]
    assert "Location" not in answer.headers


def test_a_token_without_the_scope_is_refused_in_words(service, its_hub):
    """It is somebody, who may not use this service."""
    its_hub.people["eve"] = fake_hub.Person(scopes=("access:servers!server=eve/",))

    answer = service.ask("GET", "api/v1/status", **bearer(its_hub.token_of("eve")))

    assert (403, "not_allowed") == (answer.status, answer.json["code"])
    assert "access:services!service=connections" in answer.json["hint"]


def test_a_service_of_the_hub_is_no_person(service, its_hub):
    """It may be called like one."""
    its_hub.people["root"] = fake_hub.Person(kind="service")

    answer = service.ask("GET", "api/v1/status", **bearer(its_hub.token_of("root")))

    assert 403 == answer.status
    assert "no person" in answer.json["message"]


def test_a_hub_that_does_not_answer_lets_nobody_in(service, its_hub):
    """And says so: it is no reason to ask for a log-in."""
    its_hub.broken = True

    answer = service.ask("GET", "api/v1/status", **bearer(its_hub.token_of("bob")))

    assert (503, "broker_unavailable") == (answer.status, answer.json["code"])
    assert "hub cannot be asked" in answer.json["message"]


def test_a_token_is_looked_up_once_in_a_while(service, its_hub):
    """A busy kernel does not make the hub busy."""
    token = its_hub.token_of("bob")

    for _ in range(5):
        assert 200 == service.ask("GET", "api/v1/status", **bearer(token)).status

    assert 1 == its_hub.asked.count("/hub/api/user")
    assert its_hub.asked.count("/hub/api/users/bob") <= 2


def test_a_stopped_servers_token_ends_soon(service, its_hub):
    """The hub's own helper would believe in it for five minutes."""
    token = its_hub.token_of("bob")
    assert 200 == service.ask("GET", "api/v1/status", **bearer(token)).status

    del its_hub.tokens[token]

    def answered():
        return service.ask("GET", "api/v1/status", **bearer(token)).status

    until(lambda: answered() == 401, pause=0.2)


def test_somebody_who_is_removed_is_out_though_the_token_still_works(service, its_hub):
    """The organisation is asked about the person too."""
    token = its_hub.token_of("bob")
    assert 200 == service.ask("GET", "api/v1/connections", **bearer(token)).status
    its_hub.people["bob"].has_left = True

    def answered():
        return service.ask("GET", "api/v1/connections", **bearer(token)).status

    until(lambda: answered() == 403, pause=0.2)


def test_nobody_is_the_owner_of_the_service(service, its_hub):
    """No bearer makes anybody the person who runs it, and no token in an address counts."""
    token = its_hub.token_of("bob")

    assert 401 == service.ask("GET", f"api/v1/status?token={token}").status
    assert 401 == service.ask("GET", "api/v1/status", Authorization="Bearer ").status


def test_secrets_are_in_no_log(service, its_hub, canary):
    """Neither the service's token, nor a kernel's, nor anything of an address."""
    token = its_hub.token_of("bob")
    service.ask("GET", "api/v1/status?q=CNRY-query", **bearer(token))

    assert "StatusHandler 200" in service.log
    for secret in (token, its_hub.service_token, "CNRY-query"):
        assert secret not in service.log
