"""Adapters: a connection in the form that another library wants.

An adapter is a function that takes a ``Context`` and returns an object of its library.
Those that ship and those of others are found the same way, by the entry point group
``jupyter_connections.adapters``. In somebody's ``pyproject.toml``::

    [project.entry-points."jupyter_connections.adapters"]
    acme = "acme_notebooks:acme"

and in ``acme_notebooks.py``::

    from acme import Client  # imported when somebody asks for the adapter


    def acme(context, *, region="eu"):
        return Client(http=context.client(), region=region)

Then ``cm.get("my-acme").adapter("acme", region="us")`` and ``--client acme`` work. What
``context.client()`` and ``context.session()`` return keep the credential to themselves.
A library that wants the credential itself gets ``context.token()``, each time anew.
"""

from ._by_name import ByName
from ._context import Context
from ._finding import GROUP, Adapter, adapter_names, find_adapter, open_adapter

__all__ = [
    "GROUP",
    "Adapter",
    "ByName",
    "Context",
    "adapter_names",
    "find_adapter",
    "open_adapter",
]
