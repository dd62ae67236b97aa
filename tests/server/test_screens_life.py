"""The life of a connection on the web page, driven as a browser without script does it."""

import re

import pytest
import scripted_provider
from page_forms import KEY_SHOP, words_of


@pytest.fixture
def catalog_file(catalog_file):
    """A service with a key and a sub-domain, too."""
    catalog_file.write_text(catalog_file.read_text() + KEY_SHOP)
    return catalog_file


@pytest.fixture
def mine(kernel, jp_asyncio_loop):
    """A connection that waits for its authorization."""
    body = {"service": "coffee", "name": "Mine"}
    asked = kernel("POST", "api/v1/connections", body=body)
    made = jp_asyncio_loop.run_until_complete(asked)
    assert 201 == made.code, made.text


@pytest.fixture
def connected(connect, browser, grant):
    """Makes a connection that works."""

    async def go(**draft):
        begun = await connect(**draft)
        started = await browser.get(begun["start_url"])
        await browser.get(grant(started))
        return begun["link_name"]

    return go


async def test_a_connection_is_made_and_waits_for_its_page(land, root):
    """The registration is typed once; then a link leads to the service."""
    where, words = await land(
        "new/coffee",
        name="My coffee",
        scopes=["read"],
        client_id="shop",
        client_secret=scripted_provider.CLIENT_SECRET,
        do="create",
    )

    assert where.startswith("authorization/")
    assert "Open Coffee & <b>Cake</b>" in words
    assert scripted_provider.CLIENT_SECRET not in words


async def test_what_was_typed_stays_but_never_a_secret(submit):
    """The error stands beside its field; the secret has to be typed again."""
    secret = "CNRY-typed-secret-3f90"
    answer = await submit(
        "new/coffee",
        name="",
        scopes=["order"],
        client_id="shop-7",
        client_secret=secret,
        do="create",
    )

    assert 422 == answer.code
    assert secret not in answer.text
    assert 'value="shop-7"' in answer.text
    assert re.search(r'value="order" checked', answer.text)
    assert 'id="f-name-error">' in answer.text
    assert (
        'aria-describedby="f-name-error f-name-help" aria-invalid="true" autofocus'
        in (answer.text)
    )


async def test_a_name_that_is_taken_is_said_beside_the_name(submit, mine):
    """Not above the form: somebody has to see which field it is."""
    answer = await submit(
        "new/coffee", name="Mine", client_id="a", client_secret="b", do="create"
    )

    assert 409 == answer.code
    assert "Mine" in words_of(answer)


async def test_presets_choose_scopes_without_script(submit):
    """A button shows the form again with other boxes ticked."""
    answer = await submit("new/coffee", name="Kept", do="scopes:all")

    assert 200 == answer.code
    assert 'value="Kept"' in answer.text
    assert (
        2
        == answer.text.count('name="scopes" value="')
        == answer.text.count("checked>") - 1
    )


async def test_a_key_is_typed_and_tried_out(land, browser, root, kernel):
    """Connected at once, or stored and said not to work; the key is on no page."""
    key = "CNRY-shop-key-77aa"
    fields = {"parameters.site": "north", "secret.api_key": key, "do": "create"}

    where, words = await land("new/key-shop", name="Keys", **fields)

    assert "connection/keys" == where
    assert "Connected." in words
    assert (
        "connected" == (await kernel("GET", "api/v1/connections/keys")).json["status"]
    )
    assert key not in words


async def test_fields_of_a_service_are_checked(submit):
    """A key that is missing, and a site that cannot be one."""
    answer = await submit(
        "new/key-shop", name="Keys", **{"parameters.site": "no/rth", "do": "create"}
    )
    other = await submit(
        "new/key-shop", name="Keys", **{"parameters.site": "north", "do": "create"}
    )

    assert 'id="f-parameters-site-error">' in answer.text
    assert 'id="f-secret-api_key-error">' in other.text


@pytest.mark.parametrize(
    ("sharing", "people", "expected"),
    [
        ("everybody", "", ["*"]),
        ("nobody", "", []),
        ("people", "sam, priya", ["user:sam", "user:priya"]),
    ],
)
async def test_who_may_use_it_is_chosen(land, kernel, sharing, people, expected):
    """Everybody, nobody else, or some."""
    await land(
        "new/key-shop",
        name="Keys",
        sharing=sharing,
        people=people,
        do="create",
        **{"parameters.site": "north", "secret.api_key": "CNRY-key-1"},
    )

    made = (await kernel("GET", "api/v1/connections/keys")).json
    assert sorted(expected) == sorted(made["shared_with"])


async def test_sharing_with_people_wants_names(submit):
    """Else it would be shared with nobody."""
    answer = await submit(
        "new/key-shop",
        name="Keys",
        sharing="people",
        do="create",
        **{"parameters.site": "north", "secret.api_key": "CNRY-key-1"},
    )

    assert 'id="f-people-error">' in answer.text


async def test_a_connection_is_tested_from_its_page(land, connected, provider):
    """What the service answered is said on the page, once, and not in its address."""
    await connected(name="Mine")

    where, words = await land("connection/mine/test", page="connection/mine")
    assert "connection/mine" == where
    assert "answered as priya-n" in words

    provider.api_answer = (403, {})
    _, refused = await land("connection/mine/test", page="connection/mine")
    assert "answered as" not in refused
    assert "403" in refused


