"""The options that describe a service, and what they say of its members."""

import argparse
from collections.abc import Mapping
from typing import Any, Final

from ._usage import UsageError
from ._verb import Argument, argument

#: Option, member, placeholder, help.
_TEXTS: Final = (
    ("--name", "name", "N", "what people read; the id is made from it"),
    ("--description", "description", "D", "what it is for"),
    ("--category", "category", "C", "where people find it"),
    ("--authorize-url", "authorization_endpoint", "URL", "where people allow access"),
    ("--token-url", "token_endpoint", "URL", "where access tokens come from"),
    (
        "--refresh-url",
        "refresh_endpoint",
        "URL",
        "where they are renewed, if elsewhere",
    ),
    ("--revoke-url", "revocation_endpoint", "URL", "where an authorization is ended"),
    (
        "--device-url",
        "device_authorization_endpoint",
        "URL",
        "where codes for other devices come from",
    ),
    (
        "--request-token-url",
        "request_token_endpoint",
        "URL",
        "where OAuth 1.0a begins",
    ),
    (
        "--pushed-url",
        "pushed_authorization_request_endpoint",
        "URL",
        "where authorization requests are pushed to",
    ),
    (
        "--registration-url",
        "registration_endpoint",
        "URL",
        "where clients are registered without a person",
    ),
    ("--base-url", "api_base_url", "URL", "what paths such as /me are added to"),
    ("--test-path", "test_path", "/PATH", "one harmless call"),
    ("--account-field", "account_field", "F", "of its answer: whose account it is"),
    ("--docs-url", "docs_url", "URL", "where it is documented"),
    (
        "--param-name",
        "param_name",
        "N",
        "of the header, query parameter or form field with the credential",
    ),
    ("--param-prefix", "param_prefix", "P", "text before the credential, as Bearer"),
    ("--signing-name", "signing_name", "S", "as AWS signs for it, as s3"),
    (
        "--client-id",
        "client_id",
        "ID",
        "of your client registration; its secret is asked for unseen",
    ),
)
_CHOICES: Final = (
    (
        "--auth-type",
        "auth_type",
        ("oauth2", "oauth1", "api_key", "basic", "bearer", "aws_sigv4"),
        "how a request proves who makes it",
    ),
    (
        "--grant-type",
        "grant_type",
        ("authorization_code", "client_credentials", "device_code"),
        "how an OAuth 2.0 token is obtained",
    ),
    (
        "--token-auth",
        "token_endpoint_auth_method",
        ("client_secret_basic", "client_secret_post", "private_key_jwt", "none"),
        "how the client proves who it is where tokens come from",
    ),
    (
        "--param-type",
        "param_type",
        ("header", "query", "body"),
        "where the credential stands in a request",
    ),
    (
        "--signature",
        "signature_method",
        ("HMAC-SHA1", "RSA-SHA1"),
        "how OAuth 1.0a signs",
    ),
)
#: Option, name, member, placeholder, help: those that may be given again.
_LISTS: Final = (
    ("--host", "host", "api_hosts", "H", "where the credential may be sent"),
    ("--scope", "scope", "scopes", "NAME=TEXT", "a scope, and what people read"),
    (
        "--read-only-scope",
        "read_only_scope",
        "scopes",
        "NAME=TEXT",
        "the same, where it lets nothing be changed",
    ),
    (
        "--default-scope",
        "default_scope",
        "default_scopes",
        "NAME",
        "a scope that new connections begin with",
    ),
)
_SWITCHES: Final = (
    ("--pkce", "pkce", "use PKCE; it is used when nothing is said"),
    (
        "--login-user",
        "use_login_user_credentials",
        "connections begin with each person's own credentials",
    ),
)
_DELIMITERS: Final = {"space": " ", "comma": ",", "plus": "+"}
#: Where an empty text means that there is none.
_MAY_BE_NOTHING: Final = ("_endpoint", "_url", "_path", "_field")
#: What people type for a member.
OPTION_OF: Final = {
    **{member: option for option, member, *_ in _TEXTS},
    **{member: option for option, member, *_ in _CHOICES},
    **{member: option for option, member, *_ in _SWITCHES},
    "api_hosts": "--host",
    "scopes": "--scope",
    "default_scopes": "--default-scope",
    "scope_delimiter": "--scope-delimiter",
    "client_secret": "The client secret",
    "id": "--id",
    "issuer": "--issuer",
}


def arguments() -> tuple[Argument, ...]:
    """Return the options that describe a service."""
    return (
        *(
            argument(option, dest=member, metavar=metavar, help=help_)
            for option, member, metavar, help_ in _TEXTS
        ),
        *(
            argument(option, dest=member, choices=choices, help=help_)
            for option, member, choices, help_ in _CHOICES
        ),
        *(
            argument(
                option,
                dest=name,
                action="append",
                metavar=metavar,
                help=f"{help_} (again for more)",
            )
            for option, name, _, metavar, help_ in _LISTS
        ),
        argument(
            "--scope-delimiter",
            dest="scope_delimiter",
            metavar="D",
            help="space, comma, plus, or the text itself",
        ),
        *(
            argument(
                option, dest=member, action=argparse.BooleanOptionalAction, help=help_
            )
            for option, member, help_ in _SWITCHES
        ),
    )


def members_from(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a service that options describe.

    Args:
        options: What was typed, by option; None where nothing was.

    Raises:
        UsageError: If a scope is written wrong.
    """
    given = {name: value for name, value in options.items() if value is not None}
    members = {
        member: _text(member, given[member])
        for _, member, *_ in (*_TEXTS, *_CHOICES, *_SWITCHES)
        if member in given
    }
    if "scope_delimiter" in given:
        typed = given["scope_delimiter"]
        members["scope_delimiter"] = _DELIMITERS.get(typed, typed)
    scopes = [
        *(_scope(text, read_only=False) for text in given.get("scope", ())),
        *(_scope(text, read_only=True) for text in given.get("read_only_scope", ())),
    ]
    for option, name, member, *_ in _LISTS:
        values = scopes if member == "scopes" else given.get(name, ())
        if name in given:
            members[member] = _all_different(list(values), option)
    return members


def _text(member: str, value: Any) -> Any:
    if value == "" and member.endswith(_MAY_BE_NOTHING) and member != "api_base_url":
        return None
    if member == "param_prefix":
        prefix = value.strip()  # a blank follows a word: "Bearer abc"
        return f"{prefix} " if prefix[-1:].isalnum() else prefix
    return value


def _scope(text: str, *, read_only: bool) -> dict[str, Any]:
    name, _, display_name = text.partition("=")
    return {
        "name": name.strip(),
        "display_name": display_name.strip(),
        "read_only": read_only,
    }


def _all_different(values: list[Any], option: str) -> list[Any]:
    names = [value["name"] if isinstance(value, dict) else value for value in values]
    if len(set(names)) < len(names):
        raise UsageError(f"{option} gives one name twice")
    return values
