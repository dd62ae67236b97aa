"""What stands in the provider's place where forms meet the broker that does the work."""

import json
import types

CATALOG = """
[[service]]
id = "ledger"
name = "Ledger"
description = "Invoices and payments"
category = "Finance"
authorization_endpoint = "https://ledger.example.com/authorize"
token_endpoint = "https://ledger.example.com/token"
device_authorization_endpoint = "https://ledger.example.com/code"
api_base_url = "https://api.ledger.example.com"
api_hosts = ["api.ledger.example.com"]
test_path = "/me"
account_field = "login"
scopes = [
    { name = "invoices.read", display_name = "Read invoices", read_only = true },
    { name = "invoices.write", display_name = "Change invoices" },
]

[[service]]
id = "forecast"
name = "Forecast"
auth_type = "api_key"
param_name = "X-Key"
param_prefix = ""
api_base_url = "https://{shop}.forecast.example.com"
api_hosts = ["{shop}.forecast.example.com"]
parameters = [{ name = "shop", default = "main" }]
test_path = "/me"
account_field = "login"

[[service]]
id = "meters"
name = "Meters"
grant_type = "client_credentials"
token_endpoint = "https://meters.example.com/token"
api_base_url = "https://api.meters.example.com"
api_hosts = ["api.meters.example.com"]
"""


class Provider:
    """Answers what the authorization server and the API of the ledger would."""

    def __init__(self, token):
        self._token = token
        self.forms = []
        self.accepts = {"Authorization": f"Bearer {token}"}

    def post_form(self, url, fields, *, headers):
        self.forms.append((dict(fields), dict(headers)))
        if url.endswith("/code"):
            return self._answer(
                {
                    "device_code": f"{self._token}-device-code",
                    "user_code": "WDJB-MJHT",
                    "verification_uri": "https://ledger.example.com/device",
                    "expires_in": 600,
                    "interval": 1,
                }
            )
        return self._answer(
            {
                "access_token": self._token,
                "token_type": "Bearer",
                "expires_in": 600,
                "refresh_token": f"{self._token}-refresh",
                "scope": "invoices.read",
            }
        )

    def get(self, _url, *, headers, timeout=None):
        if self.accepts.items() <= headers.items():
            return self._answer({"login": "priya-n"})
        return self._answer({}, status=401)

    def close(self):
        """Nothing is open."""

    @staticmethod
    def _answer(body, *, status=200):
        return types.SimpleNamespace(
            status=status,
            headers={"content-type": "application/json"},
            body=json.dumps(body).encode(),
        )