async def test_a_note_is_said_once(browser, root, land, connected):
    """A reload does not say it again."""
    await connected(name="Mine")
    where, words = await land("connection/mine/test", page="connection/mine")

    again = words_of(await browser.get(root + where))

    assert "answered as" in words
    assert "answered as" not in again


async def test_revoke_asks_says_and_can_be_undone(land, browser, root, connected):
    """What stops working is said before; afterwards, what the provider said."""
    await connected(name="Mine")
    asked = words_of(await browser.get(f"{root}connection/mine/revoke"))
    assert "Revoke Mine?" in asked
    assert "%%connection mine" in asked

    where, words = await land("connection/mine/revoke")
    assert "connection/mine" == where
    assert "Revoked. It can be enabled again." in words

    _, enabled = await land("connection/mine/enable", page="connection/mine")
    assert "Enabled. It works again." in enabled


async def test_delete_asks_and_leads_to_the_list(land, browser, root, mine):
    """The list says that it is gone."""
    asked = words_of(await browser.get(f"{root}connection/mine/delete"))
    assert "Delete Mine?" in asked
    assert "This cannot be undone." in asked

    where, words = await land("connection/mine/delete")

    assert "" == where
    assert "‘Mine’ is deleted." in words


async def test_edit_changes_name_and_scopes(land, kernel, connected):
    """New scopes need consent again, and the page says so."""
    await connected(name="Mine")

    where, words = await land(
        "connection/mine/edit",
        name="Ours",
        scopes=["read", "order"],
        further_scopes="loyalty, gifts",
        version="1",
        do="update",
    )

    assert "connection/mine" == where
    assert "Updated." in words
    changed = (await kernel("GET", "api/v1/connections/mine")).json
    assert ("Ours", ["read", "order", "loyalty", "gifts"]) == (
        changed["name"],
        changed["scopes"],
    )


async def test_an_edit_of_an_old_page_is_not_lost_nor_loses(submit, mine, kernel):
    """Somebody else was faster: it is said, and nothing is changed."""
    await kernel("PATCH", "api/v1/connections/mine", body={"name": "Theirs"})

    answer = await submit("connection/mine/edit", name="Ours", version="1", do="update")

    assert 409 == answer.code
    assert "Open this page again to see the change." in words_of(answer)
    assert 'value="Ours"' in answer.text
    assert "Theirs" == (await kernel("GET", "api/v1/connections/mine")).json["name"]


async def test_an_edit_without_a_name_is_refused(submit, mine):
    """Beside the field; a preset keeps what is typed."""
    answer = await submit("connection/mine/edit", name="", version="1", do="update")
    preset = await submit(
        "connection/mine/edit", name="Typed", version="1", do="scopes:read-only"
    )

    assert (422, 200) == (answer.code, preset.code)
    assert 'id="f-name-error">' in answer.text
    assert 'value="Typed"' in preset.text


async def test_an_attempt_is_looked_at_and_given_up(land, browser, root, connect):
    """Waiting says until when; Cancel leads to the connection."""
    begun = await connect(name="Mine")
    flow = f"authorization/{begun['flow']}"
    waiting = words_of(await browser.get(root + flow))
    assert "has not answered yet" in waiting

    where, _ = await land(flow, do="cancel")
    assert "connection/mine" == where

    ended = words_of(await browser.get(root + flow))
    assert "Nothing was stored." in ended
    assert "Try again" in ended


async def test_an_attempt_that_is_done_says_as_whom(browser, root, connect, grant):
    """And which scopes were granted."""
    begun = await connect(name="Mine", scopes=["read", "order"])
    started = await browser.get(begun["start_url"])
    await browser.get(grant(started))

    words = words_of(await browser.get(f"{root}authorization/{begun['flow']}"))

    assert "Connected as priya-n" in words
    assert "Read the menu read Granted" in words
    assert "Order coffee order Not granted" in words


async def test_a_pasted_address_is_checked(submit, connect):
    """Nothing, and another site's address, are refused beside the field."""
    begun = await connect(name="Mine")
    flow = f"authorization/{begun['flow']}"

    empty = await submit(flow, do="paste")
    wrong = await submit(flow, do="paste", address="https://evil.example/?code=1")

    assert 'id="f-address-error">' in empty.text
    assert 200 != wrong.code
    assert 'role="alert"' in wrong.text


async def test_authorize_asks_for_a_registration_that_is_missing(land, submit, mine):
    """A row's button leads to the form; what is missing is said there."""
    where, words = await land("connection/mine/authorize", page="connection/mine")
    assert "connection/mine/authorize" == where
    assert "Client registration" in words

    answer = await submit("connection/mine/authorize", typed="yes")
    assert 'id="f-client_id-error">' in answer.text

    where, _ = await land(
        "connection/mine/authorize",
        typed="yes",
        client_id="shop",
        client_secret=scripted_provider.CLIENT_SECRET,
    )
    assert where.startswith("authorization/")
