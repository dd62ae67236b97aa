"""A line that describes a service of one's own, as little as there can be of it."""

_ADDRESSES = (
    "--authorize-url https://auth.acme.example/authorize "
    "--token-url https://auth.acme.example/token"
)
NEW = (
    f'service new --name "Acme CRM" --base-url https://api.acme.example/v2 {_ADDRESSES}'
)
