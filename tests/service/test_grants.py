"""Jobs that show a grant to the service: the hub knows nothing of them."""

import pytest


def bearer(text):
    return {"Authorization": f"Bearer {text}"}


@pytest.mark.parametrize("shown", ["jcg_", "jcg_" + "a" * 43])
def test_U2_an_unknown_grant_is_refused_by_us_and_shown_to_nobody(
    service, its_hub, shown
):
    """It is not the hub's token, so the hub is not asked about it."""
    answer = service.ask("GET", "api/v1/status", **bearer(shown))

    assert (401, "grant_ended") == (answer.status, answer.json["code"])
    assert not [asked for asked in map(str, its_hub.asked) if "jcg_" in asked]


def test_U2_a_grant_opens_no_page_of_the_service(service):
    """Nor anything of the API that is not for jobs."""
    for path in ("", "new", "api/v1/services", "api/v1/grants"):
        assert 403 == service.ask("GET", path, **bearer("jcg_x")).status


def test_a_person_of_the_hub_makes_a_grant_for_their_own(service, its_hub):
    """With their server's token; what they have not is not granted."""
    token = its_hub.token_of("bob")
    draft = {"name": "nightly", "connections": ["nothing"]}

    answer = service.ask("POST", "api/v1/grants", body=draft, **bearer(token))

    assert (404, "connection_not_found") == (answer.status, answer.json["code"])
    listed = service.ask("GET", "api/v1/grants", **bearer(token))
    assert (200, []) == (listed.status, listed.json["items"])


def test_U2_a_job_asks_though_the_hub_looks_for_forged_forms(service, its_hub, canary):
    """JupyterHub's own check of forms, there from the first person on, knows no grants."""
    sam = bearer(its_hub.token_of("sam"))
    key = {"api_key": canary("api-key")}
    made = {"service": "anthropic", "name": "Models", "secret": key, "shared_with": []}
    assert 201 == service.ask("POST", "api/v1/connections", body=made, **sam).status
    draft = {"name": "nightly", "connections": ["models"]}
    issued = service.ask("POST", "api/v1/grants", body=draft, **sam).json

    question = {"needs": [{"name": "models"}]}
    answer = service.ask(
        "POST", "api/v1/check", body=question, **bearer(issued["bearer"])
    )

    assert 200 == answer.status, answer.json
    assert [True] == [one["ready"] for one in answer.json["items"]]
