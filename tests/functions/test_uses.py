"""``@cm.uses``: clients for functions of ordinary Python, opened per call."""

import asyncio
import inspect
import pickle

import pytest

import conn_magics as cm
from conn_core.errors import ConnectionRevoked, InteractionRequired, InvalidInput

pytestmark = pytest.mark.usefixtures("broker")


@cm.uses("beans", slack="team-slack")
def report(repo, *, beans, slack, times=1):
    """Report."""
    return repo * times, beans.link_name, slack.link_name


def test_the_clients_are_given_by_name():
    """Under the link name made an identifier, or the name that was chosen."""
    assert ("aa", "beans", "team-slack") == report("a", times=2)


def test_it_looks_like_the_function_without_the_clients():
    """For help, completion, and the fields of a button."""
    assert "(repo, *, times=1)" == str(inspect.signature(report))
    assert ("report", "Report.") == (report.__name__, report.__doc__)


def test_a_link_name_with_a_dash_becomes_an_identifier():
    """As in a cell."""

    @cm.uses("team-slack")
    def f(team_slack):
        return team_slack.link_name

    assert "team-slack" == f()


def test_a_display_name_and_an_owners_name_become_one_too():
    """What a connection is called does not matter."""
    named = cm.uses("Finance sheet")(lambda finance_sheet: 1)
    owned = cm.uses("sam/beans")(lambda beans: 1)
    assert ["finance_sheet", "beans"] == [
        f.__connections__[0].variable for f in (named, owned)
    ]
    with pytest.raises(InvalidInput, match="No variable can be made of '42'"):
        cm.uses("42")


def test_each_call_checks(broker):
    """Before the function begins."""
    ran = []

    @cm.uses("beans")
    def f(*, beans):
        ran.append(beans)

    f()
    broker.revoke("beans")
    with pytest.raises(ConnectionRevoked):
        f()
    assert 1 == len(ran)


def test_scopes_can_be_required():
    """A call without them is refused."""

    @cm.uses("beans", require=["beans.write"])
    def f(*, beans):
        return beans

    with pytest.raises(InteractionRequired, match=r"lacks the scope .beans\.write"):
        f()


def test_async_functions_stay_async():
    """With clients to await, where that is asked for."""

    @cm.uses("beans", client="async")
    async def f(path, *, beans):
        answer = (await beans.get(path)).json()["path"]
        await beans.aclose()
        return answer

    assert inspect.iscoroutinefunction(f)
    assert "/x" == asyncio.run(f("/x"))


def test_generator_functions_check_when_they_are_called(broker):
    """Not when the first value is asked for."""

    @cm.uses("beans")
    def f(*, beans):
        yield beans.link_name

    assert ["beans"] == list(f())
    broker.revoke("beans")
    with pytest.raises(ConnectionRevoked):
        f()


def test_async_generators_work():
    """In an ``async for``."""

    @cm.uses("beans")
    async def f(*, beans):
        yield beans.link_name

    async def collect():
        return [each async for each in f()]

    assert ["beans"] == asyncio.run(collect())


def test_methods_work():
    """``self`` comes first, as ever."""

    class Shop:
        name = "shop"

        @cm.uses("beans")
        def where(self, path, *, beans):
            return self.name, path, beans.link_name

    assert ("shop", "/a", "beans") == Shop().where("/a")


def test_a_test_may_pass_a_client_itself(broker):
    """No other is opened then, and nothing is checked."""
    broker.revoke("beans")
    broker.revoke("team-slack")

    class Fake:
        link_name = "fake"

    assert ("a", "fake", "fake") == report("a", beans=Fake(), slack=Fake())


def test_a_function_without_the_parameter_is_refused_at_once():
    """With the line to write; ``**anything`` takes it."""
    with pytest.raises(
        InvalidInput,
        match=r"f\(\) takes nothing by the name beans, which would be the client of 'beans'\. "
        r"Write def f\(…, \*, beans\)",
    ):

        @cm.uses("beans")
        def f(repo): ...

    with pytest.raises(InvalidInput):
        cm.uses("beans")(lambda beans, /: 1)
    assert ["beans"] == list(cm.uses("beans")(lambda **given: given)())


def test_two_decorators_add_up():
    """What each gives is known."""

    @cm.uses("beans")
    @cm.uses("team-slack", client="httpx")
    def f(*, beans, team_slack):
        return beans.link_name, team_slack.link_name

    assert ("beans", "team-slack") == f()
    assert ["team-slack", "beans"] == [each.name for each in f.__connections__]
    assert "()" == str(inspect.signature(f))


def test_adapters_can_be_given():
    """Any client of ``--client``."""

    @cm.uses("beans", client="headers")
    def f(*, beans):
        return "Authorization" in beans

    assert f()


def test_K10_the_function_travels_by_its_name(canary, token):
    """As any function; no client goes with it."""
    report("a")
    assert token not in repr(pickle.dumps(cm.uses))
    assert "CNRY" not in repr(vars(report))
    canary.sweep(texts={"vars": repr(vars(report)), "doc": repr(report)})


def test_the_part_has_its_names():
    """``cm.functions`` says what it has, and nothing else."""
    assert cm.functions.__all__ == dir(cm.functions)
    assert all(getattr(cm.functions, name) for name in cm.functions.__all__)
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        _ = cm.functions.lod
