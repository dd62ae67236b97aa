"""Every task sends the request that its API documents, and reads the answer."""

from datetime import date
from pathlib import Path

import pytest

from conn_core._tasks import TASKS
from conn_core.catalog import Catalog
from conn_core.errors import ProviderError
from conn_magics import tasks

CATALOG = Catalog()


def base_url(service_id: str, **blanks: str) -> str:
    """Return where a predefined service's API is."""
    return CATALOG.get(service_id).filled(blanks).api_base_url + "/"


def test_every_task_that_is_declared_exists_and_is_short():
    """The table of needs and the modules name the same tasks."""
    modules = {name: getattr(tasks, name) for name in tasks.__all__}
    found = {
        f"{name}.{each}"
        for name, module in modules.items()
        for each, thing in vars(module).items()
        if callable(thing)
        and getattr(thing, "__module__", "") == module.__name__
        and not each.startswith("_")
        and not isinstance(thing, type)
    }
    assert set(TASKS) == found


@pytest.mark.parametrize("name", sorted(TASKS))
def test_the_service_of_a_task_is_predefined_and_knows_its_scopes(name):
    """A task's service ships, and the scopes it needs are among those people can pick."""
    needs = TASKS[name]
    service = CATALOG.get(needs.service)
    assert set(needs.scopes) <= set(service.scope_names)


def test_a_message_to_slack(api):
    """Slack takes channel and text, and answers with a time stamp."""
    slack = api(base_url("slack"))
    slack.will_answer({"ok": True, "ts": "1764000000.0001"})

    stamp = tasks.slack.post_message(channel="#spend", text="12,000 so far")

    assert stamp == "1764000000.0001"
    assert slack.line == "POST https://slack.com/api/chat.postMessage"
    assert slack.body == {"channel": "#spend", "text": "12,000 so far"}
    assert slack.opened[0][0] == "slack-tasks"


def test_slack_says_no_with_status_200(api):
    """An answer that is not ok is an error with Slack's own reason, whatever the status."""
    slack = api(base_url("slack"))
    slack.will_answer({"ok": False, "error": "channel_not_found"})

    with pytest.raises(ProviderError, match=r"post the message \(channel_not_found\)"):
        tasks.slack.post_message(channel="#nowhere", text="x")


def test_a_message_to_teams(api):
    """Graph takes a plain text body; ids are quoted."""
    graph = api(base_url("microsoft-teams", tenant="common"))
    graph.will_answer({"id": "1616990032035"}, status=201)

    made = tasks.teams.post_message(
        team="t-1", channel="19:abc@thread.tacv2", text="<b>"
    )

    assert made == "1616990032035"
    assert graph.line == (
        "POST https://graph.microsoft.com/v1.0/teams/t-1/channels/"
        "19%3Aabc%40thread.tacv2/messages"
    )
    assert graph.body == {"body": {"contentType": "text", "content": "<b>"}}


def test_a_message_to_discord_mentions_nobody(api):
    """A bot posts; @everyone in the text stays text."""
    discord = api(base_url("discord-api-key"))
    discord.will_answer({"id": "42"})

    assert tasks.discord.post_message(channel="7", text="@everyone hi") == "42"
    assert discord.line == "POST https://discord.com/api/v10/channels/7/messages"
    assert discord.body == {
        "content": "@everyone hi",
        "allowed_mentions": {"parse": []},
    }


def test_rows_of_a_spreadsheet(api):
    """Rows are read in A1 notation and appended as if typed."""
    sheets = api(base_url("google-sheets"))
    sheets.will_answer({"values": [["a", "1"], ["b"]]}, {})
    cells = "Q3 spend!A1:B"

    rows = tasks.google_sheets.read_rows(spreadsheet="KEY", cells=cells)

    assert rows == [["a", "1"], ["b"]]
    place = "https://sheets.googleapis.com/v4/spreadsheets/KEY/values/"
    assert sheets.line == f"GET {place}Q3%20spend%21A1%3AB"
    assert tasks.google_sheets.read_rows(spreadsheet="KEY", cells="Empty") == []


def test_rows_are_appended_to_a_spreadsheet(api):
    """Appending says how many rows were added."""
    sheets = api(base_url("google-sheets"))
    sheets.will_answer({"updates": {"updatedRows": 2}})

    added = tasks.google_sheets.append_rows(
        spreadsheet="KEY", cells="Sheet1", rows=[("c", 2), ("d", 3)]
    )

    assert added == 2
    assert sheets.line == (
        "POST https://sheets.googleapis.com/v4/spreadsheets/KEY/values/Sheet1:append"
        "?valueInputOption=USER_ENTERED"
    )
    assert sheets.body == {"values": [["c", 2], ["d", 3]]}


