"""Services, details and lists in JupyterLab, as a person at the keyboard meets them."""

import hashlib
import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

LOGIN = "https://login.acme.example"
FOUND = f"""
from conn_core import ServiceProposal
broker.discovery[{LOGIN!r}] = ServiceProposal(service={{
    "authorization_endpoint": "{LOGIN}/authorize", "token_endpoint": "{LOGIN}/token",
    "scopes": [{{"name": "contacts.read"}}]}})
"""


def test_a_service_is_described_and_connected_to_with_the_keyboard(
    run_cells, lab, canary
):
    """Types move with arrows, rows come and go, what is wrong has the focus.

    K20: the secret and the imported document are in no saved state.
    """
    secret, pasted = canary("client-secret"), canary("document")
    book = run_cells(f"{FOUND}\ncw.service_form(broker)", "pass")
    page, form = book.page, book.widget(1)
    name = form.get_by_label("Service name")
    name.fill("Field trips")
    expect(form.get_by_text("Identifier: field-trips")).to_be_visible()
    expect(form.get_by_text("/connections/callback/field-trips")).to_be_visible()

    form.get_by_role("radio", name="OAuth 2.0").press("ArrowRight")
    expect(form.get_by_role("radio", name="OAuth 1.0a")).to_be_focused()
    expect(form.get_by_label("Request token URL")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(form.get_by_label("Request token URL")).to_be_hidden()

    form.get_by_label("Issuer").fill(LOGIN)
    form.get_by_role("button", name="Fill from discovery").press("Enter")
    expect(form.get_by_text("Found 2 addresses and 1 scope.")).to_be_visible()
    expect(form.get_by_label("Access token URL")).to_have_value(f"{LOGIN}/token")
    expect(form.get_by_label("Scope name of scope 1")).to_have_value("contacts.read")

    form.get_by_role("button", name="+ Add scope").press("Enter")
    second = form.get_by_label("Scope name of scope 2")
    expect(second).to_be_focused()
    page.keyboard.type("contacts.read")
    expect(second).to_have_value("contacts.read")

    form.get_by_label("Client id").fill("analytics-lab")
    typed = form.get_by_label("Client secret")
    typed.fill(secret)
    page.keyboard.press("Enter")
    expect(second).to_be_focused()
    expect(second).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_text("‘contacts.read’ is there twice.")).to_be_visible()
    expect(form.get_by_label("API base URL")).to_have_attribute("aria-invalid", "true")
    expect(typed).to_have_value(secret)

    form.get_by_role("button", name="Remove scope contacts.read").last.press("Enter")
    expect(second).to_have_count(0)
    expect(
        form.get_by_role("button", name="Remove scope contacts.read")
    ).to_be_focused()

    form.get_by_role("button", name="Import a description").press("Enter")
    document = f'[[service]]\napi_base_url = "https://api.acme.example"\n# {pasted}\n'
    form.get_by_label("OpenAPI document").fill(document)
    form.get_by_role("button", name="Fill in").press("Enter")
    expect(form.get_by_label("API base URL")).to_have_value("https://api.acme.example")
    expect(form.get_by_label("OpenAPI document")).to_be_hidden()

    form.get_by_label("API base URL").press("Enter")
    expect(form.get_by_role("heading", name="Connect to Field trips")).to_be_visible()
    digest = hashlib.sha256(secret.encode()).hexdigest()
    book.type_cell(
        2,
        "kept = broker.registrations['field-trips'].client_secret\n"
        f"assert {digest!r} == digest(kept.get_secret_value())",
    )
    assert "AssertionError" not in book.run(2)
    book.save()
    canary.sweep([lab.notebooks], {"page": page.content()})


