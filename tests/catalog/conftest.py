import pytest

RECORD = """
[[service]]
id = "{id}"
name = "{name}"
category = "{category}"
description = "{description}"
authorization_endpoint = "https://login.acme.example/authorize"
token_endpoint = "https://login.acme.example/token"
api_base_url = "https://api.acme.example"
api_hosts = ["api.acme.example"]
"""


@pytest.fixture
def catalog_file(tmp_path):
    """Write a catalogue file with services of the given ids, or with a given text."""

    def make(*ids, file="acme.toml", text="", **members):
        facts = {"name": "Acme", "category": "Data", "description": "Rockets."}
        records = [RECORD.format(**facts | members | {"id": one}) for one in ids]
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(records) + text, encoding="utf-8")
        return path

    return make
