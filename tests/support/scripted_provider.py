"""A provider without a network: it answers what the test says, and counts."""

import json
from types import SimpleNamespace

ACCESS_TOKEN = "CNRY-access-token-4d2a77c1"
REFRESH_TOKEN = "CNRY-refresh-token-91f0c3be"
CLIENT_SECRET = "CNRY-client-secret-7c1e55aa"
CODE = "CNRY-code-b84f1d02"

SHOPS = """
[[service]]
id = "coffee"
name = "Coffee & <b>Cake</b>"
description = "A shop nobody mistakes for a real one"
predefined = true
category = "practice"
authorization_endpoint = "https://login.coffee.example/authorize"
token_endpoint = "https://login.coffee.example/token"
api_base_url = "https://api.coffee.example/v1"
api_hosts = ["api.coffee.example"]
test_path = "/me"
account_field = "login"
default_scopes = ["read"]
scopes = [
    { name = "read", display_name = "Read the menu", read_only = true },
    { name = "order", display_name = "Order coffee" },
]

[[service]]
id = "tea"
name = "Tea"
authorization_endpoint = "https://login.tea.example/authorize"
token_endpoint = "https://login.tea.example/token"
api_base_url = "https://api.tea.example"
api_hosts = ["api.tea.example"]
"""


class ScriptedProvider:
    """The way out, without a network: answers what the test says, and counts."""

    def __init__(self):
        self.token_requests = []
        self.token_answer = (
            200,
            {
                "access_token": ACCESS_TOKEN,
                "refresh_token": REFRESH_TOKEN,
                "token_type": "Bearer",
                "expires_in": 3600,
                "scope": "read",
            },
        )
        self.api_answer = (200, {"login": "priya-n"})

    def post_form(self, url, fields, *, headers):
        self.token_requests.append((url, dict(fields)))
        return self._answer(*self.token_answer)

    def get(self, url, *, headers, timeout=None):
        return self._answer(*self.api_answer)

    def close(self):
        pass

    def _answer(self, status, body):
        return SimpleNamespace(
            status=status,
            headers={"content-type": "application/json"},
            body=json.dumps(body).encode(),
        )
