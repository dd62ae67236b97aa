"""The blanks of a service's addresses that a person fills: sub-domain, region, server."""

from typing import Any

import ipywidgets

from conn_core import Service, ServiceParameter
from conn_core.look import sentence

from . import _html
from ._fields import Field
from ._stage import boxed, show_only_if


class ParameterFields:
    """One field for each blank; a choice where only some values are possible.

    Args:
        service: Whose blanks.

    Attributes:
        fields: By the names that errors use: ``parameters.region``.
        widgets: What is shown.
    """

    def __init__(self, service: Service) -> None:
        self._asked = [p for p in service.parameters if p.filled_by == "person"]
        self.fields = {f"parameters.{p.name}": _field(p) for p in self._asked}
        self.widgets = [self._shown(p) for p in self._asked]

    def values(self) -> dict[str, str]:
        """Return what was typed, by parameter."""
        return {p.name: self._value(p) for p in self._asked}

    def wrong(self) -> dict[str, str]:
        """Return what is not accepted, by field."""
        return {
            f"parameters.{p.name}": f"must be like {p.example or p.pattern}"
            for p in self._asked
            if not p.accepts(self._value(p) or p.default)
        }

    def _value(self, parameter: ServiceParameter) -> str:
        return str(self.fields[f"parameters.{parameter.name}"].value).strip()

    def _shown(self, parameter: ServiceParameter) -> ipywidgets.Widget:
        field = self.fields[f"parameters.{parameter.name}"]
        if not parameter.names_host:
            return field
        warning = ipywidgets.HTML()

        def warn(_change: Any = None) -> None:
            host = self._value(parameter)
            known = bool(host) and parameter.accepts(host)
            show_only_if(warning, wanted=known)
            if known:
                warning.value = _html.note(
                    f"Your credentials are sent to {host}.",
                    "Go on only if this is your own server, or one that you trust "
                    "with them.",
                    tone="soon",
                    shape="warn",
                )

        field.observe(warn, "value")
        warn()
        return boxed([field, warning], "conn-stack", "conn-stack--tight")


def _field(parameter: ServiceParameter) -> Field:
    label = parameter.display_name or parameter.name.replace("_", " ").capitalize()
    about = sentence(parameter.help) if parameter.help else ""
    if parameter.choices:
        return Field(
            label=label,
            kind="choice",
            choices=[[choice, choice] for choice in parameter.choices],
            value=parameter.default or parameter.choices[0],
            help=about,
        )
    example = f"For example {parameter.example}" if parameter.example else ""
    return Field(label=label, value=parameter.default, placeholder=example, help=about)
