"""The core of a deployment: opened once per process, acts as anybody it is told to."""

import contextlib
import time
from collections.abc import Mapping

from .._secret import Secret
from .._settings import Settings
from .._values import Authorization
from ..auth import CallbackNames
from ..catalog import Catalog
from ..errors import StoreUnavailable, WrongKey
from ..http import ProviderClient, networks_from
from ..store import (
    Store,
    alone,
    audit_rows,
    deployment_id,
    has_sealed_rows,
    prepare_folder,
    put_key_checks,
    stored_key_checks,
)
from ..vault import open_vault
from . import _callback, _granting, _hops, _starting
from ._acting import acting, refuse_inactive
from ._auditing import begin_log
from ._granted import GrantedBroker
from ._local import LocalBroker
from ._people import EverybodyHere, People
from ._provider import Provider
from ._starting import Started
from ._upkeep import Pace, Upkeep
from ._workshop import Clock, Workshop

DATABASE = "connections.db"


class Core(Workshop):
    """A workshop with its two doors: brokers for people, and pages for browsers."""

    def acting_as(self, user: str, *, place: str = "") -> LocalBroker:
        """Return a broker that acts as one person.

        Args:
            user: The person.
            place: From where: the notebook or job, as its kernel was told.

        Raises:
            BrokerUnavailable: If it cannot be found out who they are.
            NotAllowed: If their account is not active.
        """
        return LocalBroker(self, acting(self, user), place=place)

    def acting_for_grant(self, bearer: str, *, place: str = "") -> GrantedBroker:
        """Return a broker that does what a job's grant allows, and nothing else.

        Args:
            bearer: What the job shows.
            place: The job or machine, as it says itself.

        Raises:
            GrantEnded: If the grant is unknown, expired or revoked, or its owner's
                account is not active any more.
            BrokerUnavailable: If that cannot be found out.
        """
        actor, grant = _granting.actor_of_bearer(self, bearer, place=place)
        return GrantedBroker(self, actor, grant=grant, place=place)

    def start_authorization(
        self, flow: str, *, user: str, hop: bool = False
    ) -> Started:
        """Begin the browser's part; see ``_starting.start``."""
        refuse_inactive(self, user)
        return _starting.start(self, flow, person=user, hopped=hop)

    def issue_hop(self, flow: str, *, user: str) -> Secret:
        """Make a ticket for another spelling of this machine; see ``_hops``."""
        return _hops.issue_hop(self, flow, person=user)

    def redeem_hop(self, flow: str, ticket: str) -> str:
        """Return whose ticket it is, once; see ``_hops.redeem_hop``."""
        return _hops.redeem_hop(self, flow, ticket)

    def callback_names(self, service_id: str) -> CallbackNames:
        """Return how to read a callback; see ``_callback.callback_names``."""
        return _callback.callback_names(self, service_id)

    def finish_authorization(
        self,
        service_id: str,
        answer: Mapping[str, str],
        *,
        binding: str | None,
        user: str | None,
    ) -> Authorization:
        """Take the provider's answer; see ``_callback.finish``."""
        if user is not None:
            refuse_inactive(self, user)
        return _callback.finish(self, service_id, answer, binding=binding, person=user)

    def close(self) -> None:
        """Close the database and the way out."""
        self.provider.close()
        self._write_what_was_counted()
        self.store.close()
        self.upkeep.presence.close()

    def _write_what_was_counted(self) -> None:
        with contextlib.suppress(StoreUnavailable):  # it closes all the same
            self.requests.close(self)


def way_out(settings: Settings) -> ProviderClient:
    """Make the way out to authorization servers that an operator allows.

    Raises:
        InvalidInput: If an allowed network is none.
    """
    return ProviderClient(
        allow_loopback=settings.allow_loopback,
        allowed_networks=networks_from(settings.allowed_networks),
    )


def open_core(
    settings: Settings,
    *,
    clock: Clock = time.time,
    provider: Provider | None = None,
    store: Store | None = None,
    people: People | None = None,
    pace: Pace = Pace(),  # noqa: B008 - frozen
) -> Core:
    """Open, or create, the store and the vault of a deployment.

    Args:
        settings: Where things are and what is allowed.
        clock: Seconds since 1970; passed in so that tests can move it.
        provider: The way out; made from the settings when absent.
        store: The database, such as one of ``Store.postgresql``; the core closes it. A
            file in the settings' folder when absent.
        people: What the organisation knows of people; where nobody keeps a list
            everybody is here, and the settings name the administrators.
        pace: How long a refresh waits for what.

    Raises:
        InvalidInput: If an allowed network is none.
        StoreUnavailable: If the database cannot be used.
        StoreLocked: If the master key cannot be read, or is another one.
    """
    provider = provider or way_out(settings)
    prepare_folder(settings.data_dir)
    store = store or Store.sqlite(settings.data_dir / DATABASE)
    try:
        with store.write() as tx:
            deployment = deployment_id(tx, now=clock())
            checks, sealed = stored_key_checks(tx), has_sealed_rows(tx)
            is_audited = audit_rows.is_audited(tx)
        vault = open_vault(
            settings, deployment=deployment, checks=checks, has_sealed_rows=sealed
        )
        new = vault.key_checks()
        if new.keys() - checks.keys():
            with store.write() as tx:
                alone(tx)
                _refuse_another_first_key(new, stored_key_checks(tx))
                put_key_checks(tx, new, now=clock())
        if not is_audited:
            with store.write() as tx:
                begin_log(tx, vault)
    except BaseException:
        store.close()
        raise
    return Core(
        settings=settings,
        store=store,
        vault=vault,
        catalog=Catalog(settings.catalog_paths),
        provider=provider,
        clock=clock,
        upkeep=Upkeep.in_folder(settings.data_dir, pace),
        people=people or EverybodyHere(settings.administrators),
    )


def _refuse_another_first_key(
    ours: Mapping[str, bytes], stored: Mapping[str, bytes]
) -> None:
    """Refuse to begin a store that somebody with another key has just begun.

    Replicas that are started for the first time together, and were not given the same
    key file, would each seal what the other cannot open.
    """
    if stored and ours.keys().isdisjoint(stored):
        raise WrongKey(
            "Another process has begun this store in this very moment, with another key",
            "Give all processes the same key file in JUPYTER_CONNECTIONS_KEY_FILE",
        )
