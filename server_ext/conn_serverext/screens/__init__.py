"""The web page: the same list and actions for people outside a notebook.

Rendered here, in plain forms and links: it works without script.
"""

from ._list import ListScreen

__all__ = ["ListScreen"]
