"""What the built-in tasks need: known without running them, so that a job can be checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class TaskNeeds:
    """What one built-in task needs.

    Attributes:
        service: The service's id; its internal connection is used.
        scopes: What must have been consented to.
    """

    service: str
    scopes: tuple[str, ...] = ()


_SPREADSHEETS: Final = ("https://www.googleapis.com/auth/spreadsheets",)
_READ_SPREADSHEETS: Final = ("https://www.googleapis.com/auth/spreadsheets.readonly",)

#: By what people write after ``cm.tasks.``.
TASKS: Final[Mapping[str, TaskNeeds]] = {
    "airtable.append_rows": TaskNeeds("airtable", ("data.records:write",)),
    "airtable.read_rows": TaskNeeds("airtable", ("data.records:read",)),
    "discord.post_message": TaskNeeds("discord-api-key"),
    "dropbox.send_file": TaskNeeds("dropbox", ("files.content.write",)),
    "github.open_issue": TaskNeeds("github", ("repo",)),
    "github.publish_gist": TaskNeeds("github", ("gist",)),
    "gitlab.open_issue": TaskNeeds("gitlab", ("api",)),
    "gitlab.publish_snippet": TaskNeeds("gitlab", ("api",)),
    "google_drive.send_file": TaskNeeds(
        "google-drive", ("https://www.googleapis.com/auth/drive.file",)
    ),
    "google_sheets.append_rows": TaskNeeds("google-sheets", _SPREADSHEETS),
    "google_sheets.read_rows": TaskNeeds("google-sheets", _READ_SPREADSHEETS),
    "slack.post_message": TaskNeeds("slack", ("chat:write",)),
    "teams.post_message": TaskNeeds("microsoft-teams", ("ChannelMessage.Send",)),
    "zoho_expense.create_report": TaskNeeds(
        "zoho-expense", ("ZohoExpense.expensereport.CREATE",)
    ),
    "zoho_expense.list_reports": TaskNeeds(
        "zoho-expense", ("ZohoExpense.expensereport.READ",)
    ),
}
