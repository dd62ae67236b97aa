"""Which screens there are pictures of: the cell that opens each, and what is done then."""

from collections.abc import Callable
from dataclasses import dataclass

import screens_steps as steps
from playwright.sync_api import Locator

SETUP = """
import sys
sys.path.insert(0, {fakes!r})
import gallery
import conn_widgets as cw
clock = gallery.clock
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A screen, and how to get there.

    Attributes:
        name: The beginning of the file names.
        title: Its heading in the gallery.
        about: One sentence.
        cell: The code that opens it; empty for a web page.
        page: Its address below the pages' root, for a web page.
        do: What is clicked and typed then.
    """

    name: str
    title: str
    about: str
    cell: str = ""
    page: str | None = None
    do: Callable[[Locator], None] = steps.nothing


SHOWN = (
    Shown(
        name="list-my",
        title="Connections",
        about="One’s own connections, with what is needed next at hand.",
        cell="cw.connections_panel(gallery.broker(), clock=clock)",
        do=steps.my,
    ),
    Shown(
        name="list-organisation",
        title="Connections of the organisation",
        about="What others share, with what one may do.",
        cell="cw.connections_panel(gallery.broker(), clock=clock)",
        do=steps.group("Organisation"),
    ),
    Shown(
        name="list-internal",
        title="Internal connections",
        about="Made by built-in tasks: they can be revoked and enabled.",
        cell="cw.connections_panel(gallery.broker(), clock=clock)",
        do=steps.group("Internal"),
    ),
    Shown(
        name="list-all",
        title="All connections",
        about="What administrators see: whose each is, and how to stop, seal and hand it "
        "on.",
        cell="cw.connections_panel(gallery.looked_after(), clock=clock)",
        do=steps.everybodys,
    ),
    Shown(
        name="jobs",
        title="Jobs",
        about="Which notebook is to run by itself.",
        cell="import os, pathlib\n"
        "os.chdir(gallery.daily_report().parent)\n"
        "cw.connections_panel(gallery.broker(), clock=clock)",
        do=steps.job_of,
    ),
    Shown(
        name="empty",
        title="First use",
        about="What the product is for, three steps, one action.",
        cell="cw.connections_panel(gallery.empty(), clock=clock)",
    ),
    Shown(
        name="pick",
        title="Pick your service",
        about="Search, categories, and how far one is with each service.",
        cell="cw.new_connection_form(gallery.broker())",
    ),
    Shown(
        name="pick-search",
        title="Pick your service: search",
        about="By name and by what a service is for.",
        cell="cw.new_connection_form(gallery.broker())",
        do=steps.search,
    ),
    Shown(
        name="pick-custom",
        title="Pick your service: custom ones",
        about="One’s own can be edited, exported and deleted.",
        cell="cw.new_connection_form(gallery.broker())",
        do=steps.custom,
    ),
    Shown(
        name="connect",
        title="Connect to a service",
        about="Name, scopes, who may use it, and whose credentials.",
        cell="cw.new_connection_form(gallery.broker(), service='github')",
    ),
    Shown(
        name="connect-registration",
        title="Connect: registration and a refused name",
        about="The first time, client id and secret are asked for; errors stand beside "
        "their fields.",
        cell="cw.new_connection_form(gallery.broker(), service='zoho-expense')",
        do=steps.refused,
    ),
    Shown(
        name="connect-automatic",
        title="Connect: a registration without a console",
        about="Where the service makes one by itself, one press is enough.",
        cell="cw.new_connection_form(gallery.broker(), service='gitlab')",
    ),
    Shown(
        name="connect-key",
        title="Connect with a user name and a key",
        about="Secrets are typed unseen, and it is said where they are sent.",
        cell="cw.new_connection_form(gallery.broker(), service='shop', name='Shop')",
    ),
    Shown(
        name="service-new",
        title="Create new service",
        about="Six sections; discovery fills what the service publishes.",
        cell="cw.service_form(gallery.broker(), proposal=gallery.acme_described())",
        do=steps.discovered,
    ),
    Shown(
        name="service-refused",
        title="Create new service: refused fields",
        about="Each error beside its field; nothing is stored, what was typed stays.",
        cell="cw.service_form(gallery.broker())",
        do=steps.refused_service,
    ),
    Shown(
        name="service-key",
        title="Create new service: API key",
        about="The authentication type decides which sections there are.",
        cell="cw.service_form(gallery.broker())",
        do=steps.by_key,
    ),
    Shown(
        name="service-unfolded",
        title="Edit service: all fields",
        about="What is rarely needed is folded; a fold says what it holds.",
        cell="cw.service_form(gallery.broker(), service='visits')",
        do=steps.unfolded,
    ),
    Shown(
        name="service-stake",
        title="Edit service: credentials would end",
        about="Addresses under live credentials change only after a clear question.",
        cell="cw.service_form(gallery.broker(), service='visits')",
        do=steps.at_stake,
    ),
    Shown(
        name="authorize",
        title="Authorize",
        about="A link to open, and the time that is left; other ways are folded.",
        cell="cw.authorize_form(gallery.broker(), 'team-slack', clock=clock)",
    ),
    Shown(
        name="authorize-done",
        title="Authorize: connected",
        about="As whom, with which scopes, and the cell to paste next.",
        cell="b = gallery.broker()\n"
        "f = cw.authorize_form(b, 'github', clock=clock)\n"
        "b.answer('flow1', 'done', account='priya-n', scopes=('repo',))\n"
        "f",
        do=steps.connected,
    ),
    Shown(
        name="details",
        title="Details",
        about="Facts, code, where it is used, history.",
        cell="cw.connection_details(gallery.broker(), 'github', clock=clock)",
        do=steps.tested,
    ),
    Shown(
        name="accept",
        title="Accept",
        about="What somebody else shares is shown before it is used.",
        cell="cw.connections_panel(gallery.offered(), clock=clock)",
        do=steps.about("Acme visits"),
    ),
    Shown(
        name="share",
        title="Share",
        about="Who else may use it, and how far that goes.",
        cell="cw.connections_panel(gallery.broker(), clock=clock)",
        do=steps.shared_with_people,
    ),
    Shown(
        name="transfer",
        title="Give away",
        about="To whom, and what stops until they have authorized it.",
        cell="cw.connections_panel(gallery.broker(), clock=clock)",
        do=steps.given_away,
    ),
    Shown(
        name="edit",
        title="Edit",
        about="Name and scopes; the rest is shown with a lock.",
        cell="cw.edit_form(gallery.broker(), 'github')",
        do=steps.scope_added,
    ),
    Shown(
        name="confirm-revoke",
        title="Confirm revoke",
        about="What stops working; the focus is on Cancel.",
        cell="cw.confirm_form(gallery.broker(), 'github', 'revoke', clock=clock)",
    ),
    Shown(
        name="confirm-delete",
        title="Confirm delete",
        about="The same, and that it cannot be undone.",
        cell="cw.confirm_form(gallery.broker(), 'github', 'delete', clock=clock)",
    ),
    Shown(
        name="job-check",
        title="Can this job run?",
        about="One sentence with the verdict, then a line for each connection.",
        cell="cw.job_form(gallery.broker(), gallery.daily_report(), until=gallery.END, clock=clock)",
    ),
    Shown(
        name="function-button",
        title="Function button",
        about="The parameters of a function as fields; its output, and the last run.",
        cell="import gallery_functions\ngallery_functions.finished()",
        do=steps.run_until("Finished in"),
    ),
    Shown(
        name="function-running",
        title="Function button: stopping",
        about="While it runs, the button stops it; it says what stopping can do.",
        cell="import gallery_functions\ngallery_functions.running()",
        do=steps.stopped,
    ),
    Shown(
        name="function-failed",
        title="Function button: failed",
        about="One sentence with the next command.",
        cell="import gallery_functions\ngallery_functions.failed()",
        do=steps.run_until("Failed after"),
    ),
    Shown(
        name="page-all",
        title="Web page: all connections",
        about="The same list without a notebook, as an administrator sees it.",
        page="?group=all",
    ),
    Shown(
        name="page-accept",
        title="Web page: accept",
        about="What somebody else shares, before its first use.",
        page="connection/grace%2Facme-visits",
    ),
    Shown(
        name="page-sharing",
        title="Web page: share and give away",
        about="Who else may use a connection, and whose it becomes.",
        page="connection/team-crm/sharing",
    ),
    Shown(
        name="page-give-away",
        title="Web page: give away, as an administrator",
        about="What somebody else has, and nobody shares with the administrator.",
        page="connection/sam%2Ffield-notes/sharing",
    ),
    Shown(
        name="page-log",
        title="Web page: the log",
        about="Who did what with which connection, and from where.",
        page="audit",
    ),
)
