"""What a server of our REST answers, as JSON."""

#: To the question for an access token.
TOKEN = {
    "access_token": "CNRY-vended-token-33ab01",
    "token_type": "Bearer",
    "expires_at": "2026-11-25T12:00:00Z",
    "scopes": ["read"],
    "generation": 7,
    "link_name": "finance-sheet",
    "service_name": "Google Sheets",
    "api_base_url": "https://sheets.example/v4",
    "api_hosts": ["sheets.example"],
}
