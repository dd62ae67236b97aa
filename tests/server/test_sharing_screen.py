"""The page on which an owner shares a connection, or gives it away."""

import page_forms
import pytest


@pytest.fixture
def tea(kernel):
    """A connection of the person who runs the server, for nobody else."""

    async def make(**draft):
        body = {"service": "tea", "name": "Tea", "shared_with": []} | draft
        made = await kernel("POST", "api/v1/connections", body=body)
        assert 201 == made.code, made.text
        return made.json

    return make


@pytest.fixture
def shared(kernel):
    """Whom it is shared with now."""

    async def ask():
        return (await kernel("GET", "api/v1/connections/tea")).json["shared_with"]

    return ask


@pytest.mark.parametrize(
    ("before", "chosen"),
    [
        ([], 'value="nobody" checked'),
        (["*"], 'value="everybody" checked'),
        (["user:grace", "group:x"], 'value="people" checked'),
    ],
)
async def test_it_shows_who_may_use_it_now(tea, browser, root, before, chosen):
    """And where requests go, before somebody else sends any."""
    await tea(shared_with=before)

    page = await browser.get(f"{root}connection/tea/sharing")

    assert chosen in page.text
    assert ('value="group:x, grace"' in page.text) == (chosen.startswith('value="peo'))
    assert "Requests go to Tea" in page_forms.words_of(page)


@pytest.mark.parametrize(
    ("sharing", "people", "expected"),
    [
        ("everybody", "", ["*"]),
        ("people", "grace, group:finance", ["group:finance", "user:grace"]),
        ("people", 'group:"Sales, EMEA"', ["group:Sales, EMEA"]),
        ("nobody", "grace", []),
    ],
)
async def test_an_owner_shares_it_anew(tea, land, shared, sharing, people, expected):
    """The next page says so."""
    await tea(shared_with=["user:ada"])

    path, said = await land(
        "connection/tea/sharing", sharing=sharing, people=people, do="share"
    )

    assert ("connection/tea", expected) == (path, await shared())
    assert "Shared." in said
    assert ("Everybody here may send requests" in said) == (sharing == "everybody")


@pytest.mark.parametrize("people", ["", "two  blanks"])
async def test_who_cannot_be_one_is_said_beside_the_people(tea, submit, shared, people):
    """What was typed stays, and nothing changes."""
    await tea(shared_with=["user:ada"])

    answer = await submit(
        "connection/tea/sharing", sharing="people", people=people, do="share"
    )

    assert 422 == answer.code
    assert 'id="f-people-error">' in answer.text
    assert f'value="{people}"' in answer.text
    assert ["user:ada"] == await shared()


async def test_an_owner_gives_it_away(tea, land, kernel):
    """It is theirs no more, and the list says whose it is."""
    await tea()

    path, said = await land("connection/tea/sharing", to="grace", do="transfer")

    assert "" == path
    assert "It belongs to grace now." in said
    assert 404 == (await kernel("GET", "api/v1/connections/tea")).code


async def test_to_nobody_it_is_not_given(tea, submit, kernel):
    """The field says why."""
    await tea()

    answer = await submit("connection/tea/sharing", to=" ", do="transfer")

    assert 422 == answer.code
    assert 'id="f-to-error">' in answer.text
    assert 200 == (await kernel("GET", "api/v1/connections/tea")).code


async def test_credentials_of_login_user_lend_nobodys_name(tea, browser, root):
    """The page says so, and warns of nothing."""
    await tea(use_login_user_credentials=True)

    said = page_forms.words_of(await browser.get(f"{root}connection/tea/sharing"))

    assert "Others use it with credentials of their own." in said
    assert "Requests go to" not in said
    assert "until they have authorized it" not in said


async def test_the_details_lead_there(tea, browser, root):
    """Beside what else an owner does."""
    await tea()
    page = await browser.get(f"{root}connection/tea")
    assert f'href="{root}connection/tea/sharing"' in page.text


class TestAdministrators:
    """Who looks after the server sees the connections of all, and stops each."""

    @pytest.fixture
    def options(self, options):
        """``c.Connections``: the person who runs this server looks after it, too."""
        from conn_core import os_user

        return options | {"administrators": [os_user()]}

    @pytest.fixture
    def others(self, extension, provider, jp_asyncio_loop):
        """What somebody else keeps to themselves."""
        from conn_core import ConnectionDraft

        draft = ConnectionDraft(service="tea", name="Tea", shared_with=())
        jp_asyncio_loop.run_until_complete(
            extension.core.run(lambda core: core.acting_as("grace").create(draft))
        )

    async def test_H7_a_group_lists_all_there_are(self, others, browser, root):
        """Its owner stands beside it."""
        usual = await browser.get(root)
        every = await browser.get(f"{root}?group=all")

        assert "?group=all" in usual.text
        assert "connection/grace%2Ftea" not in usual.text
        assert "connection/grace%2Ftea" in every.text

    async def test_H7_they_may_stop_it_and_hand_it_on(self, others, browser, root):
        """Revoke, delete and give away are there; edit and authorize are not."""
        page = await browser.get(f"{root}connection/grace%2Ftea")

        assert 200 == page.code
        offered = {
            deed
            for deed in ("edit", "sharing", "authorize", "revoke", "delete")
            if f"grace%2Ftea/{deed}" in page.text
        }
        assert {"revoke", "delete", "sharing"} == offered
        assert ">Give away</a>" in page.text
        assert ">Share</a>" not in page.text

    async def test_H7_their_page_gives_it_away_and_shares_nothing(
        self, others, browser, root, land
    ):
        """What is its owner's to say is not asked."""
        page = await browser.get(f"{root}connection/grace%2Ftea/sharing")
        assert "Give away Tea" in page.text
        assert 'type="radio"' not in page.text

        path, said = await land(
            "connection/grace%2Ftea/sharing", to="sam", do="transfer"
        )

        assert "" == path
        assert "It belongs to sam now." in said

    async def test_the_log_is_at_hand_and_says_whose_it_is(self, browser, root, others):
        """Also where they have no connections of their own."""
        first = await browser.get(root)
        log = await browser.get(f"{root}audit")

        assert f'href="{root}audit"' in first.text
        assert "What everybody did here." in log.text


async def test_H8_the_group_of_all_is_for_administrators(browser, root):
    """Others neither see its name nor what is in it."""
    assert "?group=all" not in (await browser.get(root)).text
    assert 403 == (await browser.get(f"{root}?group=all")).code
