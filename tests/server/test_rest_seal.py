"""Sealing over REST, and what a sealed connection's addresses answer."""

import pytest

NAME = "api/v1/connections/mine"


async def test_J_sealing_takes_the_token_out_of_the_answer(
    kernel, connected, access_token
):
    """And back again; everything else is told as before."""
    direct = (await kernel("POST", f"{NAME}/token")).json
    sealed = await kernel("POST", f"{NAME}/seal", body={"sealed": True})
    answer = await kernel("POST", f"{NAME}/token")

    assert ("sealed", access_token) == (sealed.json["exposure"], direct["access_token"])
    assert sealed.headers["ETag"] == f'"{sealed.json["version"]}"'
    assert "sealed" == answer.json["exposure"]
    assert direct.keys() - answer.json.keys() == {"access_token"}
    assert "CNRY" not in answer.text
    lent = await kernel("POST", f"{NAME}/seal", body={"sealed": False})
    assert "direct" == lent.json["exposure"]
    assert access_token == (await kernel("POST", f"{NAME}/token")).json["access_token"]


async def test_sealing_is_what_is_meant_where_nothing_is_said(kernel, connected):
    """The safe one of the two."""
    assert "sealed" == (await kernel("POST", f"{NAME}/seal")).json["exposure"]


@pytest.mark.parametrize(
    ("body", "field"), [({"sealed": "no"}, "sealed"), ({"unsealed": True}, "unsealed")]
)
async def test_a_wrong_word_is_named(kernel, connected, body, field):
    """Nothing is changed by what is not understood."""
    answer = await kernel("POST", f"{NAME}/seal", body=body)

    assert (422, [field]) == (answer.code, list(answer.json["fields"]))


async def test_J_no_request_of_a_sealed_connection_is_signed_for_somebody_else(
    kernel, connected
):
    """The relay signs what it sends itself."""
    await kernel("POST", f"{NAME}/seal")
    body = {"method": "GET", "url": "https://api.coffee.example/v1/me"}

    answer = await kernel("POST", f"{NAME}/sign", body=body)

    assert (403, "sealed") == (answer.code, answer.json["code"])
    assert answer.json["message"].startswith("'mine' is sealed: its token stays")


async def test_a_connection_is_made_with_rules(kernel, connect):
    """They are part of what it is from then on."""
    await connect(name="mine", rules={"methods": ["get"], "paths": ["/v1"]})

    found = (await kernel("GET", NAME)).json

    assert {"methods": ["GET"], "paths": ["/v1"]} == found["rules"]
    assert "sealed" == found["exposure"]
    refused = await kernel("POST", f"{NAME}/seal", body={"sealed": False})
    assert (403, "not_allowed") == (refused.code, refused.json["code"])


async def test_code_to_copy_of_a_sealed_connection_needs_no_token(kernel, connected):
    """What takes the token itself is not offered."""
    await kernel("POST", f"{NAME}/seal")

    libraries = (await kernel("GET", f"{NAME}/snippet")).json["libraries"]

    assert "httpx" in libraries
    assert not {"google_credentials", "azure_credential"} & {*libraries}


@pytest.mark.parametrize("ticked", [True, False])
async def test_the_page_asks_whether_the_token_is_kept_here(submit, kernel, ticked):
    """A box beside the others; direct where nobody ticks it."""
    more = {"sealed": "yes"} if ticked else {}
    answer = await submit(
        "new/coffee", name="Mine", client_id="a", client_secret="b", do="create", **more
    )

    assert 303 == answer.code
    exposure = "sealed" if ticked else "direct"
    assert exposure == (await kernel("GET", NAME)).json["exposure"]


async def test_the_page_says_what_sealed_means(kernel, browser, connected, root):
    """Beside the other facts, with its rules."""
    await kernel("POST", f"{NAME}/seal")

    page = (await browser.get(f"{root}connection/mine")).text

    assert "Sealed: the token stays with the broker" in page


class TestSealedOnly:
    """An operator who lends nothing."""

    @pytest.fixture
    def options(self, options):
        return options | {"sealed_only": True}

    async def test_J2_no_address_gives_a_token(self, kernel, connected):
        """Whatever was said when it was made."""
        answer = await kernel("POST", f"{NAME}/token")
        refused = await kernel("POST", f"{NAME}/seal", body={"sealed": False})

        assert (200, "sealed") == (answer.code, answer.json["exposure"])
        assert "access_token" not in answer.json
        assert "c.Connections.sealed_only" in refused.json["hint"]


def test_the_operators_words_become_settings(extension):
    """``c.Connections``, over the environment."""
    from conn_serverext._options import Connections

    settings = extension.broker_settings()
    said = Connections(sealed_only=True, lend_tokens=True).applied_to(settings)

    assert (False, False) == (settings.sealed_only, settings.lend_tokens)
    assert (True, True) == (said.sealed_only, said.lend_tokens)
