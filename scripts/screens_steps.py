"""What is clicked and typed before the picture of a screen is taken."""

from collections.abc import Callable

from playwright.sync_api import Locator, expect


def nothing(_form: Locator) -> None:
    """Leave the screen as it opens."""


def _press(form: Locator, words: str) -> None:
    form.get_by_role("button", name=words, exact=True).first.click()


def my(form: Locator) -> None:
    """Show what else can be done with one of one's own."""
    form.get_by_role("button", name="More actions for GitHub").first.click()
    expect(form.get_by_role("button", name="Delete")).to_be_visible()


def group(name: str) -> Callable[[Locator], None]:
    """Return the step that chooses a group."""

    def choose(form: Locator) -> None:
        form.get_by_role("tab", name=name).click()
        expect(form.get_by_role("tab", name=name)).to_have_attribute(
            "aria-selected", "true"
        )

    return choose


def everybodys(form: Locator) -> None:
    """Show what whoever looks after the deployment may do with others'."""
    group("All")(form)
    form.get_by_role("button", name="More actions for Payroll").click()
    expect(form.get_by_role("button", name="Seal")).to_be_visible()


def about(name: str) -> Callable[[Locator], None]:
    """Return the step that opens the details of what somebody shares."""

    def open_details(form: Locator) -> None:
        group("Organisation")(form)
        _press(form, name)
        expect(form.get_by_role("heading", name=name)).to_be_visible()

    return open_details


def _open_behind_more(form: Locator, words: str) -> None:
    _press(form, "GitHub")
    expect(form.get_by_role("heading", name="GitHub")).to_be_visible()
    form.get_by_role("button", name="More actions for GitHub").click()
    _press(form, words)


def job_of(form: Locator) -> None:
    """Ask whether a notebook could run by itself."""
    group("Jobs")(form)
    form.get_by_label("It has to work until").fill("2027-01-31")
    form.get_by_label("Notebook").fill("daily-report.ipynb")


def shared_with_people(form: Locator) -> None:
    """Name with whom to share."""
    _open_behind_more(form, "Share")
    form.get_by_role("radio", name="These").click()
    form.get_by_label("People and groups").fill("grace, group:Data team")


def given_away(form: Locator) -> None:
    """Name who becomes the owner."""
    _open_behind_more(form, "Give away")
    form.get_by_label("Who becomes its owner").fill("grace")


def run_until(words: str) -> Callable[[Locator], None]:
    """Return the step that runs a function until it says this."""

    def run(form: Locator) -> None:
        _press(form, "Count open issues")
        expect(form.get_by_text(words)).to_be_visible()

    return run


def stopped(form: Locator) -> None:
    """Run a function, and stop it."""
    run_until("Running")(form)
    form.page.wait_for_timeout(500)  # a double click does not stop it
    _press(form, "Stop")
    expect(form.get_by_text("Stopping")).to_be_visible()


def search(form: Locator) -> None:
    """Search the services."""
    form.get_by_role("searchbox").fill("receipts")
    expect(form.locator(".conn-card")).to_have_count(1)


def custom(form: Locator) -> None:
    """Choose the services that people described."""
    form.get_by_role("tab", name="Custom services").click()
    expect(form.locator(".conn-card-own")).to_have_count(1)


def refused(form: Locator) -> None:
    """Send a form with what is not accepted."""
    form.get_by_label("Connection name").fill("Finance sheet")
    form.get_by_label("Organisation").fill("60001234")
    form.get_by_label("Client id").fill("1000.4XK2ZQ7")
    form.get_by_label("Client secret").fill("typed-and-not-shown")
    _press(form, "Create and connect")
    expect(form.get_by_role("alert").first).to_be_visible()


def discovered(form: Locator) -> None:
    """Fill a description from what the issuer says of itself."""
    _press(form, "Fill from discovery")
    expect(form.get_by_text("Found 3 addresses")).to_be_visible()


def refused_service(form: Locator) -> None:
    """Describe a service with all that can be wrong."""
    form.get_by_label("Service name").fill("GitHub")
    form.get_by_label("Authorize URL").fill("http://login.acme.example/authorize")
    form.get_by_label("Access token URL").fill("https://10.0.0.7/token")
    form.get_by_role("button", name="+ Add scope").click()
    form.get_by_label("Scope name of scope 1").fill("contacts.read")
    form.get_by_role("button", name="+ Add scope").click()
    form.get_by_label("Scope name of scope 2").fill("contacts.read")
    form.get_by_label("API base URL").fill("https://api.acme.example")
    _press(form, "Create service")
    expect(form.get_by_role("alert").first).to_be_visible()


def unfolded(form: Locator) -> None:
    """Show every field of a description."""
    for fold in ("Import a description", "Refresh and revoke URL"):
        _press(form, fold)
    form.get_by_role("button", name="Advanced").click()
    expect(form.get_by_label("Client registration URL")).to_be_visible()


def at_stake(form: Locator) -> None:
    """Change an address that live credentials are bound to."""
    form.get_by_label("Access token URL").fill("https://login.acme.example/v2/token")
    _press(form, "Update service")
    expect(form.get_by_role("button", name="Update and end them")).to_be_visible()


def by_key(form: Locator) -> None:
    """Describe a service whose API takes a key."""
    form.get_by_role("radio", name="API key").click()
    form.get_by_label("Service name").fill("Weather")
    expect(form.get_by_label("Name", exact=True)).to_have_value("X-API-Key")


def tested(form: Locator) -> None:
    """Make one harmless call."""
    _press(form, "Test")
    expect(form.get_by_text("answered as priya-n")).to_be_visible()


def scope_added(form: Locator) -> None:
    """Choose a scope that needs consent."""
    form.get_by_label("Workflows").check()
    expect(form.get_by_text("Workflows is new.")).to_be_visible()


def connected(form: Locator) -> None:
    """Wait until it is connected."""
    expect(form.get_by_role("heading", name="Connected as priya-n")).to_be_visible()
