"""Authorize: a link to open or a code to enter, waiting, and how it ended."""

import contextlib
import threading
from collections.abc import Callable
from datetime import datetime

import ipywidgets

from conn_core import Authorization, Service
from conn_core.errors import AuthorizationNotFound, ConnectionsError
from conn_core.look import chosen_because, sentence, spoken

from . import _html
from ._fields import CopyField, OpenLink, Waiting
from ._journey import Journey
from ._outcome import EndedScreen, authorize_title
from ._stage import Screen, button, panel
from ._ways import DeviceFold, PasteForm, device_parts

_LONGEST = 3600.0
_ONE_BROWSER = "only your browser can use it, once"


class AuthorizeScreen(Screen):
    """Waits for somebody to sign in at the service, and shows how it ended.

    Args:
        journey: Where it is shown, whom to ask, where it leads.
        authorization: The attempt.
        service: Where to sign in.
        again: Begins once more.
        on_connected: Gets the attempt that ended well.
    """

    focus = ".conn-open, .conn-body button"

    def __init__(
        self,
        journey: Journey,
        authorization: Authorization,
        service: Service,
        *,
        again: Callable[[], None],
        on_connected: Callable[[Authorization], None],
    ) -> None:
        self._journey = journey
        self._broker = journey.broker
        self._authorization = authorization
        self._service = service
        self._again = again
        self._on_connected = on_connected
        self._over = threading.Lock()
        # The main attempt, and the code for another device once one was fetched.
        self._attempts = [authorization]
        self.waiting = Waiting(
            words=f"Waiting for {authorization.service_name}",
            seconds=_seconds_left(authorization, journey.clock()),
        )
        self.device = self._device_fold()
        self.paste = self._paste_form()
        self.panel = self._build()
        journey.watch(self.look, max(1, authorization.interval))

    def look(self) -> bool:
        """Ask how far it is.

        Returns:
            Whether there is nothing left to wait for.
        """
        for attempt in tuple(self._attempts):
            if self._over.locked():
                return True
            try:
                seen = self._broker.authorization(attempt.flow)
            except AuthorizationNotFound as error:
                self._end(*spoken(error))
                return True
            except ConnectionsError as error:
                self.waiting.trouble = f"{sentence(error.message)} Still trying."
                return False
            self.waiting.trouble = ""
            if seen.state != "pending":
                self._settle(seen)
        return self._over.locked()

    def cancel(self) -> None:
        """Give the attempt up."""
        if self._over.acquire(blocking=False):
            self._drop_attempts()
            self._give_up()

    def text(self) -> str:
        """Say what to open or enter, and how to see the outcome."""
        authorization = self._authorization
        name = authorization.link_name
        if authorization.way == "device":
            todo = (
                f"  Open this address on any device: {authorization.verification_uri}\n"
                f"  and enter the code: {authorization.user_code}"
            )
        else:
            todo = (
                "  Open this address in your browser, sign in and allow access:\n"
                f"  {authorization.start_url or '(no address)'}"
            )
        return f"Authorize {authorization.service_name}\n{todo}\n  Then see %conn status {name}"

    def leave(self) -> None:
        """Stop looking."""
        self._over.acquire(blocking=False)
        super().leave()

    # --- building ---------------------------------------------------------------------

    def _build(self) -> ipywidgets.VBox:
        authorization = self._authorization
        lede = f"{self._journey.step} {self._lede()}".strip()
        reason = chosen_because(authorization)
        return panel(
            head=[authorize_title(authorization, lede=lede)],
            body=[
                *self._main_way(),
                *([ipywidgets.HTML(_html.paragraph(reason))] if reason else []),
                self.waiting,
                *self._folds(),
            ],
            foot=[button("Cancel", self.cancel, kind="cancel")],
            hint="You can close this form. "
            f"%conn authorize {authorization.link_name} opens it again.",
        )

    def _lede(self) -> str:
        name = self._authorization.service_name
        match self._authorization.way:
            case "device":
                return (
                    f"Enter the code at {name} and allow access. "
                    "This form continues by itself."
                )
            case "paste":
                return (
                    f"Sign in at {name} and allow access, then bring back the address "
                    "that the browser is sent to."
                )
        return f"Sign in at {name} and allow access. This form continues by itself."

    def _main_way(self) -> list[ipywidgets.Widget]:
        authorization = self._authorization
        if authorization.way == "device":
            return device_parts(authorization, self._service, main=True)
        address = authorization.start_url or ""
        by_hand = authorization.way == "paste"
        parts: list[ipywidgets.Widget] = [
            OpenLink(href=address, label=f"Open {authorization.service_name}"),
            CopyField(
                label="Or copy this address",
                note="any browser can use it" if by_hand else _ONE_BROWSER,
                text=address,
                what="address",
            ),
        ]
        if by_hand and self.paste is not None:
            parts.append(self.paste.content)
        return parts

    def _folds(self) -> list[ipywidgets.Widget]:
        device = [] if self.device is None else [self.device.box]
        if self.paste is None or self._authorization.way == "paste":
            return device
        return [*device, self.paste.fold().box]

    def _device_fold(self) -> DeviceFold | None:
        offered = self._service.device_authorization_endpoint is not None
        if self._authorization.way == "device" or not offered:
            return None
        name = self._authorization.link_name
        return DeviceFold(
            self._service,
            begin=lambda: self._broker.authorize(name, flow="device"),
            on_begun=self._wait_for_too,
        )

    def _paste_form(self) -> PasteForm | None:
        if self._authorization.way == "device":
            return None
        flow = self._authorization.flow
        return PasteForm(
            self._journey.stage,
            self._service,
            paste=lambda address: self._broker.paste(flow, address),
            on_ended=self._settle,
        )

    def _wait_for_too(self, begun: Authorization) -> None:
        self._attempts = [*self._attempts, begun]

    # --- ending -----------------------------------------------------------------------

    def _settle(self, seen: Authorization) -> None:
        """Take in how one attempt ended: another one may still be waited for."""
        if seen.state == "pending":
            return
        if seen.state == "done":
            if self._over.acquire(blocking=False):
                self._drop_attempts(besides=seen.flow)
                self._on_connected(seen)
            return
        self._attempts = [a for a in self._attempts if a.flow != seen.flow]
        why = why_ended(seen)
        if seen.flow != self._authorization.flow and self.device is not None:
            self.device.ended(why)
        if not self._attempts:
            self._end(why, "Nothing was stored.")

    def _end(self, what: str, then: str) -> None:
        if not self._over.acquire(blocking=False):
            return
        self._journey.stage.show(
            EndedScreen(
                self._authorization,
                step=self._journey.step,
                what=what,
                then=then,
                again=self._again,
                on_close=self._give_up,
            )
        )

    def _drop_attempts(self, *, besides: str = "") -> None:
        for attempt in self._attempts:
            if attempt.flow != besides:
                # Where the broker is out of reach it ends by itself.
                with contextlib.suppress(ConnectionsError):
                    self._broker.cancel(attempt.flow)

    def _give_up(self) -> None:
        self._journey.give_up(self._authorization.link_name)


_WHY = {
    "denied": "{} reports that access was denied",
    "expired": "The time to authorize at {} is over",
    "failed": "{} could not be connected",
}


def why_ended(seen: Authorization) -> str:
    """Say why an attempt did not end in a connection."""
    return sentence(seen.error or _WHY[seen.state].format(seen.service_name))


def _seconds_left(authorization: Authorization, at: datetime) -> float:
    if authorization.expires_at is None:
        return _LONGEST
    return max(0.0, (authorization.expires_at - at).total_seconds())
