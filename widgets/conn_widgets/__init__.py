"""Forms and panels for connections, as ipywidgets; each has a twin in plain text.

No widget here ever holds a secret: what is typed into a secret field stays in the
browser until it is handed to the broker.
"""

from ._fields import (
    CheckField,
    CopyField,
    DocumentField,
    Field,
    FoldHead,
    OpenLink,
    ScopePicker,
    ScopeRows,
    SecretField,
    Segments,
    Waiting,
)
from ._forms import (
    authorize_form,
    confirm_form,
    connection_details,
    connections_panel,
    edit_form,
    job_form,
    new_connection_form,
    service_form,
)
from ._function_button import ButtonFunction, FunctionButton
from ._list import ConnectionList
from ._pick import ServicePicker
from ._text import connections_text, services_text

__all__ = [
    "ButtonFunction",
    "CheckField",
    "ConnectionList",
    "CopyField",
    "DocumentField",
    "Field",
    "FoldHead",
    "FunctionButton",
    "OpenLink",
    "ScopePicker",
    "ScopeRows",
    "SecretField",
    "Segments",
    "ServicePicker",
    "Waiting",
    "authorize_form",
    "confirm_form",
    "connection_details",
    "connections_panel",
    "connections_text",
    "edit_form",
    "job_form",
    "new_connection_form",
    "service_form",
    "services_text",
]
