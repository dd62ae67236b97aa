"""Tokens for many in one look: what it gives, and what it leaves to the broker."""

import dataclasses
import json

import pytest

from conn_core import ConnectionEdit
from conn_core.broker import Vending, Wish
from conn_core.errors import ConnectionRevoked, StoreLocked

PLACE = "report.ipynb"
NAMED = """
[[service]]
id = "named-desk"
name = "Named Desk"
authorization_endpoint = "https://login.named.example/authorize"
token_endpoint = "https://login.named.example/token"
api_base_url = "https://api.named.example"
api_hosts = ["api.named.example"]
api_headers = { "X-Client" = "{client_id}" }
scopes = [{ name = "all" }]
default_scopes = ["all"]
"""
SAMS = Wish("sam", PLACE, "expenses")


@pytest.fixture
def vending():
    """Gives the tokens as they are."""
    return Vending(lambda token: token)


@pytest.fixture
def vended(world, vending):
    """Returns what is given for some wishes."""
    return lambda *wishes: vending.at_once(world.core, wishes)


def used(world, person="sam", place=PLACE):
    """Use a connection the long way, which notes it; return the token."""
    return world.core.acting_as(person, place=place).access_token("expenses")


def statements_of(world, work):
    """Count what is said to the database meanwhile."""
    import sqlalchemy as sa

    said = []
    engine = world.core.store._engine

    def note(*arguments):
        said.append(arguments[2])

    sa.event.listen(engine, "before_cursor_execute", note)
    work()
    sa.event.remove(engine, "before_cursor_execute", note)
    return [text for text in said if text.startswith("SELECT")]


def test_it_gives_what_the_broker_gives(world, sam, vended):
    """To the last member, secrets and all."""
    whole = used(world)

    [found] = vended(SAMS)

    assert whole.to_json() == found.to_json()
    assert whole.secrets_to_json() == found.secrets_to_json()


def test_a_hundred_people_are_one_question(world, vended):
    """Each gets their own, and nobody another's."""
    names = ["ada", "priya", "sam"]
    for name in names:
        world.connected(person=name)
    whole = {name: used(world, name).access_token.reveal() for name in names}
    wishes = [Wish(name, PLACE, "expenses") for name in names * 34]
    found = []

    said = statements_of(world, lambda: found.extend(vended(*wishes)))

    assert 1 == len(said)
    assert [whole[w.person] for w in wishes] == [
        token.access_token.reveal() for token in found
    ]
    assert 3 == len(set(whole.values()))


@pytest.mark.parametrize(
    "wish",
    [
        Wish("sam", "another.ipynb", "expenses"),
        Wish("sam", PLACE, "expenses", ("reports.write",)),
        Wish("sam", PLACE, "expenses\0"),
        Wish("sam", PLACE, "Expenses"),
        Wish("sam", PLACE, "sam/expenses"),
        Wish("priya", PLACE, "expenses"),
    ],
)
def test_what_has_to_be_written_or_found_is_left_to_the_broker(
    world, sam, wish, vended
):
    """A use that is not noted, scopes that are missing, other names, other people."""
    used(world)

    assert [None] == vended(wish)


def test_what_others_share_is_left_to_the_broker(world, vended):
    """It writes down that somebody gets another's token, and whether they may."""
    world.connected(person="priya")
    world.broker("sam").accept("expenses")
    used(world, "priya")

    assert [None] == vended(SAMS)


def test_a_revocation_acts_with_the_next_look(world, sam, vended):
    """Nothing is remembered from the one before."""
    used(world)
    assert vended(SAMS) != [None]

    sam.revoke("expenses")

    assert [None] == vended(SAMS)
    with pytest.raises(ConnectionRevoked):
        used(world)


def test_what_is_sealed_is_not_lent(world, sam, vended):
    """The next look says so, too."""
    used(world)
    sam.seal("expenses")

    [found] = vended(SAMS)

    assert ("sealed", {}) == (found.exposure, found.secrets_to_json())


def test_a_token_that_ages_is_left_to_the_broker(world, sam, vended):
    """It is renewed there."""
    used(world)
    world.clock.advance(3590)
    world.core.noting.heard((_id_of(world), "sam", PLACE), world.clock())

    assert [None] == vended(SAMS)
    assert world.use(sam) == (2, True)


