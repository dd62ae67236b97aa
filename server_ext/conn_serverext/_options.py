"""What an operator may set: ``c.Connections.*``."""

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from traitlets import Bool, Dict, Int, List, TraitError, Unicode, validate
from traitlets.config import Configurable

from conn_core.errors import InvalidInput

from ._addresses import LOOPBACK_HOSTS
from ._notifiers import notifiers_from, problem_of_smtp, problem_of_webhook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conn_core import RelayLimits, Settings
    from conn_core.broker import Core

    from ._notify import Notifier


class Connections(Configurable):  # type: ignore[misc]  # untyped base
    """The options of this extension. What is not set here comes from the environment."""

    allow_loopback = Bool(
        None,
        allow_none=True,
        help="Allow services on this machine, such as the practice service.",
    ).tag(config=True)

    accept_shared = Bool(
        None,
        allow_none=True,
        help="""People may use what others share without agreeing to it first. They are
        shown its owner, hosts and scopes otherwise.""",
    ).tag(config=True)

    sealed_only = Bool(
        None,
        allow_none=True,
        help="Every connection is sealed: no kernel is lent a token.",
    ).tag(config=True)

    lend_tokens = Bool(
        None,
        allow_none=True,
        help="""Others may be lent the tokens of connections whose owners lend them, too.
        What somebody else shares is sealed otherwise.""",
    ).tag(config=True)

    administrators = List(
        Unicode(),
        help="""Who looks after this server: they see every connection and may revoke,
        enable, seal, hand on and delete each, and use none by that.""",
    ).tag(config=True)

    share_with_everybody = Bool(
        None,
        allow_none=True,
        help="""People may share a connection with everybody here at once. Otherwise
        only administrators may, and others name people and groups.""",
    ).tag(config=True)

    most_connections = Int(
        None,
        allow_none=True,
        min=0,
        help="How many connections one person may have; 1000 where nothing is said.",
    ).tag(config=True)

    most_services = Int(
        None,
        allow_none=True,
        min=0,
        help="How many services one person may describe; 100 where nothing is said.",
    ).tag(config=True)

    allowed_networks = List(
        Unicode(),
        help="""Internal networks whose authorization servers may be asked, such as
        10.20.0.0/16. Everything internal is refused otherwise.""",
    ).tag(config=True)

    allowed_ports = List(
        Int(min=1, max=65535),
        help="""Ports beside 443 that people's own services may be at, such as 8443.
        Every other one is refused.""",
    ).tag(config=True)

    relay_most_answered = Int(
        None,
        allow_none=True,
        min=1,
        help="Bytes of one answer to a sealed connection's request; 5 GiB unless said.",
    ).tag(config=True)

    relay_most_sent = Int(
        None,
        allow_none=True,
        min=1,
        help="Bytes of the body of such a request; 5 GiB unless said.",
    ).tag(config=True)

    relay_idle_seconds = Int(
        None,
        allow_none=True,
        min=1,
        help="So long neither side of such a request may be silent; 120 unless said.",
    ).tag(config=True)

    relay_total_seconds = Int(
        None,
        allow_none=True,
        min=1,
        help="So long such a request may take in all; 3600 unless said.",
    ).tag(config=True)

    relay_at_once = Int(
        None,
        allow_none=True,
        min=1,
        help="How many such requests one person may have under way; 64 unless said.",
    ).tag(config=True)

    public_url = Unicode(
        help="""How browsers reach this extension, ending in connections/, such as
        https://lab.example.com/user/priya/connections/. Services send browsers back
        there. Needed behind a proxy; it is never taken from a request.""",
    ).tag(config=True)

    key_file = Unicode(help="The file that holds the master key.").tag(config=True)

    key_wrapper = Unicode(
        help="""What unwraps the keys of that file, such as vault. The file holds the
        keys themselves otherwise.""",
    ).tag(config=True)

    key_held_minutes = Int(
        None,
        allow_none=True,
        min=1,
        help="""For how many minutes keys that were unwrapped are used once they cannot
        be unwrapped any more; 60 unless said.""",
    ).tag(config=True)

    use_keyring = Bool(
        None,
        allow_none=True,
        help="Keep the master key in the operating system's key store.",
    ).tag(config=True)

    data_dir = Unicode(help="The folder of the database.").tag(config=True)

    notify_webhook = Unicode(
        help="""Where to post that an authorization ended or ends within a week: an https
        address that takes JSON, such as a chat's incoming webhook.""",
    ).tag(config=True)

    notify_smtp = Dict(
        help="""How to send that by e-mail: host, port (587), from, to, user,
        password_file, starttls (True). {person} in ``to`` is whose authorization it
        is.""",
    ).tag(config=True)

    catalog_paths = List(
        Unicode(), help="Folders or files with more predefined services (TOML)."
    ).tag(config=True)

    @validate("public_url")  # type: ignore[untyped-decorator]  # as above
    def _public_url_is_one(self, proposal: dict[str, Any]) -> str:
        url = str(proposal["value"])
        if not url:
            return url
        url = url.rstrip("/") + "/"
        parts = urlsplit(url)
        here = parts.hostname in LOOPBACK_HOSTS
        if (
            parts.scheme not in ({"https", "http"} if here else {"https"})
            or not parts.hostname
            or "@" in parts.netloc
            or parts.query
            or parts.fragment
            or not parts.path.endswith("/connections/")
        ):
            msg = (
                "Connections.public_url must be like "
                "https://lab.example.com/connections/ (http:// only for this machine)"
            )
            raise TraitError(msg)
        return url

    @validate("notify_webhook")  # type: ignore[untyped-decorator]  # as above
    def _webhook_is_one(self, proposal: dict[str, Any]) -> str:
        url = str(proposal["value"])
        if url and (problem := problem_of_webhook(url)):
            raise TraitError(problem)
        return url

    @validate("notify_smtp")  # type: ignore[untyped-decorator]  # as above
    def _smtp_is_whole(self, proposal: dict[str, Any]) -> dict[str, Any]:
        found = dict(proposal["value"])
        if found and (problem := problem_of_smtp(found)):
            raise TraitError(problem)
        return found

    def notifiers(self) -> "Callable[[Core], Sequence[Notifier]] | None":
        """Return what makes the notifiers that these options describe."""
        return notifiers_from(self.notify_webhook, self.notify_smtp)

    @validate("allowed_networks")  # type: ignore[untyped-decorator]  # as above
    def _networks_are_some(self, proposal: dict[str, Any]) -> list[str]:
        from conn_core.http import (  # noqa: PLC0415 - servers start without it
            networks_from,
        )

        try:
            networks_from(proposal["value"])
        except InvalidInput as error:
            raise TraitError(error.message) from None
        return list(proposal["value"])

    def applied_to(self, settings: "Settings") -> "Settings":
        """Return the settings with what the operator set in the place of the rest."""
        chosen: dict[str, Any] = {
            "allow_loopback": self.allow_loopback,
            "allowed_networks": tuple(self.allowed_networks) or None,
            "accept_shared": self.accept_shared,
            "sealed_only": self.sealed_only,
            "lend_tokens": self.lend_tokens,
            "allowed_ports": tuple(self.allowed_ports) or None,
            "administrators": tuple(self.administrators) or None,
            "share_with_everybody": self.share_with_everybody,
            "most_connections": self.most_connections,
            "most_services": self.most_services,
            "key_wrapper": self.key_wrapper or None,
            "key_held_minutes": self.key_held_minutes,
            "relay": self._relay_limits(settings.relay),
            "use_keyring": self.use_keyring,
            "key_file": Path(self.key_file).expanduser() if self.key_file else None,
            "data_dir": Path(self.data_dir).expanduser() if self.data_dir else None,
            "catalog_paths": tuple(
                Path(path).expanduser() for path in self.catalog_paths
            )
            or None,
        }
        return replace(
            settings, **{k: value for k, value in chosen.items() if value is not None}
        )

    def _relay_limits(self, found: "RelayLimits") -> "RelayLimits":
        said = {f.name: getattr(self, f"relay_{f.name}") for f in fields(found)}
        return replace(found, **{n: v for n, v in said.items() if v is not None})
