"""The web page: the same list and actions for people outside a notebook.

Rendered here, in plain forms and links: it works without script.
"""

from ._audit import AuditScreen
from ._authorize import AuthorizationScreen, AuthorizeScreen
from ._connect import ConnectScreen
from ._deeds import AcceptDeed, DeleteScreen, EnableDeed, RevokeScreen, TestDeed
from ._details import DetailsScreen
from ._edit import EditScreen
from ._list import ListScreen
from ._pick import PickScreen
from ._service import DeleteServiceScreen, RegistrationScreen
from ._service_form import EditServiceScreen, NewServiceScreen
from ._sharing import SharingScreen
from ._theme import ThemeDeed

__all__ = [
    "AcceptDeed",
    "AuditScreen",
    "AuthorizationScreen",
    "AuthorizeScreen",
    "ConnectScreen",
    "DeleteScreen",
    "DeleteServiceScreen",
    "DetailsScreen",
    "EditScreen",
    "EditServiceScreen",
    "EnableDeed",
    "ListScreen",
    "NewServiceScreen",
    "PickScreen",
    "RegistrationScreen",
    "RevokeScreen",
    "SharingScreen",
    "TestDeed",
    "ThemeDeed",
]
