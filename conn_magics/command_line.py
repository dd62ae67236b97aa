"""``jupyter connections``: the verbs of ``%conn``, and what others bring.

The table of verbs is the same, and so are the texts; a hint that says ``%conn …`` says
``jupyter connections …`` here.
"""

import gc
import json
import os
import sys
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from conn_core.errors import ConnectionsError, NeedsPerson

from ._desk import Desk
from ._parser import help_of, no_such_verb, options_of, verb_called
from ._piped import read_piped
from ._spoken import COMMAND, as_command
from ._surroundings import Surroundings
from ._terminal import ask_at_terminal, said_on, shown_on, written
from ._usage import UsageError
from ._verb import Verb, verbs_at
from ._views import View

_FAILED: Final = 1
_MISTYPED: Final = 2
_NEEDS_PERSON: Final = 3
_INTERRUPTED: Final = 130
_CODES: Final = {"ok": 0, "failed": _FAILED, "needs person": _NEEDS_PERSON}
_HELP: Final = frozenset({"-h", "--help"})
_AFTER_HELP: Final = f"""\
{COMMAND} VERB --help lists its options. Every verb of connections takes --json.
Exit codes: 0 done, 1 failed, 2 mistyped, 3 a person is needed."""


def main() -> NoReturn:
    """Run the command line of this process."""
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _FAILED
    sys.exit(code)


def run(words: Sequence[str]) -> int:
    """Run one line; say what it answers, and what is wrong in one line.

    Args:
        words: What was typed after ``jupyter connections``.

    Returns:
        The exit code.
    """
    try:
        return _answer(list(words))
    except UsageError as error:
        return _complain(str(error), _MISTYPED)
    except NeedsPerson as error:
        return _complain(str(error), _NEEDS_PERSON)
    except ConnectionsError as error:
        return _complain(str(error), _FAILED)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _complain(text: str, code: int) -> int:
    _say(as_command(text), sys.stderr)
    return code


def _say(text: str, stream: Any = None) -> None:
    print(text, file=stream or sys.stdout)


def _answer(words: list[str]) -> int:
    from . import _verbs  # noqa: F401 - the import fills the table of verbs

    if words[:1] == ["--version"]:
        from conn_core import __version__

        _say(__version__)
        return 0
    if words and words[0] in _HELP | {"help"}:
        _say(_help())
        return 0
    if words and words[0] != "--json" and not _is_verb(words):
        return _run_further(words)
    return _run_verb(words)


def _is_verb(words: list[str]) -> bool:
    verb = verbs_at("command").get(words[0])
    if verb is None:
        return False
    acts = len(words) > 1 and not words[1].startswith("-")
    if not (verb.actions and acts) or verb.takes_words:
        return True
    return words[1] in verb.actions


def _run_verb(words: list[str]) -> int:
    if not words or words == ["--json"]:
        from ._verbs._about import summary

        return _show(summary(_desk()), as_json=bool(words))
    verb, rest = verb_called(words, verbs_at("command"))
    rest, command = _parted(verb, rest)
    if _HELP & set(rest):
        _say(as_command(help_of(verb, face="command")))
        return 0
    options = options_of(verb, rest, face="command") | command
    as_json = options.pop("json")
    desk = _desk(
        opens=options.pop("open", False), piped=options.pop("secret_stdin", False)
    )
    gc.disable()  # a verb ends before anything is worth collecting
    try:
        return _show(verb.run(desk, **options), as_json=as_json)
    finally:
        gc.enable()
        desk.holder.forget()


def _parted(verb: Verb, words: list[str]) -> tuple[list[str], dict[str, Any]]:
    """Part our own words from a command behind ``--``, which may look like anything."""
    if not verb.takes_command:
        return words, {}
    end = words.index("--") if "--" in words else len(words)
    return words[:end], {"command": words[end + 1 :]}


def _desk(*, opens: bool = False, piped: bool = False) -> Desk:
    return Desk(
        around=Surroundings(
            person=sys.stdin is not None and sys.stdin.isatty(),
            terminal=True,
            command=True,
        ),
        show=shown_on(sys.stderr),
        ask=ask_at_terminal,
        say=said_on(sys.stderr),
        open_link=_open_link if opens else None,
        piped=read_piped(sys.stdin) if piped else None,
    )


def _open_link(url: str) -> None:
    import webbrowser

    webbrowser.open(url)


def _show(answer: View | None, *, as_json: bool) -> int:
    if answer is None:
        return 0
    if as_json:
        indent = 2 if sys.stdout.isatty() else None
        _say(json.dumps(answer.to_json(), indent=indent, ensure_ascii=False))
    else:
        _say(written(answer, sys.stdout))
    return _CODES[answer.outcome]


def _run_further(words: list[str]) -> int:
    from ._further import Further

    further = Further()
    verbs = verbs_at("command")
    command = further.meant_by(words)
    if command is None and words[0] not in verbs:
        command = further.group_called(words[0])
    if command is not None:
        command.run(words)
        return 0
    if words[0] in verbs:
        verb_called(words, verbs)  # says which actions there are
    raise no_such_verb(words[0], [*verbs, *further.summaries()])


def _lines_of(verb: Verb) -> list[Verb]:
    """Return what the help lists of a verb: its actions, and itself where it does something."""
    itself = [verb] if verb.takes_words or not verb.actions else []
    return [*itself, *verb.actions.values()]


def _help() -> str:
    from ._further import Further

    verbs = verbs_at("command").values()
    ours = [(each.name, each.summary) for verb in verbs for each in _lines_of(verb)]
    others = list(Further().summaries().items())
    width = max(len(name) for name, _ in (*ours, *others))
    lines = [f"  {name:<{width}}  {summary}" for name, summary in (*ours, *others)]
    return "\n".join(
        [
            f"Usage: {COMMAND} VERB …",
            "",
            "Reach third-party services from notebooks, without ever handling a secret.",
            "",
            *lines,
            "",
            _AFTER_HELP,
        ]
    )


if __name__ == "__main__":
    main()
