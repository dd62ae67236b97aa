"""The pages of an authorization: start, callback and result."""

import json
import re
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from tornado import web

import conn_core
from conn_core.errors import (
    AuthorizationFailed,
    ConnectionsError,
    InteractionRequired,
    NotAllowed,
)

from ._addresses import is_elsewhere, is_other_spelling
from ._answer import read_answer, state_in
from ._cookies import FlowCookies, ThemeCookie
from ._handler import BrokerHandler, checks_for_itself, error_of, may
from ._look import page_policy
from ._page import (
    NOT_CONNECTED,
    Page,
    nothing_to_show,
    page_of,
    render,
    with_way_on,
)

_BINDING_SECONDS = 600
_DIGITS = re.compile(r"\b\d{3} \d{3}\b")
_RESULT_SECONDS = 600


class PageHandler(BrokerHandler):
    """Answers a browser's address bar, and nothing that a page could embed."""

    #: What a page says on top where something went wrong.
    unhappy: ClassVar[str] = NOT_CONNECTED

    async def prepare(self) -> None:
        """Refuse frames, images and scripts, then find out who is asking."""
        headers = self.request.headers
        if (
            headers.get("Sec-Fetch-Dest", "document") != "document"
            or headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
        ):
            raise NotAllowed("This page cannot be part of another page")
        await super().prepare()

    def policy(self) -> str:
        """Allow the page its own stylesheet."""
        return page_policy()

    @property
    def root(self) -> str:
        """The path of all our pages."""
        return f"{self.base_url}connections/"

    @property
    def theme(self) -> str:
        """How this browser wants our pages; nothing where as its system is."""
        cookie = ThemeCookie(self.request, self.root)
        return cookie.value_of(self.get_cookie(cookie.name, ""))

    def show(self, page: Page, *, status: int = 200) -> None:
        """Send a page."""
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(render(page, theme=self.theme))

    def leave_for(self, address: str) -> None:
        """Send the browser elsewhere, with GET whatever it came with."""
        self.set_status(303)
        self.set_header("Location", address)
        self.finish()

    @property
    def public_url(self) -> str:
        """What our pages start with, as browsers reach them.

        Raises:
            InteractionRequired: If no browser can reach them.
        """
        if self.extension.public_url is None:
            raise InteractionRequired(
                "No browser can come back to this server",
                "Set c.Connections.public_url to the address that browsers use",
            )
        return self.extension.public_url

    @property
    def way_on(self) -> tuple[str, str] | None:
        """Where a page leads on to that says what went wrong."""
        return None

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say what went wrong on a page; an error of ours brings its own status."""
        error = error_of(kwargs)
        if isinstance(error, ConnectionsError):
            small = (error.hint,) if error.hint else ()
            page = Page(
                title=self.unhappy,
                icon="stop",
                tone="bad",
                text=f"{error.message.rstrip('.')}.",
                digits=_digits_in(error),
                small=small,
                onward=self.way_on,
            )
            self.show(page, status=error.status)
            return
        if status_code == 405:
            self.set_header("Allow", ", ".join(self.SUPPORTED_METHODS))
        self.show(self._problem(status_code), status=status_code)

    def _problem(self, status: int) -> Page:
        said = {403: "You may not do this here.", 404: "There is nothing here."}
        more = (
            (f"The server's log says more under {self.reference}.",)
            if self.reference
            else ()
        )
        return Page(
            title=self.unhappy,
            icon="stop",
            tone="bad",
            text=said.get(status, "The server could not do this."),
            small=more,
            onward=self.way_on,
        )


def _digits_in(error: ConnectionsError) -> str:
    """Return what a person has to type elsewhere, where an error says some digits."""
    if not isinstance(error, AuthorizationFailed):
        return ""
    found = _DIGITS.search(error.hint)
    return found.group() if found else ""


class NowherePage(PageHandler):
    """Every other address below our root, where nobody else has a page for it."""

    unhappy = "There is nothing here."

    @checks_for_itself
    async def get(self) -> None:
        """Say so."""
        self.show(
            Page(title=self.unhappy, onward=(self.root, "See your connections")),
            status=404,
        )


class StartPage(PageHandler):
    """``start/{flow}``: from here the browser goes to the provider."""

    @checks_for_itself
    async def get(self, flow: str) -> None:
        """Begin the browser's part.

        Open to a browser that is not logged in only if it brings the one-time ticket
        of a hop. Such a ticket is made by the same page, for somebody who is.
        """
        ticket = self.get_query_argument("hop", "")
        if ticket:
            await self._continue_after_hop(flow, ticket)
            return
        begun = self._begin(flow)
        if begun is not None:  # else the browser is on its way to the log-in page
            await begun

    @web.authenticated
    @may("write")
    async def _begin(self, flow: str) -> None:
        person, host = self.person, self.request.host
        if is_other_spelling(host, public_url=self.public_url):
            ticket = await self.with_core(lambda c: c.issue_hop(flow, user=person))
            self.leave_for(
                f"{self.public_url}start/{quote(flow)}?hop={ticket.reveal()}"
            )
            return
        self._refuse_dead_end(host)
        await self._send_to_provider(flow, person=person, hop=False)

    async def _continue_after_hop(self, flow: str, ticket: str) -> None:
        person = await self.with_core(lambda core: core.redeem_hop(flow, ticket))
        await self._send_to_provider(flow, person=person, hop=True)

    async def _send_to_provider(self, flow: str, *, person: str, hop: bool) -> None:
        started = await self.with_core(
            lambda core: core.start_authorization(flow, user=person, hop=hop)
        )
        cookies = FlowCookies(self.public_url)
        self.set_cookie(
            cookies.binding(started.state),
            started.binding.reveal(),
            max_age=_BINDING_SECONDS,
            **cookies.binding_attributes(),
        )
        self.leave_for(started.authorization_url)

    def _refuse_dead_end(self, host: str) -> None:
        """Stop before the provider where the way back leads to another machine."""
        if self.extension.options.public_url:
            return
        if is_elsewhere(host, public_url=self.public_url):
            back = urlsplit(self.public_url).netloc
            raise AuthorizationFailed(
                f"You opened this server at {host}, and services would send you back "
                f"to {back}",
                "Set c.Connections.public_url to the address that browsers use",
            )


class CallbackPage(PageHandler):
    """``callback/{service_id}``: the redirect URL of a service."""

    @checks_for_itself
    async def get(self, service_id: str) -> None:
        """Take the provider's answer, and leave the address with the code at once.

        Never the log-in page: it would carry the code on in ``next``. Who is not
        logged in and did not come through a hop is told to start again.
        """
        names = await self.with_core(lambda core: core.callback_names(service_id))
        answer = read_answer(self.request.query, names)
        cookies = FlowCookies(self.public_url)
        name = cookies.binding(state_in(answer, names))
        binding = self.get_cookie(name)
        person = self.person if self.current_user else None
        ended = await self.with_core(
            lambda core: core.finish_authorization(
                service_id, answer, binding=binding, user=person
            )
        )
        self.set_cookie(name, "", max_age=0, **cookies.binding_attributes())
        self._let_see(ended, cookies)
        self.leave_for(f"{self.public_url}result/{quote(ended.flow)}")

    def _let_see(self, ended: "conn_core.Authorization", cookies: FlowCookies) -> None:
        """Let this browser read how it ended, also where nobody is logged in."""
        self.set_signed_cookie(
            cookies.result(),
            json.dumps(ended.to_json()),
            expires_days=None,
            max_age=_RESULT_SECONDS,
            **cookies.result_attributes(ended.flow),
        )


class ResultPage(PageHandler):
    """``result/{flow}``: how it ended, at an address that says nothing."""

    @checks_for_itself
    async def get(self, flow: str) -> None:
        """Show the outcome to the browser that was there, or to who is logged in."""
        ended = self._seen_by_this_browser(flow)
        person = self.person if self.current_user else ""
        if ended is None and person:
            ended = await self.ask(lambda broker: broker.authorization(flow))
        if ended is None:
            self.show(nothing_to_show(), status=404)
            return
        callback = f"{self.public_url}callback/{ended.service}"
        page = page_of(ended, callback=callback, person=person)
        if person:
            page = with_way_on(page, root=self.public_url, name=ended.link_name)
        self.show(page)

    def _seen_by_this_browser(self, flow: str) -> "conn_core.Authorization | None":
        name = FlowCookies(self.public_url).result()
        kept = self.get_signed_cookie(name, max_age_days=_RESULT_SECONDS / 86_400)
        ended = conn_core.Authorization.from_json(json.loads(kept)) if kept else None
        return ended if ended is not None and ended.flow == flow else None