def test_all_pages_of_an_airtable_are_read(api):
    """Airtable's offset leads to the next page."""
    airtable = api(base_url("airtable"))
    airtable.will_answer(
        {"records": [{"id": "r1", "fields": {"Name": "a"}}], "offset": "next/1"},
        {"records": [{"id": "r2", "fields": {"Name": "b"}}]},
    )

    rows = tasks.airtable.read_rows(base="app1", table="Spend 2026")

    assert rows == [{"Name": "a"}, {"Name": "b"}]
    assert [str(r.url) for r in airtable.requests] == [
        "https://api.airtable.com/v0/app1/Spend%202026",
        "https://api.airtable.com/v0/app1/Spend%202026?offset=next%2F1",
    ]


def test_an_airtable_takes_ten_rows_at_a_time(api):
    """Eleven rows are two requests, and all ids come back."""
    airtable = api(base_url("airtable"))
    airtable.will_answer(
        {"records": [{"id": f"r{n}"} for n in range(10)]}, {"records": [{"id": "r10"}]}
    )

    made = tasks.airtable.append_rows(
        base="app1", table="T", rows=[{"N": n} for n in range(11)]
    )

    assert made == [f"r{n}" for n in range(11)]
    assert airtable.body == {"records": [{"fields": {"N": 10}}]}


def test_an_issue_and_a_gist_at_github(api):
    """GitHub answers with the address that people open."""
    github = api(base_url("github"))
    github.will_answer(
        {"html_url": "https://github.com/o/r/issues/1"},
        {"html_url": "https://gist.github.com/1"},
        status=201,
    )

    issue = tasks.github.open_issue(
        repository="o/r", title="Broken", body="It is", labels=["bug"]
    )

    assert issue == "https://github.com/o/r/issues/1"
    assert github.line == "POST https://api.github.com/repos/o/r/issues"
    assert github.body == {"title": "Broken", "body": "It is", "labels": ["bug"]}

    gist = tasks.github.publish_gist(files={"a.md": "# A"}, description="notes")

    assert gist == "https://gist.github.com/1"
    assert github.line == "POST https://api.github.com/gists"
    assert github.body == {
        "description": "notes",
        "public": False,
        "files": {"a.md": {"content": "# A"}},
    }


def test_an_issue_and_a_snippet_at_gitlab(api, broker):
    """A project is named as a whole; the host fills the internal connection's blank."""
    gitlab = api("https://git.acme.example/api/v4/")
    gitlab.will_answer({"web_url": "i"}, {"web_url": "s"}, status=201)

    assert (
        tasks.gitlab.open_issue(project="group/app", title="T", host="git.acme.example")
        == "i"
    )
    assert gitlab.line == (
        "POST https://git.acme.example/api/v4/projects/group%2Fapp/issues"
    )
    assert broker.asked == [("gitlab", ("api",), {"host": "git.acme.example"})]

    assert tasks.gitlab.publish_snippet(title="S", files={"a.py": "x"}) == "s"
    assert gitlab.body == {
        "title": "S",
        "visibility": "private",
        "files": [{"file_path": "a.py", "content": "x"}],
    }


def test_all_pages_of_expense_reports(api):
    """Zoho says whether there is another page; the organisation is in a header."""
    zoho = api(base_url("zoho-expense", dc="eu"))
    zoho.will_answer(
        {
            "expense_reports": [{"report_id": "1"}],
            "page_context": {"has_more_page": True},
        },
        {
            "expense_reports": [{"report_id": "2"}],
            "page_context": {"has_more_page": False},
        },
    )

    reports = tasks.zoho_expense.list_reports(organisation="10", data_centre="eu")

    assert [r["report_id"] for r in reports] == ["1", "2"]
    assert zoho.line == "GET https://www.zohoapis.eu/expense/v1/expensereports?page=2"
    assert zoho.requests[0].headers["X-com-zoho-expense-organizationid"] == "10"


