"""The two other ways to authorize: a code on another device, and a pasted address."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import ipywidgets

from conn_core import Authorization, Secret, Service
from conn_core.errors import ConnectionsError
from conn_core.look import sentence, spoken, without_scheme

from . import _html
from ._fields import CopyField, FoldHead, OpenLink, SecretField
from ._stage import Stage, boxed, button, show_only_if

_LEFT_BEHIND = (
    "If the browser ends on a page that cannot be reached, copy the address from its "
    "address bar. If it shows six digits, type these."
)


class Fold:
    """Something that is shown when its head is pressed.

    Args:
        label: The words of the head.
        content: What is shown.
        on_open: Called when it is shown.

    Attributes:
        head: The button.
        box: Both.
    """

    def __init__(
        self,
        label: str,
        content: ipywidgets.Widget,
        *,
        on_open: Callable[[], None] = lambda: None,
    ) -> None:
        self.head = FoldHead(label=label)
        self._inside = boxed([content], "conn-fold-inside")
        self._on_open = on_open
        self.box = boxed([self.head, self._inside], "conn-fold")
        self.head.observe(self._turn, "is_open")
        self._turn()

    def _turn(self, _change: Any = None) -> None:
        show_only_if(self._inside, wanted=self.head.is_open)
        if self.head.is_open:
            self._on_open()


def device_parts(
    authorization: Authorization, service: Service, *, main: bool = False
) -> list[ipywidgets.Widget]:
    """Return what shows a code and where it is entered.

    Args:
        authorization: The attempt that has the code.
        service: Whose attempt.
        main: It is the screen's main way, so that its link is the main action.
    """
    address = authorization.verification_uri or ""
    code = authorization.user_code or ""
    shown = ipywidgets.HTML(_html.device_code(without_scheme(address), code))
    copy_code = CopyField(label="Copy code", text=code, kind="button")
    sure = belongs_to(service, address)
    if main and sure:
        link = OpenLink(href=address, label=f"Open {service.name}")
        return [shown, boxed([link, copy_code], "conn-inline")]
    note = "" if sure else f"check that it belongs to {service.name}"
    place = CopyField(label="Address", note=note, text=address, what="address")
    return [shown, copy_code, place]


def belongs_to(service: Service, address: str) -> bool:
    """Tell whether an address is at a host that the service names.

    Any other one is the provider's word alone, and is shown as text.
    """
    named = {urlsplit(url).hostname for url in service.endpoints}
    return urlsplit(address).hostname in {
        *named,
        *service.habits.answer.verification_hosts,
    }


class DeviceFold:
    """*Use a code on another device*: a code is fetched when the fold is opened.

    Args:
        service: Who gives the code.
        begin: Begins an attempt with a code.
        on_begun: Gets it, to be waited for.
    """

    def __init__(
        self,
        service: Service,
        *,
        begin: Callable[[], Authorization],
        on_begun: Callable[[Authorization], None],
    ) -> None:
        self._service = service
        self._begin = begin
        self._on_begun = on_begun
        self._has_code = False
        self._content = boxed([], "conn-stack")
        self.box = Fold(
            "Use a code on another device", self._content, on_open=self._fetch
        ).box

    def ended(self, why: str) -> None:
        """Say that the code is no longer good; another one can be had."""
        self._has_code = False
        self._say_why(why)

    def _fetch(self) -> None:
        if self._has_code:
            return
        try:
            begun = self._begin()
        except ConnectionsError as error:
            self._say_why(" ".join(spoken(error)).strip())
            return
        self._has_code = True
        self._content.children = device_parts(begun, self._service)
        self._on_begun(begun)

    def _say_why(self, why: str) -> None:
        self._content.children = [
            ipywidgets.HTML(_html.note(why, tone="bad", shape="stop", alert=True)),
            button("Get another code", self._fetch),
        ]


class PasteForm:
    """*Paste the address you were sent to*: a field and *Continue*.

    Args:
        stage: Where it is shown.
        service: Whose page the browser was at.
        paste: Finishes the attempt with the address.
        on_ended: Gets how it ended.
    """

    def __init__(
        self,
        stage: Stage,
        service: Service,
        *,
        paste: Callable[[str], Authorization],
        on_ended: Callable[[Authorization], None],
    ) -> None:
        self._stage = stage
        self._paste = paste
        self._on_ended = on_ended
        callback = service.redirect_uri or "http://127.0.0.1:8888/connections/callback/"
        self.field = SecretField(
            label="Address you were sent to",
            kind="address",
            placeholder=f"{callback}?…",
            help="",
        )
        self._button = button("Continue", self.submit, kind="submit")
        row = boxed([self.field, self._button], "conn-paste")
        self.content = boxed(
            [ipywidgets.HTML(_html.paragraph(_LEFT_BEHIND)), row], "conn-stack"
        )

    def fold(self) -> Fold:
        """Return it folded."""
        return Fold("Paste the address you were sent to", self.content)

    def submit(self) -> None:
        """Ask the browser for the address: it holds a code, so it is no trait."""
        self.field.error = ""
        if self.field.filled:
            self._button.disabled = True
            self.field.hand_over(self._finish)
        else:
            self._refuse("is needed")

    def _finish(self, address: Secret) -> None:
        try:
            ended = self._paste(address.reveal().strip())
        except ConnectionsError as error:
            self._refuse(error.fields.get("address") or " ".join(spoken(error)).strip())
            return
        finally:
            self._button.disabled = False
        self._on_ended(ended)

    def _refuse(self, why: str) -> None:
        self.field.error = sentence(why)
        self._stage.focus_on_error()
