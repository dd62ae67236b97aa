"""The fields that describe a service: what is typed, what is found, and what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conn_core.errors import ConnectionsError
from conn_core.look import (
    ASKED,
    DELIMITERS,
    STARTS,
    Kind,
    hosts_from,
    parameters_for,
    prefix_from,
    row_of_scope,
    scope_problems,
    scopes_from,
    sentence,
    shown,
)

from ._credentials import put_beside
from ._fields import CheckField, Field, ScopeRows, SecretField, Segments
from ._service_choices import CHOICES, choice_fields

_ASKED = {asked.name: asked for asked in ASKED}
_OURS = {*_ASKED, *CHOICES, "id", "scopes", "scope_delimiter", "parameters"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What came of filling the form with what was found.

    Attributes:
        taken: The members that were filled.
        scopes: How many scopes were added.
        kept: Labels of fields that were typed differently, and what was found.
    """

    taken: tuple[str, ...]
    scopes: int
    kept: tuple[tuple[str, str], ...]


class ServiceFields:
    """All fields of a service, by the names of the members of its description.

    Args:
        members: What they begin with; what has no field is kept as it is.
    """

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._rest = {k: v for k, v in members.items() if k not in _OURS}
        self._parameters = list(members.get("parameters", ()))
        self.texts = {
            name: Field(
                label=asked.label,
                kind=asked.kind,
                note=asked.note,
                help=asked.help,
                placeholder=asked.placeholder,
            )
            for name, asked in _ASKED.items()
        }
        self.choices: dict[str, Segments | CheckField] = choice_fields()
        self.scopes = ScopeRows()
        self.delimiter = Segments(
            label="Scope delimiter", choices=DELIMITERS, value=" "
        )
        self.other_delimiter = Field(label="Delimiter", kind="code")
        self.secret = SecretField(label="Client secret")
        self._start_texts(self.kind.auth_type)
        self._typed_by_us: dict[str, Any] = self._values()
        self.fill(members, overwrite=True)
        self.choices["auth_type"].observe(self._type_changed, "value")

    @property
    def kind(self) -> Kind:
        """What decides which fields there are."""
        chosen = self.choices
        return Kind(str(chosen["auth_type"].value), str(chosen["grant_type"].value))

    @property
    def has_secret(self) -> bool:
        """A client secret is asked for."""
        by_secret = self.choices["token_endpoint_auth_method"].value != "none"
        return self.kind.is_oauth and (by_secret or not self.kind.is_oauth2)

    @property
    def secrets(self) -> dict[str, SecretField]:
        """The secret field, when something is typed in it."""
        typed = self.has_secret and self.secret.filled
        return {"client_secret": self.secret} if typed else {}

    def by_name(self) -> dict[str, Any]:
        """Return the fields that can show an error, by the names that errors use."""
        return {
            **self.texts,
            **{n: f for n, f in self.choices.items() if isinstance(f, Segments)},
            "id": self.texts["name"],
            "client_secret": self.secret,
            "scope_delimiter": self.other_delimiter,
        }

    # --- what is typed ----------------------------------------------------------------

    def members(self) -> dict[str, Any]:
        """Return the description as it stands; what is not asked for is left out."""
        kind = self.kind
        found = dict(self._rest)
        for name, asked in _ASKED.items():
            text = self.texts[name].value.strip()
            if asked.wanted(kind) and text:
                found[name] = text
        for name, wanted in CHOICES.items():
            if wanted(kind):
                found[name] = self.choices[name].value
        found["api_hosts"] = hosts_from(self.texts["api_hosts"].value)
        if kind.is_placed:
            found["param_prefix"] = prefix_from(self.texts["param_prefix"].value)
        found |= self._scope_members() if kind.is_oauth2 else {"default_scopes": []}
        found["parameters"] = parameters_for(found, self._parameters)
        return found

    def wrong(self, *, is_new: bool) -> dict[str, str]:
        """Return what is wrong before anything is sent, by field.

        Args:
            is_new: The service is created; else a secret left blank is kept.
        """
        kind = self.kind
        found = {
            name: "is needed"
            for name, asked in _ASKED.items()
            if asked.needed and asked.wanted(kind) and not self._is_typed(name)
        }
        if kind.is_oauth:
            found |= self._wrong_registration(is_new=is_new)
        if kind.is_oauth2:
            problems = scope_problems(self.scopes.value)
            found |= {f"scopes.{i}": text for i, text in problems.items()}
            if self.delimiter.value == "other" and not self.other_delimiter.value:
                found["scope_delimiter"] = "is needed"
        return found

    def _wrong_registration(self, *, is_new: bool) -> dict[str, str]:
        has_id, has_secret = self._is_typed("client_id"), self.secret.filled
        if not self.has_secret:
            return {}
        if has_secret and not has_id:
            return {"client_id": "is needed with a secret"}
        if has_id and not has_secret and is_new:
            return {"client_secret": "is needed, or leave the client id empty too"}
        return {}

    def _scope_members(self) -> dict[str, Any]:
        scopes = scopes_from(self.scopes.value)
        names = {scope["name"] for scope in scopes}
        usual = [s for s in self._rest.get("default_scopes", ()) if s in names]
        other = self.delimiter.value == "other"
        delimiter = self.other_delimiter.value if other else self.delimiter.value
        return {
            "scopes": scopes,
            "default_scopes": usual,
            "scope_delimiter": delimiter,
        }

    def _is_typed(self, name: str) -> bool:
        return bool(self.texts[name].value.strip())

    # --- what was refused -------------------------------------------------------------

    def clear_errors(self) -> None:
        """Show none any more."""
        for field in self.by_name().values():
            field.error = ""
        self.scopes.errors = {}

    def put_beside(self, error: ConnectionsError) -> bool:
        """Show an error beside the fields that it names.

        Args:
            error: What was refused.

        Returns:
            Whether that says all of it.
        """
        scopes = {n: t for n, t in error.fields.items() if n.startswith("scopes.")}
        self.scopes.errors = self._by_row(scopes)
        rest = {n: t for n, t in error.fields.items() if n not in scopes}
        if scopes and not rest:
            return True
        return put_beside(self.by_name(), rest)

    def _by_row(self, problems: Mapping[str, str]) -> dict[str, str]:
        errors = {}
        for name, text in problems.items():
            index = int(name.split(".")[1])
            is_ours = name.count(".") == 1  # counted by rows, not by scopes
            number = index if is_ours else row_of_scope(self.scopes.value, index)
            errors[str(number)] = sentence(text)
        return errors

    def close(self) -> None:
        """Close those that no section shows, too."""
        for field in (*self.texts.values(), *self.choices.values()):
            field.close()

    # --- what is found ----------------------------------------------------------------

    def fill(self, found: Mapping[str, Any], *, overwrite: bool = False) -> Filled:
        """Fill fields with what was found; what a person typed stays.

        Args:
            found: Members of a description.
            overwrite: Put what was found in the place of what was typed, too.
        """
        taken, kept = [], []
        for name, field in (*self.choices.items(), *self.texts.items()):
            if name not in found or found[name] is None:
                continue
            value = shown(name, found[name])
            if field.value == value:
                continue
            if overwrite or self._is_ours(name):
                field.value = value
                taken.append(name)
            else:
                kept.append((field.label, str(value)))
        added = self._fill_scopes(found, overwrite=overwrite)
        self._parameters = list(found.get("parameters", self._parameters))
        self._rest |= {k: v for k, v in found.items() if k not in _OURS}
        self._typed_by_us |= {name: self._values()[name] for name in taken}
        return Filled(taken=tuple(taken), scopes=added, kept=tuple(kept))

    def _fill_scopes(self, found: Mapping[str, Any], *, overwrite: bool) -> int:
        before = (
            [] if overwrite and "scopes" in found else scopes_from(self.scopes.value)
        )
        known = {scope["name"] for scope in before}
        read = scopes_from(found.get("scopes", ()))
        added = [scope for scope in read if scope["name"] not in known]
        if added or overwrite:
            self.scopes.value = [*before, *added]
        if "scope_delimiter" in found:
            self._show_delimiter(str(found["scope_delimiter"]))
        return len(added)

    def _show_delimiter(self, delimiter: str) -> None:
        usual = [value for value, _ in DELIMITERS if value != "other"]
        self.delimiter.value = delimiter if delimiter in usual else "other"
        self.other_delimiter.value = "" if delimiter in usual else delimiter

    def _is_ours(self, name: str) -> bool:
        """Tell whether a field is as it was made, or as we filled it."""
        value = self._values()[name]
        return bool(value == "" or value == self._typed_by_us.get(name))

    def _values(self) -> dict[str, Any]:
        fields = (*self.choices.items(), *self.texts.items())
        return {name: field.value for name, field in fields}

    def _start_texts(self, auth_type: str) -> None:
        for name, text in STARTS.get(auth_type, {}).items():
            self.texts[name].value = text

    def _type_changed(self, change: Any) -> None:
        """Begin with what is usual for a type, where nothing else was typed."""
        before = STARTS.get(change["old"], {})
        if all(self.texts[n].value in ("", text) for n, text in before.items()):
            self._start_texts(change["new"])
            self._typed_by_us |= {n: self.texts[n].value for n in STARTS["api_key"]}
