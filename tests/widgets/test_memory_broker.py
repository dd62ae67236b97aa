"""The broker in memory keeps the port's promises."""

import inspect

from conn_core.broker import Broker


def test_it_has_every_method_of_the_port(broker):
    """With the same parameters, so that no form is tested against what does not exist."""
    for name, promised in inspect.getmembers(Broker, inspect.isfunction):
        if not name.startswith("_"):
            wanted = [p for p in inspect.signature(promised).parameters if p != "self"]
            assert wanted == list(inspect.signature(getattr(broker, name)).parameters)
