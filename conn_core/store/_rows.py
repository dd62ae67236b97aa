"""The statements by table, under one name.

Functions take an open transaction and never commit: the caller knows what belongs
together. Every statement is bound; nothing is ever pasted into SQL.
"""

from ._acceptances import put_acceptance
from ._connections import (
    connection_by_id,
    delete_connection,
    hold_connection,
    insert_connection,
    internal_connections,
    names_of,
    update_connection,
)
from ._credentials import (
    credential_row,
    end_credential,
    name_account,
    note_missing_scopes,
    put_credential,
    sealed_of_connection,
)
from ._flows import flow_by_state, flow_row, insert_flow, trim_flows, update_flow
from ._history import (
    event_rows,
    insert_event,
    note_use,
    trim_uses,
    use_rows,
)
from ._listed import (
    Bookmark,
    Wanted,
    count_of_rows,
    link_names_seen,
    page_of_rows,
    services_seen,
)
from ._named import (
    owners_who_share,
    row_of_owner,
    rows_of_link_name,
    rows_of_name,
)
from ._registrations import (
    delete_registration,
    forget_back_off,
    put_registration,
    registered_services,
    registration_row,
)
from ._services import (
    connection_counts,
    connections_of_service,
    delete_service,
    insert_service,
    live_connections,
    matching_services,
    service_categories,
    service_names,
    service_row,
    update_service,
    wipe_credentials,
)
from ._texts import Row, dump, folded, load_map, load_tuple
from ._visible import Onlooker

__all__ = [
    "Bookmark",
    "Onlooker",
    "Row",
    "Wanted",
    "connection_by_id",
    "connection_counts",
    "connections_of_service",
    "count_of_rows",
    "credential_row",
    "delete_connection",
    "delete_registration",
    "delete_service",
    "dump",
    "end_credential",
    "event_rows",
    "flow_by_state",
    "flow_row",
    "folded",
    "forget_back_off",
    "hold_connection",
    "insert_connection",
    "insert_event",
    "insert_flow",
    "insert_service",
    "internal_connections",
    "link_names_seen",
    "live_connections",
    "load_map",
    "load_tuple",
    "matching_services",
    "name_account",
    "names_of",
    "note_missing_scopes",
    "note_use",
    "owners_who_share",
    "page_of_rows",
    "put_acceptance",
    "put_credential",
    "put_registration",
    "registered_services",
    "registration_row",
    "row_of_owner",
    "rows_of_link_name",
    "rows_of_name",
    "sealed_of_connection",
    "service_categories",
    "service_names",
    "service_row",
    "services_seen",
    "trim_flows",
    "trim_uses",
    "update_connection",
    "update_flow",
    "update_service",
    "use_rows",
    "wipe_credentials",
]
