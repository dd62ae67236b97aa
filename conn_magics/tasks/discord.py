"""Discord, as a bot: people's own authorizations may not write."""

from urllib.parse import quote

from ._task import answer_of, client_for


def post_message(*, channel: str, text: str, connection: str | None = None) -> str:
    """Post a message to a channel.

    Args:
        channel: The channel's id.
        text: What to say; Discord's markup works. It mentions nobody.
        connection: A named connection to use in the place of the internal one.

    Returns:
        The message's id.

    Raises:
        ConnectionsError: If it could not be posted.
    """
    discord = client_for("discord.post_message", connection=connection)
    # A text with @everyone in it must not ring at everybody's.
    body = {"content": text, "allowed_mentions": {"parse": []}}
    response = discord.post(f"channels/{quote(channel, safe='')}/messages", json=body)
    return str(answer_of(response, doing="post the message")["id"])
