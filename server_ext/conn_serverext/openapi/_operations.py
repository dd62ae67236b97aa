"""The table: what each address is asked and answers."""

from typing import Any, Final

from ._operation import TEXT, Asked, Operation

_FLAG: Final = {"type": "string", "enum": ["true", "false"]}


def _number(most: int, usual: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": most, "default": usual}


_QUERY: Final = Asked(name="q", words="What to search for.", schema=TEXT)
_CURSOR: Final = Asked(
    name="cursor", words="The `next_cursor` of the page before.", schema=TEXT
)
_NEWEST: Final = Asked(
    name="limit", words="How many, the latest first.", schema=_number(10_000, 20)
)
_IF_MATCH: Final = Asked(
    name="If-Match",
    words="The version that was read, as its `ETag` says it; without one whatever is "
    "there is changed.",
    schema={"type": "string", "pattern": r'^(\*|"[1-9][0-9]{0,9}")$'},
    place="header",
)
#: A person has to do something first, or somebody was faster.
_CONFLICT: Final = 409
_REVOKED: Final = 423
#: The service itself is asked, and may refuse.
_PROVIDER: Final = 424

#: Requests are carried as they are, whatever the method; so are their answers.
_CARRIED: Final = Operation(
    asks=(
        Asked(
            name="X-Connections-Origin",
            words="Another origin of the service, such as `https://uploads.example.com`; "
            "the path begins there. Without one it begins at the API's own address.",
            schema=TEXT,
            place="header",
        ),
        Asked(
            name="X-Connections-Place",
            words="The notebook or job that asks, percent-encoded.",
            schema=TEXT,
            place="header",
        ),
    ),
    gives="CarriedAnswer",
    media_type="*/*",
    refuses=(_CONFLICT, _REVOKED, _PROVIDER, 429),
    for_programs=True,
)

#: By method and address below ``api/v1/``, as the route table and the handlers name it.
OPERATIONS: Final[dict[str, Operation]] = {
    "GET openapi.yaml": Operation(gives="Document", media_type="application/yaml"),
    "GET status": Operation(gives="BrokerStatus"),
    "GET categories": Operation(gives="Category", lists=True),
    "GET services": Operation(
        gives="Service",
        lists=True,
        asks=(
            _QUERY,
            Asked(
                name="predefined",
                words="Only those that ship with us, or only those that people made.",
                schema=_FLAG,
            ),
            Asked(name="category", words="Only those of one category.", schema=TEXT),
            _CURSOR,
            Asked(name="limit", words="How many.", schema=_number(10_000, 24)),
        ),
    ),
    "POST services": Operation(
        takes="ServiceDraft",
        needs_body=True,
        gives="Service",
        status=201,
        versioned=True,
        refuses=(_CONFLICT,),
    ),
    "POST services/proposals": Operation(
        takes="Sources",
        needs_body=True,
        gives="ServiceProposal",
        refuses=(_PROVIDER,),
    ),
    "GET services/{service_id}": Operation(gives="Service", versioned=True),
    "PATCH services/{service_id}": Operation(
        takes="ServiceDraft",
        needs_body=True,
        asks=(
            _IF_MATCH,
            Asked(
                name="wipe_credentials",
                words="End the credentials that are bound to what changes, instead of "
                "refusing the change.",
                schema=_FLAG,
            ),
        ),
        gives="Service",
        versioned=True,
        refuses=(_CONFLICT,),
    ),
    "DELETE services/{service_id}": Operation(status=204, refuses=(_CONFLICT,)),
    "PUT services/{service_id}/registration": Operation(
        takes="ClientRegistration",
        needs_body=True,
        gives="Service",
        refuses=(_CONFLICT,),
    ),
    "POST services/{service_id}/registration": Operation(
        takes="Nothing", gives="Service", refuses=(_CONFLICT, _PROVIDER)
    ),
    "GET services/{service_id}/toml": Operation(media_type="application/toml"),
    "PUT internal-connections/{service_id}": Operation(
        takes="InternalUse",
        gives="Connection",
        versioned=True,
        refuses=(_CONFLICT, _REVOKED),
    ),
    "POST check": Operation(
        takes="CheckDraft", needs_body=True, gives="Readiness", lists=True
    ),
    "GET schedules": Operation(gives="Schedule", lists=True),
    "POST schedules": Operation(
        takes="ScheduleDraft",
        needs_body=True,
        gives="Schedule",
        status=201,
        refuses=(_CONFLICT,),
    ),
    "PATCH schedules/{name}": Operation(
        takes="Activity",
        needs_body=True,
        gives="Schedule",
        refuses=(_CONFLICT,),
    ),
    "DELETE schedules/{name}": Operation(gives="Schedule", refuses=(_CONFLICT,)),
    "GET audit": Operation(
        gives="AuditLine",
        lists=True,
        also=("text/csv",),
        refuses=(404, _CONFLICT),
        asks=(
            _QUERY,
            Asked(name="connection", words="Only of this connection.", schema=TEXT),
            Asked(name="person", words="Only by this person.", schema=TEXT),
            Asked(name="action", words="Only this.", schema=TEXT),
            Asked(
                name="format",
                words="`csv` for a file that spreadsheets open; `json` otherwise.",
                schema={"type": "string", "enum": ["json", "csv"]},
            ),
            _CURSOR,
            Asked(name="limit", words="How many.", schema=_number(10_000, 100)),
        ),
    ),
    "GET audit/report": Operation(gives="AuditReport"),
    "GET grants": Operation(gives="Grant", lists=True),
    "POST grants": Operation(
        takes="GrantDraft",
        needs_body=True,
        gives="IssuedGrant",
        status=201,
        refuses=(404, _CONFLICT, _REVOKED),
        for_programs=True,
    ),
    "DELETE grants/{grant_id}": Operation(gives="Grant"),
    "GET connections": Operation(
        gives="Connection",
        lists=True,
        asks=(
            _QUERY,
            Asked(
                name="group",
                words="Mine, others', or those of built-in tasks; ``all`` there are, for "
                "administrators.",
                schema={"enum": ["my", "organisation", "internal", "all"]},
            ),
            Asked(name="service", words="A service's id.", schema=TEXT),
            Asked(
                name="status",
                words="Only those with this status; ``suspended`` are those of the revoked "
                "whose owner's account is not active.",
                schema={
                    "enum": [
                        "connected",
                        "needs authorization",
                        "revoked",
                        "suspended",
                        "failed",
                    ]
                },
            ),
            _CURSOR,
            Asked(name="limit", words="How many.", schema=_number(10_000, 100)),
        ),
    ),
    "POST connections": Operation(
        takes="ConnectionDraft",
        needs_body=True,
        gives="Connection",
        status=201,
        versioned=True,
        refuses=(404, _CONFLICT),
    ),
    "GET connections/{name}": Operation(gives="Connection", versioned=True),
    "PATCH connections/{name}": Operation(
        takes="ConnectionEdit",
        asks=(_IF_MATCH,),
        gives="Connection",
        versioned=True,
        refuses=(_CONFLICT,),
    ),
    "DELETE connections/{name}": Operation(
        asks=(
            Asked(
                name="keep_grant",
                words="Leave the authorization at the provider as it is.",
                schema=_FLAG,
            ),
        ),
        gives="Connection",
        refuses=(_CONFLICT,),
    ),
    "POST connections/{name}/authorizations": Operation(
        takes="AuthorizationDraft",
        gives="Authorization",
        status=201,
        refuses=(_CONFLICT, _REVOKED, _PROVIDER, 429),
    ),
    "POST connections/{name}/revoke": Operation(
        takes="Revocation", gives="Connection", versioned=True, refuses=(_CONFLICT,)
    ),
    "POST connections/{name}/seal": Operation(
        takes="Sealing", gives="Connection", versioned=True, refuses=(_CONFLICT,)
    ),
    "POST connections/{name}/share": Operation(
        takes="ShareDraft",
        needs_body=True,
        gives="Connection",
        versioned=True,
        refuses=(_CONFLICT,),
    ),
    "POST connections/{name}/transfer": Operation(
        takes="Transfer",
        needs_body=True,
        gives="Connection",
        versioned=True,
        refuses=(_CONFLICT,),
    ),
    "POST connections/{name}/accept": Operation(
        takes="Nothing", gives="Connection", versioned=True, refuses=(_CONFLICT,)
    ),
    "POST connections/{name}/enable": Operation(
        takes="Nothing", gives="Connection", versioned=True, refuses=(_CONFLICT,)
    ),
    "POST connections/{name}/refresh": Operation(
        takes="Nothing",
        gives="Connection",
        versioned=True,
        refuses=(_CONFLICT, _REVOKED, _PROVIDER),
    ),
    "POST connections/{name}/test": Operation(
        takes="Trial", gives="TestResult", refuses=(_CONFLICT, _REVOKED, _PROVIDER)
    ),
    "POST connections/{name}/token": Operation(
        takes="TokenQuestion",
        gives="AccessToken",
        refuses=(_CONFLICT, _REVOKED, _PROVIDER),
        for_programs=True,
    ),
    "POST connections/{name}/sign": Operation(
        takes="SigningQuestion",
        needs_body=True,
        gives="Signature",
        refuses=(_CONFLICT, _REVOKED, _PROVIDER),
        for_programs=True,
    ),
    **{
        f"{method} connections/{{name}}/proxy/{{path}}": _CARRIED
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    },
    "GET connections/{name}/snippet": Operation(
        gives="Snippet",
        asks=(
            Asked(
                name="for",
                words="For which library; `libraries` of an answer are their names.",
                schema=TEXT,
            ),
        ),
    ),
    "GET connections/{name}/events": Operation(
        gives="Event", lists=True, asks=(_NEWEST,)
    ),
    "GET connections/{name}/uses": Operation(gives="Use", lists=True, asks=(_NEWEST,)),
    "GET authorizations/{flow}": Operation(gives="Authorization"),
    "DELETE authorizations/{flow}": Operation(status=204, refuses=(_CONFLICT,)),
    "POST authorizations/{flow}/paste": Operation(
        takes="PastedAddress",
        needs_body=True,
        gives="Authorization",
        refuses=(_CONFLICT, _PROVIDER, 429),
    ),
}