def _id_of(world):
    return world.sql("SELECT id FROM connections")[0][0]


def test_a_use_is_noted_anew_after_a_minute(world, sam, vended):
    """By the broker, before the token goes out."""
    used(world)
    world.clock.advance(61)
    assert [None] == vended(SAMS)

    used(world)
    assert vended(SAMS) != [None]
    assert [2] == [len(world.sql("SELECT 1 FROM audit WHERE action = 'use'"))]


def test_a_use_that_another_process_noted_counts(world, sam, vending):
    """Where the broker saw it in the database."""
    used(world)
    other = world.open()
    assert [None] == vending.at_once(other, [SAMS])

    other.acting_as("sam", place=PLACE).access_token("expenses")

    assert vending.at_once(other, [SAMS]) != [None]
    assert [1] == [len(world.sql("SELECT 1 FROM audit WHERE action = 'use'"))]


def test_who_is_not_active_or_not_known_now_is_left_to_the_broker(town, people, vended):
    """It asks the organisation; this does not wait for that."""
    town.connected()
    used(town)
    assert vended(SAMS) != [None]

    people.gone.add("sam")
    assert [None] == vended(SAMS)

    people.gone.clear()
    people.silent = True
    assert [None] == vended(SAMS)


def test_a_row_that_does_not_open_breaks_nobody_elses(world, vended):
    """Its owner is told; the others get their tokens."""
    world.connected(person="priya")
    world.connected()
    used(world)
    used(world, "priya")
    [(definition,)] = world.sql("SELECT definition FROM credentials WHERE holder='sam'")
    bad = json.dumps(json.loads(definition) | {"api_base_url": "https://evil.example"})
    world.sql("UPDATE credentials SET definition = ? WHERE holder = 'sam'", bad)

    found = vended(SAMS, SAMS._replace(person="priya"))

    assert found[0] is None
    assert world.provider.is_alive(found[1].access_token.reveal())


@pytest.fixture
def with_named(settings, tmp_path):
    """The usual services, and one whose requests name the client."""
    more = tmp_path / "more.toml"
    more.write_text(NAMED)
    return dataclasses.replace(settings, catalog_paths=(*settings.catalog_paths, more))


def test_a_service_whose_requests_name_the_client_is_left_to_the_broker(
    world, with_named, vended
):
    """The registration is looked up there."""
    world.open(settings=with_named)
    world.connected("Named", service="named-desk")
    whole = world.core.acting_as("sam", place=PLACE).access_token("named")

    assert {"X-Client": "desk-client"} == whole.api_headers
    assert [None] == vended(SAMS._replace(name="named"))


def test_an_edit_is_seen_with_the_next_look(world, sam, vended):
    """Scopes that were added have to be consented to first."""
    used(world)

    sam.edit("expenses", ConnectionEdit(scopes=("reports.read", "reports.write")))

    assert [None] == vended(SAMS)


def test_what_stays_the_same_is_made_once(world, sam, clock):
    """Anew after each change, and after nobody has asked for long."""
    used(world)
    made = []
    vending = Vending(lambda token: made.append(token) or len(made))
    assert [1, 1] == vending.at_once(world.core, [SAMS, SAMS])
    assert [1] == vending.at_once(world.core, [SAMS])

    sam.refresh("expenses")
    assert [2] == vending.at_once(world.core, [SAMS])
    assert (1, 2) == (made[0].generation, made[1].generation)

    assert vending.forget(before=clock() - 1)
    assert [2] == vending.at_once(world.core, [SAMS])
    assert not vending.forget(before=clock() + 1)
    assert [3] == vending.at_once(world.core, [SAMS])


def test_nothing_is_given_while_the_vault_is_locked(world, sam, vending):
    """Also of what was opened before."""
    used(world)
    vending.at_once(world.core, [SAMS])

    def locked():
        raise StoreLocked("The keys may not be held any longer")

    world.core.vault.refuse_if_locked = locked

    with pytest.raises(StoreLocked):
        vending.at_once(world.core, [SAMS])
