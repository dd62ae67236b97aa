"""The one route table, under ``{base_url}connections/``."""

from ._handler import BrokerHandler
from ._pages import CallbackPage, ResultPage, StartPage
from ._rest_audit import AuditHandler, AuditReportHandler
from ._rest_authorizations import (
    AuthorizationHandler,
    AuthorizationsHandler,
    PasteHandler,
)
from ._rest_connections import (
    ChangeHandler,
    CheckHandler,
    ConnectionHandler,
    ConnectionsHandler,
    EventsHandler,
    InternalConnectionHandler,
    RevokeHandler,
    SealHandler,
    SnippetHandler,
    TestHandler,
    UsesHandler,
)
from ._rest_grants import GrantHandler, GrantsHandler
from ._rest_openapi import OpenApiHandler
from ._rest_proxy import ProxyHandler
from ._rest_schedules import ScheduleHandler, SchedulesHandler
from ._rest_services import (
    CategoriesHandler,
    ExportHandler,
    ProposalsHandler,
    RegistrationHandler,
    ServiceHandler,
    ServicesHandler,
    StatusHandler,
)
from ._rest_sharing import ShareHandler, TransferHandler
from ._rest_token import SignHandler, TokenHandler
from .screens import (
    AcceptDeed,
    AuditScreen,
    AuthorizationScreen,
    AuthorizeScreen,
    ConnectScreen,
    DeleteScreen,
    DeleteServiceScreen,
    DetailsScreen,
    EditScreen,
    EditServiceScreen,
    EnableDeed,
    ListScreen,
    NewServiceScreen,
    PickScreen,
    RegistrationScreen,
    RevokeScreen,
    SharingScreen,
    TestDeed,
    ThemeDeed,
)

#: ``([^/]+)`` takes a percent-encoded display name whole: tornado decodes afterwards.
_CONNECTION = r"api/v1/connections/([^/]+)"

ROUTES: tuple[tuple[str, type[BrokerHandler]], ...] = (
    # First, because each request is compared with one after the other.
    (rf"{_CONNECTION}/token", TokenHandler),
    # What follows is for the service, as it is written.
    (rf"{_CONNECTION}/proxy/.*", ProxyHandler),
    (r"api/v1/openapi\.yaml", OpenApiHandler),
    (r"api/v1/status", StatusHandler),
    (r"api/v1/categories", CategoriesHandler),
    (r"api/v1/services", ServicesHandler),
    # Before a service of this name, which no service can have.
    (r"api/v1/services/proposals", ProposalsHandler),
    (r"api/v1/services/([^/]+)", ServiceHandler),
    (r"api/v1/services/([^/]+)/registration", RegistrationHandler),
    (r"api/v1/services/([^/]+)/toml", ExportHandler),
    (r"api/v1/internal-connections/([^/]+)", InternalConnectionHandler),
    (r"api/v1/check", CheckHandler),
    (r"api/v1/audit", AuditHandler),
    (r"api/v1/audit/report", AuditReportHandler),
    (r"api/v1/grants", GrantsHandler),
    (r"api/v1/grants/([^/]+)", GrantHandler),
    (r"api/v1/schedules", SchedulesHandler),
    (r"api/v1/schedules/([^/]+)", ScheduleHandler),
    (r"api/v1/connections", ConnectionsHandler),
    (_CONNECTION, ConnectionHandler),
    (rf"{_CONNECTION}/authorizations", AuthorizationsHandler),
    (rf"{_CONNECTION}/revoke", RevokeHandler),
    (rf"{_CONNECTION}/seal", SealHandler),
    (rf"{_CONNECTION}/share", ShareHandler),
    (rf"{_CONNECTION}/transfer", TransferHandler),
    (rf"{_CONNECTION}/(enable|refresh|accept)", ChangeHandler),
    (rf"{_CONNECTION}/test", TestHandler),
    (rf"{_CONNECTION}/sign", SignHandler),
    (rf"{_CONNECTION}/snippet", SnippetHandler),
    (rf"{_CONNECTION}/events", EventsHandler),
    (rf"{_CONNECTION}/uses", UsesHandler),
    (r"api/v1/authorizations/([^/]+)", AuthorizationHandler),
    (r"api/v1/authorizations/([^/]+)/paste", PasteHandler),
    (r"start/([^/]+)", StartPage),
    # Whatever follows: a code in the address must not meet Jupyter's own log-in page.
    (r"callback/(.*)", CallbackPage),
    (r"result/([^/]+)", ResultPage),
    (r"", ListScreen),
    (r"audit", AuditScreen),
    (r"theme", ThemeDeed),
    (r"new", PickScreen),
    (r"new/([^/]+)", ConnectScreen),
    (r"connection/([^/]+)", DetailsScreen),
    (r"connection/([^/]+)/edit", EditScreen),
    (r"connection/([^/]+)/sharing", SharingScreen),
    (r"connection/([^/]+)/test", TestDeed),
    (r"connection/([^/]+)/authorize", AuthorizeScreen),
    (r"connection/([^/]+)/enable", EnableDeed),
    (r"connection/([^/]+)/accept", AcceptDeed),
    (r"connection/([^/]+)/revoke", RevokeScreen),
    (r"connection/([^/]+)/delete", DeleteScreen),
    (r"authorization/([^/]+)", AuthorizationScreen),
    (r"service/new", NewServiceScreen),
    (r"service/([^/]+)/edit", EditServiceScreen),
    (r"service/([^/]+)/registration", RegistrationScreen),
    (r"service/([^/]+)/delete", DeleteServiceScreen),
)
