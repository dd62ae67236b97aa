"""A service as a form describes it: what is typed, what is found, what is wrong."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from conn_core.look import (
    ASKED,
    AUTH_TYPES,
    CLIENT_AUTHENTICATIONS,
    DELIMITERS,
    GRANT_TYPES,
    PARAM_TYPES,
    SIGNATURES,
    STARTS,
    Asked,
    Kind,
    hosts_from,
    parameters_for,
    prefix_from,
    scope_problems,
    scopes_from,
    shown,
)

if TYPE_CHECKING:
    from conn_core import Service

    from ._form import Form

BLANK_ROWS: Final = 3
_MOST_ROWS: Final = 500
_BY_NAME: Final = {asked.name: asked for asked in ASKED}
#: What chips answer: what there is to choose from, and when it is asked.
CHOICES: Final[dict[str, tuple[list[list[str]], Callable[[Kind], bool]]]] = {
    "auth_type": (AUTH_TYPES, lambda _: True),
    "grant_type": (GRANT_TYPES, lambda kind: kind.is_oauth2),
    "param_type": (PARAM_TYPES, lambda kind: kind.is_placed),
    "token_endpoint_auth_method": (
        CLIENT_AUTHENTICATIONS,
        lambda kind: kind.is_oauth2,
    ),
    "signature_method": (SIGNATURES, lambda kind: kind.auth_type == "oauth1"),
}
#: What boxes answer, what they begin with, and when they are asked.
BOXES: Final[dict[str, tuple[bool, Callable[[Kind], bool]]]] = {
    "pkce": (True, lambda kind: kind.is_oauth2 and kind.has_browser),
    "use_login_user_credentials": (False, lambda kind: not kind.client_alone),
}
_OURS: Final = {
    *_BY_NAME,
    *CHOICES,
    *BOXES,
    "id",
    "scopes",
    "scope_delimiter",
    "parameters",
}
#: Every kind of service, by the class that its fields have.
KINDS: Final = {
    **{f"oauth2-{grant}": Kind("oauth2", grant) for grant, _ in GRANT_TYPES},
    **{auth: Kind(auth, "authorization_code") for auth, _ in AUTH_TYPES[1:]},
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

    texts: dict[str, str] = field(default_factory=lambda: dict.fromkeys(_BY_NAME, ""))
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
        from conn_core._service_draft import ANSWERED  # noqa: PLC0415 - pydantic

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
            texts={name: form.text(name) for name in _BY_NAME},
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
            for name, asked in _BY_NAME.items()
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
            for name, asked in _BY_NAME.items()
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
        found = Found()
        start = Description()
        values: dict[str, tuple[Any, Any]] = {
            **dict.fromkeys(CHOICES, (self.choices, start.choices)),
            **dict.fromkeys(BOXES, (self.boxes, start.boxes)),
            **dict.fromkeys(_BY_NAME, (self.texts, start.texts)),
        }
        taken: list[str] = []
        for name, (typed, usual) in values.items():
            if learned.get(name) is None:
                continue
            value = shown(name, learned[name])
            if typed[name] == value:
                continue
            if overwrite or typed[name] == usual[name]:
                typed[name] = value
                taken.append(name)
            else:
                found.kept.append((_label(name), str(value)))
        added = self._fill_scopes(learned)
        self.parameters = list(learned.get("parameters", self.parameters))
        self.rest |= {k: v for k, v in learned.items() if k not in _OURS}
        addresses = [n for n in taken if n.endswith(("_endpoint", "_url"))]
        others = [_label(n) for n in taken if n in _BY_NAME and n not in addresses]
        return Found(
            filled=others, addresses=len(addresses), scopes=added, kept=found.kept
        )

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


def when(wanted: Callable[[Kind], bool]) -> str:
    """Return the classes of a field: for which kinds of service it is shown."""
    fits = [f"for-{name}" for name, kind in KINDS.items() if wanted(kind)]
    return "" if len(fits) == len(KINDS) else " ".join(["conn-when", *fits])


def asked_for(name: str) -> Asked:
    """Return what a field for text is about."""
    return _BY_NAME[name]


def _label(name: str) -> str:
    return _BY_NAME[name].label if name in _BY_NAME else name.replace("_", " ")


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
