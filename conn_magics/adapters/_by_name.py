"""Objects that travel as the name of their connection, and ask again there."""

from typing import Any, ClassVar

from ._context import Context


class ByName:
    """Pickles and copies as a name: neither a credential nor a cookie goes along.

    Attributes:
        adapter: The adapter that makes such an object.
        context: The connection.
    """

    __slots__ = ()

    adapter: ClassVar[str]
    context: Context

    def __reduce__(self) -> tuple[Any, ...]:
        return reopen, (self.adapter, self.context.link_name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of connection {self.context.link_name!r}>"


def reopen(adapter: str, link_name: str) -> Any:
    """Open an adapter where its object was unpacked.

    Args:
        adapter: The adapter.
        link_name: The connection.
    """
    from ._finding import open_adapter

    return open_adapter(adapter, Context(link_name))
