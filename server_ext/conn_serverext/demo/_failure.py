"""What can go wrong when the programs of this room start."""

from conn_core.errors import ConnectionsError


class LaunchFailed(ConnectionsError):
    """A program did not start, or cannot put its files where it was told."""

    code = "launch_failed"
