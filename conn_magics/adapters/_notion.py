"""notion-client: it takes our own client."""

from notion_client import Client

from ._by_name import ByName
from ._context import Context


def notion(context: Context) -> "ConnectedNotion":
    """Return a ``notion_client.Client``.

    Args:
        context: The connection.
    """
    return ConnectedNotion(context)


class ConnectedNotion(ByName, Client):
    """A ``notion_client.Client`` that sends through the connection."""

    adapter = "notion"

    def __init__(self, context: Context) -> None:
        self.context = context
        super().__init__(
            client=context.client(),
            base_url=context.base_url.removesuffix("/v1"),  # it adds that itself
            timeout_ms=round(context.timeout * 1000),
        )
