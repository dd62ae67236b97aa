"""The schemas of the document: what is sent, what is answered, made from their models."""

import dataclasses
import re
import typing
from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel, create_model
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

import conn_core
from conn_core import Secret
from conn_core._services import ANSWERED
from conn_core.errors import ERRORS_BY_CODE

from .. import _bodies
from .._api import PROBLEMS
from ._operation import TEXT

#: What people and programs send.
_SENT: Final[tuple[type[BaseModel], ...]] = (
    conn_core.AuthorizationDraft,
    conn_core.CheckDraft,
    conn_core.ClientRegistration,
    conn_core.ConnectionDraft,
    conn_core.ConnectionEdit,
    conn_core.GrantDraft,
    conn_core.PastedAddress,
    conn_core.ScheduleDraft,
    conn_core.ServiceDraft,
    conn_core.ShareDraft,
    _bodies.Activity,
    _bodies.InternalUse,
    _bodies.Nothing,
    _bodies.Revocation,
    _bodies.Sealing,
    _bodies.SigningQuestion,
    _bodies.Sources,
    _bodies.TokenQuestion,
    _bodies.Transfer,
    _bodies.Trial,
)
#: Values with a ``to_json``.
_ANSWERED: Final[tuple[type, ...]] = (
    conn_core.AccessToken,
    conn_core.AuditLine,
    conn_core.AuditReport,
    conn_core.Authorization,
    conn_core.BrokerStatus,
    conn_core.Connection,
    conn_core.Event,
    conn_core.IssuedGrant,
    conn_core.Readiness,
    conn_core.Schedule,
    conn_core.ServiceProposal,
    conn_core.TestResult,
    conn_core.Use,
)
#: Answers that no model describes.
_FURTHER: Final[dict[str, Any]] = {
    "Document": {"type": "object", "description": "An OpenAPI document."},
    "CarriedAnswer": {
        "description": "Whatever the service answers, with its own status, and with "
        "`X-Connections-Upstream: 1` in its head. An answer without that is an error of "
        "this server.",
    },
    "Category": {"type": "string", "description": "What services are for."},
    "Signature": {
        "description": "Headers that sign a request.",
        "type": "object",
        "required": ["headers"],
        "properties": {
            "headers": {"type": "object", "additionalProperties": TEXT},
        },
    },
    "Snippet": {
        "description": "Code to copy.",
        "type": "object",
        "required": ["link_name", "snippet", "libraries"],
        "properties": {
            "link_name": TEXT,
            "snippet": TEXT | {"description": "For the library that was asked for."},
            "libraries": {"type": "array", "items": TEXT},
        },
    },
}
#: Members of these are listed, the rest of a docstring is the description.
_SECTION: Final = re.compile(r"\n\nAttributes:\n(.*)", re.DOTALL)
_MEMBER: Final = re.compile(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", re.MULTILINE)


class _Untitled(GenerateJsonSchema):
    """Members have names; a title beside each says the same again."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - theirs
        """Leave it out."""
        return False


def schemas() -> dict[str, Any]:
    """Return the document's schemas by name."""
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((model, "validation") for model in _SENT),
        *((_written(value), "serialization") for value in _ANSWERED),
        (conn_core.Service, "serialization"),
    ]
    made = models_json_schema(
        models,
        ref_template="#/components/schemas/{model}",
        schema_generator=_Untitled,
    )[1]["$defs"]
    _leave_out(made["ServiceDraft"], ANSWERED)
    _all_there(made["Service"])
    explained = {name: _explained(made[name]) for name in sorted(made)}
    return explained | _of_errors() | _FURTHER


def _written(value: type) -> type[BaseModel]:
    """Return what ``to_json`` writes of a value as a model: each member is there."""
    hints = typing.get_type_hints(value)
    needed = {f.name for f in dataclasses.fields(value) if _is_always_there(f)}
    members: dict[str, Any] = {
        name: (_plain(hint), ...) for name, hint in hints.items()
    }
    for name, hint in hints.items():
        # A secret that need not be there is written only where there is one.
        if hint in {Secret, Secret | None} and name not in needed:
            members[name] = (str, "")
    return create_model(value.__name__, __doc__=value.__doc__, **members)


def _is_always_there(field: dataclasses.Field[Any]) -> bool:
    unset = dataclasses.MISSING
    return field.default is unset and field.default_factory is unset


def _plain(hint: Any) -> Any:
    return str if hint is Secret else hint


def _leave_out(schema: dict[str, Any], names: Iterable[str]) -> None:
    for name in names:
        del schema["properties"][name]


def _all_there(schema: dict[str, Any]) -> None:
    """Say that no member is ever missing: an answer is written whole."""
    schema["required"] = list(schema["properties"])


def _explained(schema: dict[str, Any]) -> dict[str, Any]:
    """Put what a docstring says of each member beside the member."""
    text = schema.get("description", "")
    found = _SECTION.search(text)
    if found is not None:
        text = text[: found.start()]
        for name, words in _MEMBER.findall(found[1]):
            if name in schema["properties"]:
                _describe(schema["properties"], name, words)
    return schema | {"description": in_markdown(text)}


def _describe(members: dict[str, Any], name: str, words: str) -> None:
    members[name] = members[name] | {"description": in_markdown(words)}


def in_markdown(text: str) -> str:
    """Return a docstring as OpenAPI writes texts, a paragraph in a line.

    Args:
        text: In the form that our docstrings have.
    """
    paragraphs = text.replace("``", "`").split("\n\n")
    return "\n\n".join(" ".join(p.split()) for p in paragraphs)


def _of_errors() -> dict[str, Any]:
    codes = sorted({*ERRORS_BY_CODE, *(code for code, _, _ in PROBLEMS.values())})
    return {
        "Error": {
            "description": "What went wrong, in the words that the kernel shows.",
            "type": "object",
            "required": ["code", "message", "hint"],
            "properties": {
                "code": {"enum": codes, "description": "For programs."},
                "message": TEXT | {"description": "What, and why; a sentence each."},
                "hint": TEXT | {"description": "What to do next, or empty."},
                "fields": {
                    "type": "object",
                    "additionalProperties": TEXT,
                    "description": "What is wrong with each member, by its name.",
                },
            },
        }
    }
