"""Microsoft Teams, by Microsoft Graph."""

from urllib.parse import quote

from ._task import answer_of, client_for


def post_message(
    *, team: str, channel: str, text: str, connection: str | None = None
) -> str:
    """Post a message to a channel of a team.

    Args:
        team: The team's id.
        channel: The channel's id.
        text: What to say, plain text.
        connection: A named connection to use in the place of the internal one.

    Returns:
        The message's id.

    Raises:
        ConnectionsError: If it could not be posted.
    """
    graph = client_for("teams.post_message", connection=connection)
    place = f"teams/{quote(team, safe='')}/channels/{quote(channel, safe='')}"
    body = {"body": {"contentType": "text", "content": text}}
    response = graph.post(f"{place}/messages", json=body)
    return str(answer_of(response, doing="post the message")["id"])
