"""GitLab, theirs or one's own."""

from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote

from ._task import answer_of, client_for

Visibility = Literal["private", "internal", "public"]


def open_issue(
    *,
    project: str,
    title: str,
    description: str = "",
    host: str = "gitlab.com",
    connection: str | None = None,
) -> str:
    """Open an issue.

    Args:
        project: ``group/name``.
        title: Its title.
        description: Its text, Markdown.
        host: Where GitLab is, when the internal connection is made.
        connection: A named connection to use in the place of the internal one.

    Returns:
        The issue's address.

    Raises:
        ConnectionsError: If it could not be opened.
    """
    gitlab = client_for(
        "gitlab.open_issue", connection=connection, parameters={"host": host}
    )
    issue = {"title": title, "description": description}
    response = gitlab.post(f"projects/{quote(project, safe='')}/issues", json=issue)
    return str(answer_of(response, doing="open the issue")["web_url"])


def publish_snippet(
    *,
    title: str,
    files: Mapping[str, str],
    visibility: Visibility = "private",
    host: str = "gitlab.com",
    connection: str | None = None,
) -> str:
    """Publish files as a snippet.

    Args:
        title: Its title.
        files: Each file's text by its name.
        visibility: Who may see it.
        host: Where GitLab is, when the internal connection is made.
        connection: A named connection to use in the place of the internal one.

    Returns:
        The snippet's address.

    Raises:
        ConnectionsError: If it could not be published.
    """
    gitlab = client_for(
        "gitlab.publish_snippet", connection=connection, parameters={"host": host}
    )
    written = [{"file_path": name, "content": text} for name, text in files.items()]
    snippet = {"title": title, "visibility": visibility, "files": written}
    response = gitlab.post("snippets", json=snippet)
    return str(answer_of(response, doing="publish the snippet")["web_url"])
