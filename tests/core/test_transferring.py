"""A connection becomes somebody else's: names go, credentials do not."""

import pytest

from conn_core import ConnectionDraft
from conn_core.errors import (
    AcceptanceRequired,
    AuthorizationNotFound,
    AuthorizationRequired,
    ConnectionNotFound,
    InternalConnection,
    InvalidInput,
    LoginUserRequired,
    NameTaken,
    NotAllowed,
    ProviderUnavailable,
)


def test_H15_nobody_is_given_what_somebody_else_consented_to(town, canary):
    """Status, account and secrets are gone; the grant has ended at the provider."""
    sam = town.connected(shared_with=())
    token = sam.access_token("expenses").access_token.reveal()

    handed_on = sam.transfer("expenses", "grace")

    assert ("grace", "organisation", "needs authorization", None, ()) == (
        handed_on.owner,
        handed_on.group,
        handed_on.status,
        handed_on.account,
        handed_on.granted_scopes,
    )
    assert "Expense Desk ended the authorization." == handed_on.notice
    assert not town.provider.is_alive(token)
    assert [] == town.sql("SELECT * FROM credentials")
    assert [] == town.sql("SELECT * FROM secrets")
    with pytest.raises(ConnectionNotFound):
        sam.connection("expenses")


def test_H15_the_new_owner_authorizes_it_anew(town):
    """Then it works as theirs; the former owner is one like any other."""
    town.connected(shared_with=("user:grace", "user:alex"))
    town.broker("alex").accept("expenses")
    town.broker("sam").transfer("expenses", "grace")

    grace = town.broker("grace")
    with pytest.raises(AuthorizationRequired):
        grace.access_token("expenses")
    town.authorized(person="grace")
    assert (1, True) == town.use(grace)
    shown = grace.connection("expenses")
    assert ("my", ("user:alex",)) == (shown.group, shown.shared_with)
    assert [("grace",)] == town.sql("SELECT holder FROM credentials")
    with pytest.raises(AcceptanceRequired, match="shared by grace"):
        town.broker("alex").access_token("expenses")
    with pytest.raises(ConnectionNotFound):
        town.broker("sam").connection("expenses")


def test_the_history_tells_who_handed_on_what_to_whom(town):
    """And what the provider answered."""
    town.connected(shared_with=("*",))
    town.broker("root").transfer("sam/expenses", "grace")

    lines = [
        (event.actor, event.detail)
        for event in town.broker("grace").events("expenses")
        if event.action == "transfer"
    ]
    assert [
        ("root", "Expense Desk ended the authorization."),
        ("root", "from sam to grace"),
    ] == lines


def test_H15_a_provider_that_does_not_answer_stops_nothing(town):
    """What it could not be told is said; nothing of it is left here."""
    sam = town.connected(shared_with=("*",))
    silent = ProviderUnavailable("Expenses does not answer", "Try later")
    town.core.provider = Silent(town.provider, silent)

    told = sam.transfer("expenses", "grace").notice

    assert "Expenses does not answer." == told
    assert [] == town.sql("SELECT * FROM credentials")
    assert "grace" == sam.connection("grace/expenses").owner


class Silent:
    """The way out, but for one address that does not answer."""

    def __init__(self, provider, error):
        self._provider = provider
        self._error = error

    def post_form(self, url, fields, *, headers):
        raise self._error

    def __getattr__(self, name):
        return getattr(self._provider, name)


def test_H15_an_authorization_under_way_does_not_reach_the_new_owner(town):
    """The former owner comes back from the provider too late: it is ended there."""
    town.created()
    flow, started = town.begun()
    answer = town.provider.consent(started.authorization_url)
    town.broker("sam").transfer("expenses", "grace")

    with pytest.raises(AuthorizationNotFound):
        town.broker("sam").authorization(flow)
    assert town.refuses(answer, started, "belongs to no authorization")
    assert "needs authorization" == town.broker("grace").connection("expenses").status


def test_H15_nor_does_one_whose_code_is_being_exchanged(town):
    """Between the provider's answer and the store its owner changed."""
    town.created()
    _, started = town.begun()
    answer = town.provider.consent(started.authorization_url)

    town.provider.script.append(
        lambda: town.broker("sam").transfer("expenses", "grace") and None
    )
    with pytest.raises(AuthorizationNotFound):
        town.finished(answer, started)

    assert [] == town.sql("SELECT * FROM credentials")
    assert 1 == len(town.provider.revocations), "what nobody may have is given back"
    assert "needs authorization" == town.broker("grace").connection("expenses").status


def test_where_each_person_uses_their_own_they_keep_it(town):
    """Nothing is ended: nobody else ever used it."""
    town.connected(use_login_user_credentials=True, shared_with=("*",))
    assert "" == town.broker("sam").transfer("expenses", "grace").notice

    assert (1, True) == town.use(town.broker("sam"))
    with pytest.raises(LoginUserRequired):
        town.broker("grace").access_token("expenses")
    assert [] == town.provider.revocations


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("sam", "whose it is already"),
        ("", "must be the name of a person"),
        ("  ", "must be the name of a person"),
        ("a\nb", "must be the name of a person"),
        ("x" * 257, "must be the name of a person"),
        ("ghost", "has no active account"),
    ],
)
def test_it_goes_to_somebody_who_is_here(town, people, to, why):
    """Else nothing changes."""
    sam = town.connected()
    people.gone.add("ghost")
    with pytest.raises(InvalidInput, match=why) as caught:
        sam.transfer("expenses", to)
    assert {"to"} == caught.value.fields.keys()
    assert "connected" == sam.connection("expenses").status


@pytest.mark.parametrize(
    "theirs", [{"name": "Expenses"}, {"name": "Other", "link_name": "expenses"}]
)
def test_a_name_that_the_new_owner_has_is_taken(town, theirs):
    """By either of its names; nothing is ended."""
    sam = town.connected()
    town.broker("grace").create(ConnectionDraft(service="expenses", **theirs))
    with pytest.raises(NameTaken, match="grace already has a connection called"):
        sam.transfer("expenses", "grace")
    assert (1, True) == town.use(sam)


def test_H4_only_its_owner_or_an_administrator_hands_it_on(town):
    """To nobody else, and not to themselves."""
    town.connected(shared_with=("user:alex",))
    with pytest.raises(NotAllowed):
        town.broker("alex").transfer("expenses", "alex")
    with pytest.raises(ConnectionNotFound):
        town.broker("mallory").transfer("sam/expenses", "mallory")


def test_what_a_task_made_stays_its_persons(town):
    """Tasks of somebody else would act as them."""
    made = town.broker("sam").internal_connection("expenses")
    with pytest.raises(InternalConnection):
        town.broker("sam").transfer(made.link_name, "grace")


def test_a_revoked_one_stays_revoked(town):
    """Until whose it is enables it."""
    sam = town.connected(shared_with=("*",))
    sam.revoke("expenses")
    assert "revoked" == sam.transfer("expenses", "grace").status
    enabled = town.broker("grace").enable("expenses")
    assert "needs authorization" == enabled.status


def test_its_former_owner_reads_who_took_it(town):
    """In the log of what was done with theirs, whoever did it."""
    town.connected(shared_with=())
    town.broker("root").transfer("sam/expenses", "grace")

    (line,) = town.broker("sam").audit(action="transfer").items
    assert ("root", "from sam to grace") == (line.actor, line.detail)
