"""gspread: Google Sheets."""

import gspread

from ._by_name import ByName
from ._context import Context
from ._requests import session


def gspread_client(context: Context) -> "ConnectedSheets":
    """Return a ``gspread.Client``, whose requests go through our own session.

    Args:
        context: The connection.
    """
    return ConnectedSheets(context)


class ConnectedSheets(ByName, gspread.Client):
    """A ``gspread.Client`` without credentials of its own."""

    adapter = "gspread"

    def __init__(self, context: Context) -> None:
        super().__init__(auth=None, session=session(context))
        self.context = context
        self.set_timeout(context.timeout)
