"""A small OAuth 1.0a provider with an API. Authlib verifies what arrives; we only keep."""

import secrets
from types import SimpleNamespace
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from authlib.oauth1 import (
    AuthorizationServer,
    OAuth1Request,
    ResourceProtector,
    TemporaryCredential,
)
from authlib.oauth1.rfc5849.errors import OAuth1Error
from scripted_peer import Peer, Reply

CLIENT_ID = "desk-of-old"
FORM = "application/x-www-form-urlencoded"


class _Books:
    """What the provider knows: one client, credentials, and every nonce it has seen."""

    def __init__(self, client_secret, redirect_uri, canary):
        self.redirect_uri = redirect_uri
        self.client = SimpleNamespace(
            get_default_redirect_uri=lambda: redirect_uri,
            get_client_secret=lambda: client_secret,
        )
        self.canary = canary
        self.temporary, self.tokens, self.nonces = {}, {}, set()


class _Keeper:
    """What authlib wants to know of the books."""

    def __init__(self, books):
        self.books = books

    def get_client_by_id(self, client_id):
        return self.books.client if client_id == CLIENT_ID else None

    def exists_nonce(self, nonce, request):
        seen = (request.timestamp, request.client_id, request.token, nonce)
        known = seen in self.books.nonces
        self.books.nonces.add(seen)
        return known


class _Issuer(_Keeper, AuthorizationServer):
    """The two endpoints that issue something, and the page between them."""

    def create_oauth1_request(self, request):
        return request

    def handle_response(self, status_code, payload, headers):
        body = payload if isinstance(payload, str) else urlencode(payload)
        return Reply(status_code, body.encode(), dict(headers))

    def create_temporary_credential(self, request):
        made = TemporaryCredential(
            oauth_token=self.books.canary("request-token"),
            oauth_token_secret=self.books.canary("request-secret"),
            client_id=request.client_id,
            oauth_callback=request.redirect_uri,
        )
        self.books.temporary[made.get_oauth_token()] = made
        return made

    def get_temporary_credential(self, request):
        return self.books.temporary.get(request.token)

    def delete_temporary_credential(self, request):
        self.books.temporary.pop(request.token, None)

    def create_authorization_verifier(self, request):
        request.credential["oauth_verifier"] = self.books.canary("verifier")
        return request.credential["oauth_verifier"]

    def create_token_credential(self, request):
        secret = self.books.canary("token-secret")
        made = SimpleNamespace(
            oauth_token=f"token-{secrets.token_hex(8)}",
            get_oauth_token=lambda: made.oauth_token,
            get_oauth_token_secret=lambda: secret,
        )
        self.books.tokens[made.oauth_token] = made
        return made


class _Guard(_Keeper, ResourceProtector):
    """The API's doorkeeper."""

    def get_token_credential(self, request):
        return self.books.tokens.get(request.token)


class OAuth1Site:
    """The provider on loopback.

    Attributes:
        calls: What the API was asked with a signature that is good: method, path with
            query, and the form.
        refused: Why authlib refused a call, one code each.
    """

    def __init__(self, *, client_secret, redirect_uri, canary):
        books = _Books(client_secret, redirect_uri, canary)
        self._issuer, self._guard = _Issuer(books), _Guard(books)
        self.books, self.calls, self.refused = books, [], []
        self.peer = Peer()
        self.peer.answer = self._answer

    def consent(self, authorization_url):
        """Be the person who agrees; return what the browser brings back."""
        asked = OAuth1Request("GET", authorization_url, headers={})
        asked.credential = self._issuer.get_temporary_credential(asked)
        self.books.redirect_uri = asked.credential.get_redirect_uri()
        reply = self._issuer.create_authorization_response(asked, grant_user="ada")
        query = parse_qs(urlsplit(reply.headers["Location"]).query)
        return {name: values[0] for name, values in query.items()}

    def end_all_grants(self):
        """Forget every token."""
        self.books.tokens.clear()

    def service_toml(self):
        """The service as an operator writes it."""
        url = self.peer.url
        return f"""
[[service]]
id = "old-desk"
name = "Old Desk"
auth_type = "oauth1"
request_token_endpoint = "{url}/oauth/request_token"
authorization_endpoint = "{url}/oauth/authorize"
token_endpoint = "{url}/oauth/access_token"
api_base_url = "{url}/api"
api_hosts = ["{self.peer.host}"]
test_path = "/me"
account_field = "login"
"""

    def _answer(self, seen):
        url, headers = _plain(f"{self.peer.url}{seen.path}"), _titled(seen.headers)
        is_form = seen.headers.get("content-type", "").startswith(FORM)
        form = seen.body.decode() if is_form else ""
        try:
            match urlsplit(seen.path).path:
                case "/oauth/request_token":
                    return self._issuer.create_temporary_credentials_response(
                        OAuth1Request(seen.method, url, form, headers)
                    )
                case "/oauth/authorize":
                    answer = urlencode(self.consent(url))
                    place = f"{self.books.redirect_uri}?{answer}"
                    return Reply(302, headers={"Location": place})
                case "/oauth/access_token":
                    return self._issuer.create_token_response(
                        OAuth1Request(seen.method, url, form, headers)
                    )
            self._guard.validate_request(seen.method, url, form, headers)
        except OAuth1Error as error:
            self.refused.append(error.error)
            return Reply(401, b'{"error": "signature"}')
        fields = parse_qsl(form, keep_blank_values=True)
        self.calls.append((seen.method, seen.path, fields))
        return Reply(200, b'{"login": "ada"}', {"Content-Type": "application/json"})


def _plain(url):
    """Return an address as authlib reads it: other servers take brackets, too."""
    base, _, query = url.partition("?")
    return f"{base}?{urlencode(parse_qsl(query, keep_blank_values=True))}"


def _titled(headers):
    """Authlib looks headers up by their usual spelling."""
    return {name.title(): text for name, text in headers.items()}
