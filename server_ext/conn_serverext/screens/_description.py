"""A service as a form describes it: what is typed, what is found, what is wrong."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from conn_core.look import (
    DELIMITERS,
    STARTS,
    Kind,
    hosts_from,
    parameters_for,
    prefix_from,
    scope_problems,
    scopes_from,
    shown,
)

from ._kinds import BOXES, CHOICES, TEXTS

if TYPE_CHECKING:
    from conn_core import Service

    from ._form import Form

_MOST_ROWS: Final = 500
#: Members that have a field, or that the form makes of several.
_OURS: Final = {
    *TEXTS,
    *CHOICES,
    *BOXES,
    "id",
    "scopes",
    "scope_delimiter",
    "parameters",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of filling the form with what was learned.

    Attributes:
        filled: Labels of what was filled.
        addresses: How many addresses were.
        scopes: How many scopes were added.
        kept: Labels of what was typed differently, and what was learned.
    """

    filled: list[str] = field(default_factory=list)
    addresses: int = 0
    scopes: int = 0
    kept: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Description:
    """The form as it stands. The client secret is no part of it.

    Attributes:
        texts: What is typed, by member.
        choices: What is chosen, by member.
        boxes: What is ticked, by member.
        rows: The scopes, a row each.
        delimiter: One of the usual ones, or ``other``.
        other_delimiter: What is typed then.
        parameters: What fills the blanks of addresses, as far as it is described.
        rest: Members that have no field.
    """

    texts: dict[str, str] = field(default_factory=lambda: dict.fromkeys(TEXTS, ""))
    choices: dict[str, str] = field(
        default_factory=lambda: {name: c[0][0][0] for name, c in CHOICES.items()}
    )
    boxes: dict[str, bool] = field(
        default_factory=lambda: {name: box[0] for name, box in BOXES.items()}
    )
    rows: list[dict[str, Any]] = field(default_factory=list)
    delimiter: str = " "
    other_delimiter: str = ""
    parameters: list[dict[str, Any]] = field(default_factory=list)
    rest: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, service: "Service") -> Self:
        """Return the description of a service that there is."""
        from conn_core import ServiceDraft  # noqa: PLC0415 - pydantic
        from conn_core._services import ANSWERED  # noqa: PLC0415 - pydantic

        members = service.model_dump(mode="json", exclude_none=True)
        found = cls()
        found.fill(
            {
                name: value
                for name, value in members.items()
                if name in ServiceDraft.model_fields and name not in ANSWERED
            },
            overwrite=True,
        )
        return found

    @classmethod
    def read(cls, form: "Form") -> Self:
        """Return what was typed."""
        kept = _loaded(form.text("rest"))
        return cls(
            texts={name: form.text(name) for name in TEXTS},
            choices={
                name: form.text(name, choices[0][0])
                for name, (choices, _) in CHOICES.items()
            },
            boxes={name: form.ticked(name) for name in BOXES},
            rows=_rows(form),
            delimiter=form.raw("scope_delimiter", " "),
            other_delimiter=form.raw("other_delimiter"),
            parameters=kept.get("parameters", []),
            rest=kept.get("rest", {}),
        )

    @property
    def kind(self) -> Kind:
        """What decides which fields there are."""
        return Kind(self.choices["auth_type"], self.choices["grant_type"])

    @property
    def has_secret(self) -> bool:
        """A client secret is asked for."""
        by_secret = self.choices["token_endpoint_auth_method"] != "none"
        return self.kind.is_oauth and (by_secret or not self.kind.is_oauth2)

    @property
    def kept(self) -> str:
        """What has no field, for the form to bring back. There is no secret in it."""
        return json.dumps({"parameters": self.parameters, "rest": self.rest})

    # --- what is typed ----------------------------------------------------------------

    def members(self) -> dict[str, Any]:
        """Return the description as it stands; what is not asked for is left out."""
        kind = self.kind
        found = dict(self.rest)
        found |= {
            name: self._text(name)
            for name, asked in TEXTS.items()
            if asked.wanted(kind) and self._text(name)
        }
        found |= {n: self.choices[n] for n, (_, on) in CHOICES.items() if on(kind)}
        found |= {n: self.boxes[n] for n, (_, on) in BOXES.items() if on(kind)}
        found["api_hosts"] = hosts_from(self.texts["api_hosts"])
        if kind.is_placed:
            found["param_prefix"] = prefix_from(self._text("param_prefix"))
        found |= self._scope_members() if kind.is_oauth2 else {"default_scopes": []}
        found["parameters"] = parameters_for(found, self.parameters)
        return found

    def wrong(self, *, is_new: bool, has_secret: bool) -> dict[str, str]:
        """Return what is wrong with single fields.

        Args:
            is_new: The service is created; else a secret left blank is kept.
            has_secret: A client secret was typed.
        """
        kind = self.kind
        found = {
            name: "is needed"
            for name, asked in TEXTS.items()
            if asked.needed and asked.wanted(kind) and not self._text(name)
        }
        has_id = bool(self.texts["client_id"])
        if self.has_secret and has_secret and not has_id and is_new:
            found["client_id"] = "is needed with a secret"
        if self.has_secret and has_id and not has_secret and is_new:
            found["client_secret"] = "is needed, or leave the client id empty too"
        if kind.is_oauth2:
            problems = scope_problems(self.rows)
            found |= {f"scopes.{number}": text for number, text in problems.items()}
            if self.delimiter == "other" and not self.other_delimiter:
                found["other_delimiter"] = "is needed"
        return found

    def _text(self, name: str) -> str:
        """Return what is typed, or what is usual for this kind of service."""
        typed = self.texts[name]
        usual = STARTS.get(self.kind.auth_type, {})
        # A prefix may be empty on purpose, where the name is no longer the usual one.
        if name == "param_prefix" and self.texts["param_name"] not in (
            "",
            usual.get("param_name"),
        ):
            return typed
        return typed or usual.get(name, "")

    def _scope_members(self) -> dict[str, Any]:
        scopes = scopes_from(self.rows)
        names = {scope["name"] for scope in scopes}
        usual = [s for s in self.rest.get("default_scopes", ()) if s in names]
        other = self.delimiter == "other"
        return {
            "scopes": scopes,
            "default_scopes": usual,
            "scope_delimiter": self.other_delimiter if other else self.delimiter,
        }

    # --- what is learned --------------------------------------------------------------

    def fill(self, learned: Mapping[str, Any], *, overwrite: bool = False) -> Found:
        """Fill fields with what was learned; what a person typed stays.

        Args:
            learned: Members of a description.
            overwrite: Put what was learned in the place of what was typed, too.
        """
        taken, kept = self._fill_fields(learned, overwrite=overwrite)
        added = self._fill_scopes(learned)
        self.parameters = list(learned.get("parameters", self.parameters))
        self.rest |= {k: v for k, v in learned.items() if k not in _OURS}
        addresses = [n for n in taken if n.endswith(("_endpoint", "_url"))]
        others = [_label(n) for n in taken if n in TEXTS and n not in addresses]
        return Found(filled=others, addresses=len(addresses), scopes=added, kept=kept)

    def _fill_fields(
        self, learned: Mapping[str, Any], *, overwrite: bool
    ) -> tuple[list[str], list[tuple[str, str]]]:
        """Return which members were filled, and which were typed differently."""
        taken: list[str] = []
        kept: list[tuple[str, str]] = []
        start = Description()
        for part in ("choices", "boxes", "texts"):
            typed: dict[str, Any] = getattr(self, part)
            usual: dict[str, Any] = getattr(start, part)
            for name in [n for n in typed if learned.get(n) is not None]:
                value = shown(name, learned[name])
                if typed[name] == value:
                    continue
                if overwrite or typed[name] == usual[name]:
                    typed[name] = value
                    taken.append(name)
                else:
                    kept.append((_label(name), str(value)))
        return taken, kept

    def _fill_scopes(self, learned: Mapping[str, Any]) -> int:
        before = scopes_from(self.rows)
        known = {scope["name"] for scope in before}
        read = scopes_from(learned.get("scopes", ()))
        added = [scope for scope in read if scope["name"] not in known]
        self.rows = [*before, *added]
        delimiter = learned.get("scope_delimiter")
        if delimiter is not None:
            usual = delimiter in [value for value, _ in DELIMITERS[:-1]]
            self.delimiter = str(delimiter) if usual else "other"
            self.other_delimiter = "" if usual else str(delimiter)
        return len(added)


def _label(name: str) -> str:
    return TEXTS[name].label if name in TEXTS else name.replace("_", " ")


def _rows(form: "Form") -> list[dict[str, Any]]:
    names, words = form.all("scope_name"), form.all("scope_words")
    read_only = set(form.all("scope_read_only"))
    return [
        {
            "name": name.strip(),
            "display_name": shown.strip(),
            "read_only": str(i) in read_only,
        }
        for i, (name, shown) in enumerate(zip(names, words, strict=False))
    ][:_MOST_ROWS]


def _loaded(text: str) -> dict[str, Any]:
    """Read what the form brought back; what is not as we wrote it means nothing."""
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    shapes = {"parameters": list, "rest": dict}
    return {n: found[n] for n, kind in shapes.items() if isinstance(found.get(n), kind)}