def test_a_file_is_chosen_and_an_export_is_saved(run_cells, tmp_path):
    """What one notebook exports another one imports."""
    book = run_cells("cw.new_connection_form(broker)", "cw.service_form(broker)")
    page, form = book.page, book.widget(1)
    form.get_by_role("tab", name="Predefined").press("ArrowRight")
    own = form.locator(".conn-card-own")
    expect(own).to_have_count(1)
    own.get_by_role("button", name="Export Routes").press("Enter")
    expect(form.get_by_role("heading", name="Export Routes")).to_be_visible()
    with page.expect_download() as download:
        form.get_by_role("button", name="Save as a file").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    assert "routes.toml" == saved.name

    other = book.widget(2)
    other.get_by_role("button", name="Import a description").click()
    other.locator("input[type=file]").set_input_files(saved)
    expect(other.get_by_label("OpenAPI document")).to_have_value(
        re.compile('name = "Routes"')
    )
    other.get_by_role("button", name="Fill in").click()
    expect(other.get_by_label("Service name")).to_have_value("Routes")
    expect(other.get_by_label("Access token URL")).to_have_value(
        "https://example.com/token"
    )


def test_credentials_at_stake_are_asked_about_with_the_focus_on_cancel(run_cells):
    """Escape goes back to what was typed; the second time it is meant."""
    book = run_cells(
        "there = fake.a_connection('tours', 'Tours', service='routes')\n"
        "broker.found['tours'] = there\n"
        "cw.service_form(broker, service='routes')"
    )
    page, form = book.page, book.widget(1)
    token = form.get_by_label("Access token URL")
    update = form.get_by_role("button", name="Update service")
    token.fill("https://example.com/v2/token")
    expect(update).to_be_visible()  # the foot is drawn last
    token.press("Enter")
    cancel = form.get_by_role("button", name="Cancel")
    expect(form.get_by_text("%%connection tours")).to_be_visible()
    expect(cancel).to_be_focused()
    page.keyboard.press("Escape")

    expect(token).to_have_value("https://example.com/v2/token")
    expect(update).to_be_visible()
    token.press("Enter")
    form.get_by_role("button", name="Update and end them").press("Enter")
    expect(form.get_by_text("‘Routes’ is updated.")).to_be_visible()


def test_details_are_opened_and_left_with_the_keyboard(run_cells):
    """From a row, through Test and another library, back to the same row."""
    book = run_cells("cw.connections_panel(broker)")
    page, form = book.page, book.widget(1)
    form.get_by_role("button", name="GitHub", exact=True).press("Enter")
    expect(form.get_by_role("heading", name="GitHub")).to_be_visible()
    expect(form.get_by_role("button", name="Test")).to_be_focused()

    page.keyboard.press("Enter")
    expect(form.get_by_role("status").first).to_contain_text("answered as priya-n")
    form.get_by_label("Library").select_option("requests")
    expect(form.locator("pre")).to_contain_text("--client requests")
    more = form.get_by_role("button", name="More actions for GitHub")
    more.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    form.get_by_role("button", name="Delete").press("Enter")
    expect(form.get_by_role("button", name="Cancel")).to_be_focused()
    form.get_by_label("Keep the authorization at GitHub").check()
    form.get_by_role("button", name="Yes, delete").press("Enter")

    said = "‘GitHub’ is deleted. GitHub kept the grant."
    expect(form.get_by_role("status").filter(has_text=said)).to_be_visible()
    expect(form.locator("[data-name=github]")).to_have_count(0)


def test_25_rows_and_then_more(run_cells):
    """The page never holds all of them; what was added has the focus."""
    book = run_cells(
        "many = [fake.a_connection(f'c-{n:03}', f'Number {n:03}') for n in range(60)]\n"
        "cw.connections_panel(new_broker(connections=many))"
    )
    form = book.widget(1)
    rows = form.locator(".conn-row")
    expect(rows).to_have_count(25)
    form.get_by_role("button", name="Show 25 more").press("Enter")
    expect(rows).to_have_count(50)
    expect(rows.nth(25).get_by_role("button").first).to_be_focused()
    form.get_by_role("button", name="Show 10 more").press("Enter")
    expect(rows).to_have_count(60)
    expect(form.get_by_role("button", name=re.compile("Show .* more"))).to_be_hidden()
