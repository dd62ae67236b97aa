"""A coffee house: what one connects to there, and a small API that takes a token."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from conn_core import Service


def coffee(api: str = "https://api.coffee.example") -> Service:
    """A service whose API is somewhere."""
    return Service(
        id="coffee",
        name="Coffee House",
        description="Beans, orders and expense reports",
        category="Food",
        predefined=True,
        authorization_endpoint="https://auth.coffee.example/authorize",
        token_endpoint="https://auth.coffee.example/token",
        scopes=({"name": "beans.read", "read_only": True}, {"name": "beans.write"}),
        default_scopes=("beans.read",),
        api_base_url=api,
        api_hosts=(api.split("://")[1],),
        test_path="/me",
        registered=True,
    )


def other_shops() -> list[Service]:
    """Services that want something else than a page to sign in at."""
    more = {
        "herbs": {
            "name": "Herbs",
            "auth_type": "api_key",
            "credential_fields": (
                {"name": "api_key", "display_name": "API key", "help": "See your page"},
                {"name": "shop", "secret": False, "default": "main"},
            ),
        },
        "water": {
            "name": "Water",
            "grant_type": "client_credentials",
            "authorization_endpoint": None,
        },
        "juice": {
            "name": "Juice",
            "device_authorization_endpoint": "https://auth.coffee.example/code",
        },
        "milk": {
            "name": "Milk",
            "registered": False,
            "redirect_uri": "http://127.0.0.1:8888/connections/callback/milk",
        },
    }
    usual = coffee().model_dump() | {
        "scopes": (),
        "default_scopes": (),
        "category": "Drinks",
    }
    return [
        Service.model_validate(usual | {"id": id_} | changes)
        for id_, changes in more.items()
    ]


@contextmanager
def api_running(token):
    """A small API on this machine; yields its address. Each call wants the token."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            allowed = self.headers.get("Authorization") == f"Bearer {token}"
            body = json.dumps({"path": self.path, "as": "priya-n"} if allowed else {})
            self.send_response(200 if allowed else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_arguments):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
