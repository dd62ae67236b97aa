"""The route table."""

from pathlib import Path
from typing import Final

from tornado.web import Application

from . import _api, _consent, _page, _registration, _token
from ._handler import log_request
from ._world import World

_QUESTION: Final = r"([A-Za-z0-9_-]{1,100})"
_ROUTES: Final = (
    (r"/", _page.HomePage),
    (r"/style\.css", _page.Stylesheet),
    (r"/\.well-known/oauth-authorization-server", _token.Metadata),
    (r"/oauth/authorize", _consent.AuthorizePage),
    (rf"/oauth/log-in/{_QUESTION}", _consent.LogInPage),
    (rf"/oauth/log-out/{_QUESTION}", _consent.LogOutForm),
    (rf"/oauth/consent/{_QUESTION}", _consent.ConsentPage),
    (r"/oauth/token", _token.TokenEndpoint),
    (r"/oauth/revoke", _token.RevocationEndpoint),
    (r"/oauth/register", _registration.RegistrationEndpoint),
    (r"/api/me", _api.Me),
    (r"/api/me/access", _api.MyAccess),
    (r"/api/reports", _api.Reports),
    (r"/api/reports\.csv", _api.ReportsCsv),
    (r"/api/reports/([0-9]+)", _api.OneReport),
    (r"/api/customers", _api.Customers),
    (r"/api/rates", _api.Rates),
    (r"/api/rates/history", _api.RatesHistory),
    (r"/api(?:/.*)?", _api.NothingHere),
)


def application(world: World) -> Application:
    """Return the web application of a practice service."""
    return Application(
        [(pattern, handler, {"world": world}) for pattern, handler in _ROUTES],
        default_handler_class=_page.NothingHere,
        default_handler_args={"world": world},
        template_path=str(Path(__file__).parent / "templates"),
        autoescape="xhtml_escape",
        log_function=log_request,
    )
