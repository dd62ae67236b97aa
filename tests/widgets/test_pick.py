"""Pick your service: the kernel searches, the browser shows 24 at a time."""

import json

import pytest

from conn_core.errors import BrokerUnavailable
from conn_widgets import ServicePicker


@pytest.fixture
def picked():
    return []


@pytest.fixture
def picker(broker, picked, wire):
    return ServicePicker(broker, on_pick=picked.append)


def _search(wire, picker, **asked):
    asked = {"number": 1, "query": "", "kind": "predefined", "category": None} | asked
    wire.receive(picker, do="search", **asked)
    return wire.last(picker, "cards")


def test_24_cards_come_and_then_the_rest(wire, picker):
    """The cursor of the first answer brings the next cards, which are appended."""
    first = _search(wire, picker)
    rest = _search(wire, picker, number=2, cursor=first["next"])

    assert (24, 38, False) == (len(first["cards"]), first["total"], first["more"])
    assert (14, None, True) == (len(rest["cards"]), rest["next"], rest["more"])
    names = [card["name"] for card in first["cards"] + rest["cards"]]
    assert 38 == len(set(names))


def test_a_card_says_what_it_is_for_and_how_far_one_is(wire, picker):
    """Connections are counted; a missing registration is announced."""
    cards = {card["id"]: card for card in _search(wire, picker)["cards"]}

    assert "Repositories, issues and pull requests" == cards["github"]["about"]
    assert 2 == cards["github"]["connected"]
    assert 0 == cards["weather"]["connected"]
    assert not cards["zoho-expense"]["registered"]


def test_the_kernel_searches(wire, picker):
    """By words of name and description, within a category."""
    assert ["Zoho Expense"] == [
        card["name"] for card in _search(wire, picker, query="receipts")["cards"]
    ]
    found = _search(wire, picker, category="Messaging")["cards"]
    assert ["Slack"] == [card["name"] for card in found]


def test_no_hit_names_the_nearest_way_out(wire, picker):
    """A custom service that matches is offered where no predefined one does."""
    answer = _search(wire, picker, query="acme")

    assert "No predefined service matches “acme”." == answer["said"]
    assert "1 custom service does:" == answer["then"]
    assert ["Acme CRM"] == [card["name"] for card in answer["cards"]]


def test_no_hit_anywhere_is_said(wire, picker):
    """And what to try."""
    answer = _search(wire, picker, query="qqq")

    assert [] == answer["cards"]
    assert "No predefined service matches “qqq”." == answer["said"]
    assert answer["then"]


def test_kinds_and_categories_are_counted_by_the_kernel(wire, picker):
    """Tabs show how many there are; categories come along."""
    wire.receive(picker, do="kinds")
    kinds = wire.last(picker, "kinds")

    assert (38, 2) == (kinds["predefined"], kinds["custom"])
    assert "Messaging" in kinds["categories"]


def test_a_pick_names_the_service(wire, picker, picked):
    """The card is the action."""
    wire.receive(picker, do="pick", id="slack")

    assert ["slack"] == picked


def test_trouble_is_said_in_the_picker(wire, picker, broker):
    """A broker out of reach is a sentence, not a traceback."""
    broker.unreachable = BrokerUnavailable(
        "No credentials are reachable", "Run %conn doctor"
    )

    wire.receive(picker, do="kinds")

    said = wire.last(picker, "trouble")
    assert ("No credentials are reachable.", "Run %conn doctor.") == (
        said["said"],
        said["then"],
    )


def test_P11_the_picker_is_as_small_with_5000_services_as_with_30(fakes, wire):
    """Its state is below 1 kB besides the script, an answer is 24 cards, however many there are."""

    def sizes(count):
        broker = fakes.FakeBroker(services=fakes.some_services(count))
        picker = ServicePicker(broker, on_pick=lambda _: None)
        state = {k: v for k, v in picker.get_state().items() if k != "_esm"}
        answer = _search(wire, picker)
        return len(json.dumps(state, default=str)), len(answer["cards"])

    small, large = sizes(30), sizes(5000)

    assert small == large
    assert small[0] < 1000
