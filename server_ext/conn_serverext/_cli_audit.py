"""``jupyter connections audit``: what was done with the credentials of this store."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from conn_core import os_user

from ._cli_here import core_here, typed_or_piped

if TYPE_CHECKING:
    from collections.abc import Iterator

    import conn_core
    from conn_core.broker import Traced

app = typer.Typer(
    name="audit",
    help="Read, search, verify and trim the log of what was done with credentials.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.command()
def verify(*, as_json: AsJson = False) -> None:
    """Say whether the log is as it was written; exit code 1 where it is not."""
    from conn_core.broker import verify_log  # noqa: PLC0415 - only when used

    with core_here() as core:
        report = verify_log(core)
    if as_json:
        typer.echo(json.dumps(report.to_json()))
    else:
        _print_report(report)
    if not report.whole:
        raise typer.Exit(1)


@app.command(name="list")
def listed(
    *,
    query: Annotated[str, typer.Argument(help="Words that a line has.")] = "",
    connection: Annotated[str, typer.Option(help="Only of this link name.")] = "",
    person: Annotated[str, typer.Option(help="Only by this person.")] = "",
    action: Annotated[str, typer.Option(help="Only this.")] = "",
    limit: Annotated[int, typer.Option("-n", min=1, help="How many lines.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what was done by anybody, the latest first."""
    from conn_core.broker import lines_of_log  # noqa: PLC0415 - only when used

    with core_here() as core:
        found = lines_of_log(
            core,
            query,
            link_name=connection or None,
            person=person or None,
            action=action or None,
            limit=limit,
        )
    if as_json:
        items = [line.to_json() for line in found]
        typer.echo(json.dumps({"items": items, "next_cursor": None}))
        return
    for line in found:
        typer.echo(_line_in_words(line))
    if not found:
        typer.echo("Nothing has happened yet")


@app.command()
def search(*, as_json: AsJson = False) -> None:
    """Say whose a leaked token is and who used it; it is typed unseen, or piped in.

    Exit code 1 where the log knows nothing of it.
    """
    from conn_core.broker import traced  # noqa: PLC0415 - only when used

    token = typed_or_piped("Token (not shown): ")
    with core_here() as core:
        found = traced(core, token)
    if as_json:
        typer.echo(json.dumps({"items": [one.to_json() for one in found]}))
    for one in found if not as_json else ():
        typer.echo("\n".join(_traced_in_words(one)))
    if not found:
        typer.echo(
            "The log knows nothing of this token: it never came here, or the lines of "
            "that time were trimmed",
            err=True,
        )
        raise typer.Exit(1)


@app.command()
def trim(
    *,
    before: Annotated[
        datetime,
        typer.Option(formats=["%Y-%m-%d"], help="The day from which on lines stay."),
    ],
    even_broken: Annotated[
        bool,
        typer.Option("--even-broken", help="Also where the log does not verify."),
    ] = False,
) -> None:
    """Delete older lines; a signed line stays that says so."""
    from conn_core.broker import trim_log  # noqa: PLC0415 - only when used

    moment = before.replace(tzinfo=UTC).timestamp()
    with core_here() as core:
        deleted = trim_log(
            core, before=moment, person=os_user(), even_broken=even_broken
        )
    lines = "1 line was" if deleted == 1 else f"{deleted} lines were"
    typer.echo(f"{lines} deleted")


def _print_report(report: "conn_core.AuditReport") -> None:
    for problem in report.problems:
        typer.echo(problem)
    lines = f"{report.lines} line{'s' * (report.lines != 1)}"
    chains = f"{report.chains} chain{'s' * (report.chains != 1)}"
    if report.whole:
        typer.echo(f"{lines} in {chains}, all as they were written")
    else:
        typer.echo(f"{lines} in {chains}; the log is not as it was written", err=True)


def _traced_in_words(one: "Traced") -> "Iterator[str]":
    line = one.obtained
    since = f"{line.at:%Y-%m-%d %H:%M:%S}"
    until = f"until {one.until:%Y-%m-%d %H:%M:%S}" if one.until else "the latest one"
    whose = f"of {line.actor}, with {line.owner}/{line.connection} ({line.service})"
    yield f"A credential {whose}, obtained {since}, {until}"
    for used in one.uses:
        yield f"  {_line_in_words(used)}"
    if not one.uses:
        yield "  Nobody has used it from here"
    if one.until is None:
        name = f"{line.owner}/{line.connection}"
        yield f"  End it: jupyter connections revoke {name} --at-provider"


def _line_in_words(line: "conn_core.AuditLine") -> str:
    who = f"{line.actor} (by {line.by})" if line.by else line.actor
    what = f"{line.action} {line.owner}/{line.connection}" if line.connection else ""
    asked = f"{line.method} {line.host}{line.path}" if line.host else ""
    status = "" if line.status is None else str(line.status)
    place = f"from {line.place}" if line.place else ""
    parts = (who, what or line.action, asked, status, line.result, place, line.detail)
    return "  ".join([f"{line.at:%Y-%m-%d %H:%M:%S}", *filter(None, parts)])
