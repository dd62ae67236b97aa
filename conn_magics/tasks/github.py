"""GitHub."""

from collections.abc import Mapping, Sequence

from ._task import answer_of, client_for


def open_issue(
    *,
    repository: str,
    title: str,
    body: str = "",
    labels: Sequence[str] = (),
    connection: str | None = None,
) -> str:
    """Open an issue.

    Args:
        repository: ``owner/name``.
        title: Its title.
        body: Its text, Markdown.
        labels: Labels that are there already.
        connection: A named connection to use in the place of the internal one.

    Returns:
        The issue's address.

    Raises:
        ConnectionsError: If it could not be opened.
    """
    github = client_for("github.open_issue", connection=connection)
    issue = {"title": title, "body": body, "labels": list(labels)}
    response = github.post(f"repos/{repository}/issues", json=issue)
    return str(answer_of(response, doing="open the issue")["html_url"])


def publish_gist(
    *,
    files: Mapping[str, str],
    description: str = "",
    public: bool = False,
    connection: str | None = None,
) -> str:
    """Publish files as a gist.

    Args:
        files: Each file's text by its name.
        description: What it is.
        public: Let everybody find it; else only who has the address.
        connection: A named connection to use in the place of the internal one.

    Returns:
        The gist's address.

    Raises:
        ConnectionsError: If it could not be published.
    """
    github = client_for("github.publish_gist", connection=connection)
    written = {name: {"content": text} for name, text in files.items()}
    gist = {"description": description, "public": public, "files": written}
    response = github.post("gists", json=gist)
    return str(answer_of(response, doing="publish the gist")["html_url"])
