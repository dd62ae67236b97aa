"""Slack."""

from ._task import answer_of, client_for


def post_message(*, channel: str, text: str, connection: str | None = None) -> str:
    """Post a message to a channel.

    Args:
        channel: Its name with ``#``, or its id.
        text: What to say; Slack's own markup works.
        connection: A named connection to use in the place of the internal one.

    Returns:
        The message's time stamp, Slack's name for it.

    Raises:
        ConnectionsError: If it could not be posted.
    """
    slack = client_for("slack.post_message", connection=connection)
    response = slack.post("chat.postMessage", json={"channel": channel, "text": text})
    answer = answer_of(response, doing="post the message", ok="ok")
    return str(answer["ts"])
