"""How the fields of a service are laid out: six sections, what is rare is folded."""

from collections.abc import Callable
from typing import Any

import ipywidgets

from conn_core.look import ASKED

from . import _html
from ._fields import CopyField
from ._service_fields import ServiceFields
from ._stage import boxed, row, show_only_if
from ._ways import Fold

_NO_WAY_BACK = "There is no server here that a browser could come back to"
_ALWAYS_SENT = ("param_type", "param_name", "param_prefix")


class ServiceLayout:
    """The sections of the form. The authentication type decides which are shown.

    Args:
        fields: The fields.
        discovery: What stands with the issuer: a button, and what was found.
        redirect_url: Returns the redirect URL for the name as it is typed.

    Attributes:
        sections: What is shown.
    """

    def __init__(
        self,
        fields: ServiceFields,
        *,
        discovery: tuple[ipywidgets.Widget, ipywidgets.Widget],
        redirect_url: Callable[[], str | None],
    ) -> None:
        self._fields = fields
        self._redirect_url = redirect_url
        self.redirect = CopyField(label="Redirect URL", what="redirect URL")
        self._place = boxed(
            [
                fields.choices["param_type"],
                boxed([fields.texts[n] for n in _ALWAYS_SENT[1:]], "conn-pair"),
            ],
            "conn-stack",
        )
        self._build(*discovery)
        for field in (fields.choices["auth_type"], fields.choices["grant_type"]):
            field.observe(self._show, "value")
        for name in ("token_endpoint_auth_method",):
            fields.choices[name].observe(self._show, "value")
        fields.delimiter.observe(self._show, "value")
        fields.texts["name"].observe(self._show_identity, "value")
        fields.texts["api_base_url"].observe(self._show_hosts, "value")
        self._show()
        self._show_identity()
        self._show_hosts()

    def open_folds(self, names: set[str]) -> None:
        """Open the folds that hold fields of these names."""
        for fold, held in (
            (self._further, {"refresh_endpoint", "revocation_endpoint"}),
            (self._advanced, self._advanced_names()),
        ):
            if names & held:
                fold.head.is_open = True

    # --- building ---------------------------------------------------------------------

    def _build(self, discover: Any, found: Any) -> None:
        texts, choices, fields = self._fields.texts, self._fields.choices, self._fields
        self._issuer = boxed(
            [row([texts["issuer"], discover], "conn-paste"), found], "conn-stack--found"
        )
        further = [texts["refresh_endpoint"], texts["revocation_endpoint"]]
        self._further = Fold("Refresh and revoke URL", boxed(further, "conn-stack"))
        self._authentication = section(
            "Authentication", "How the service knows who is calling.", []
        )
        self._addresses = section(
            "Addresses",
            "Give the issuer and the rest fills itself, if the service publishes it.",
            [
                self._issuer,
                texts["request_token_endpoint"],
                texts["authorization_endpoint"],
                texts["device_authorization_endpoint"],
                texts["token_endpoint"],
                self._further.box,
            ],
        )
        pair = boxed([texts["client_id"], fields.secret], "conn-pair")
        self._registration = section("Client registration", "", [self.redirect, pair])
        self._scopes = section(
            "Scopes",
            "What people can choose when they connect.",
            [fields.scopes, fields.delimiter, fields.other_delimiter],
        )
        api = section(
            "API",
            "Requests may go to these hosts only.",
            [
                texts["api_base_url"],
                boxed([texts["api_hosts"], texts["test_path"]], "conn-pair"),
            ],
        )
        self._inside = boxed([], "conn-stack")
        self._advanced = Fold(
            "Advanced: how the token is sent, PKCE, token endpoint authentication",
            self._inside,
        )
        about = [texts["name"], texts["description"]]
        self.sections = [
            section("Service", "Shown in the catalogue.", about),
            self._authentication,
            self._addresses,
            self._registration,
            self._scopes,
            api,
            self._advanced.box,
        ]
        self._choices = choices

    # --- following what is typed ------------------------------------------------------

    def _show(self, _change: Any = None) -> None:
        kind, fields = self._fields.kind, self._fields
        for asked in ASKED:
            show_only_if(fields.texts[asked.name], wanted=asked.wanted(kind))
        show_only_if(self._issuer, wanted=kind.is_oauth2)
        show_only_if(self._further.box, wanted=kind.is_oauth2)
        show_only_if(self._addresses, wanted=kind.is_oauth)
        show_only_if(self._registration, wanted=kind.is_oauth)
        show_only_if(self.redirect, wanted=kind.has_browser)
        show_only_if(fields.secret, wanted=fields.has_secret)
        show_only_if(self._scopes, wanted=kind.is_oauth2)
        other = fields.delimiter.value == "other"
        show_only_if(fields.other_delimiter, wanted=other)
        self._authentication.children[1].children = self._shown_at_authentication()
        advanced = self._shown_as_advanced()
        self._inside.children = advanced
        show_only_if(self._advanced.box, wanted=bool(advanced))

    def _shown_at_authentication(self) -> list[Any]:
        kind, chosen = self._fields.kind, self._choices
        return [
            chosen["auth_type"],
            *([chosen["grant_type"]] if kind.is_oauth2 else []),
            *([self._place] if kind.auth_type == "api_key" else []),
            *([self._fields.texts["signing_name"]] if self._is_aws else []),
            *([] if kind.client_alone else [chosen["use_login_user_credentials"]]),
        ]

    def _shown_as_advanced(self) -> list[Any]:
        kind, chosen, texts = self._fields.kind, self._choices, self._fields.texts
        asks_pkce = kind.is_oauth2 and kind.has_browser
        placed = kind.auth_type in {"oauth2", "bearer"}
        return [
            *([chosen["signature_method"]] if kind.auth_type == "oauth1" else []),
            *([self._place] if placed else []),
            *([chosen["token_endpoint_auth_method"]] if kind.is_oauth2 else []),
            *([chosen["pkce"]] if asks_pkce else []),
            *([texts["pushed_authorization_request_endpoint"]] if asks_pkce else []),
            *([texts["registration_endpoint"]] if kind.is_oauth2 else []),
        ]

    def _advanced_names(self) -> set[str]:
        placed = (
            set(_ALWAYS_SENT) if self._fields.kind.auth_type != "api_key" else set()
        )
        return placed | {
            "pushed_authorization_request_endpoint",
            "registration_endpoint",
            "token_endpoint_auth_method",
            "signature_method",
        }

    @property
    def _is_aws(self) -> bool:
        return self._fields.kind.auth_type == "aws_sigv4"

    def _show_identity(self, _change: Any = None) -> None:
        url = self._redirect_url()
        self.redirect.text = url or _NO_WAY_BACK
        name = self._fields.texts["name"].value.strip()
        who = f"Register the redirect URL with {name} first." if name else ""
        head = self._registration.children[0]
        head.value = _html.section_head("Client registration", who)

    def _show_hosts(self, _change: Any = None) -> None:
        base = self._fields.texts["api_base_url"].value.strip()
        host = base.partition("://")[2].partition("/")[0]
        self._fields.texts["api_hosts"].help = (
            f"With commas. Empty: `{host}` alone." if host else "With commas."
        )


def section(title: str, text: str, fields: list[Any]) -> ipywidgets.HBox:
    """Put a section together: what it is about, and its fields beside it.

    Args:
        title: What it is about.
        text: One sentence.
        fields: The fields below each other.
    """
    head = ipywidgets.HTML(_html.section_head(title, text))
    return row([head, boxed(fields, "conn-stack")], "conn-section")