def test_an_expense_report_is_created(api):
    """Days are written as Zoho wants them."""
    zoho = api(base_url("zoho-expense", dc="com"))
    zoho.will_answer({"expense_report": {"report_id": "9"}}, status=201)

    made = tasks.zoho_expense.create_report(
        organisation="10",
        name="Trip",
        start=date(2026, 11, 1),
        end=date(2026, 11, 3),
        description="To the client",
    )

    assert made == "9"
    assert zoho.body == {
        "report_name": "Trip",
        "description": "To the client",
        "start_date": "2026-11-01",
        "end_date": "2026-11-03",
    }


def test_a_file_to_google_drive(api, tmp_path: Path):
    """What the file is and the file itself are the two parts of one request."""
    drive = api(base_url("google-drive"))
    drive.will_answer({"id": "f1"}, {"id": "f2"})
    file = tmp_path / "report.csv"
    file.write_text("a,b\n")

    assert tasks.google_drive.send_file(file, folder="FOLDER") == "f1"
    assert drive.line == (
        "POST https://www.googleapis.com/upload/drive/v3/files"
        "?uploadType=multipart&fields=id"
    )
    request = drive.requests[0]
    boundary = request.headers["content-type"].partition("boundary=")[2]
    facts, content = request.content.split(f"--{boundary}".encode())[1:3]
    assert b'{"name": "report.csv", "parents": ["FOLDER"]}' in facts
    assert b"Content-Type: text/csv\r\n\r\na,b\n\r\n" in content
    assert request.content.endswith(f"--{boundary}--\r\n".encode())
    assert tasks.google_drive.send_file(str(file)) == "f2"


def test_a_file_to_dropbox(api, tmp_path: Path):
    """Where to is said in a header of plain characters, whatever the name is."""
    dropbox = api(base_url("dropbox"))
    dropbox.will_answer({"path_display": "/reports/größe.csv"})
    file = tmp_path / "größe.csv"
    file.write_bytes(b"\x00\x01")

    assert tasks.dropbox.send_file(file, folder="/reports/") == "/reports/größe.csv"
    assert dropbox.line == "POST https://content.dropboxapi.com/2/files/upload"
    request = dropbox.requests[0]
    assert request.headers["dropbox-api-arg"] == (
        '{"path": "/reports/gr\\u00f6\\u00dfe.csv", "autorename": true}'
    )
    assert request.content == b"\x00\x01"


@pytest.mark.parametrize(
    ("send", "limit"),
    [
        (tasks.google_drive.send_file, 5 * 1024 * 1024),
        (tasks.dropbox.send_file, 150 * 1024 * 1024),
    ],
)
def test_a_file_that_is_too_large_is_not_sent(send, limit, tmp_path: Path):
    """The limit of one request is said before anything is opened."""
    file = tmp_path / "large.bin"
    with file.open("wb") as handle:
        handle.truncate(limit + 1)
    with pytest.raises(ValueError, match=r"large\.bin is larger than"):
        send(file)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"error": {"message": "Not \x1bfound"}}, "Not found"),
        ({"error": {"type": "INVALID"}}, "INVALID"),
        ({"message": "Bad credentials"}, "Bad credentials"),
        (["no", "object"], "status 404"),
        ({}, "status 404"),
    ],
)
def test_a_refusal_is_told_with_the_reason_of_the_api(api, body, reason):
    """APIs put their reason in different places; none of it can draw on a terminal."""
    github = api(base_url("github"))
    github.will_answer(body, status=404)
    with pytest.raises(ProviderError) as caught:
        tasks.github.open_issue(repository="o/r", title="T")
    assert caught.value.message == (f"api.github.com did not open the issue ({reason})")


def test_an_answer_that_is_no_json_is_a_refusal_without_words(api, monkeypatch):
    """A page in the place of an answer is not shown to anybody."""
    import httpx

    github = api(base_url("github"))
    monkeypatch.setattr(
        github, "answer", lambda _: httpx.Response(502, text="<html>secret</html>")
    )
    with pytest.raises(ProviderError, match=r"\(status 502\)"):
        tasks.github.open_issue(repository="o/r", title="T")


def test_a_named_connection_is_used_only_when_it_is_named(api, broker):
    """Told to, a task uses a person's own connection, and needs the scope there."""
    slack = api(base_url("slack"))
    slack.will_answer({"ok": True, "ts": "1"})

    tasks.slack.post_message(channel="#a", text="b", connection="team-slack")

    name, options = slack.opened[0]
    assert (name, options["require"]) == ("team-slack", ("chat:write",))
    assert broker.asked == []
