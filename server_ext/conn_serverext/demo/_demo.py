"""``jupyter connections demo`` and ``jupyter connections practice``."""

import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from conn_core import ClientRegistration, Settings, broker, os_user

from ..practice import PracticeService
from ._configuration import App, JupyterOptions
from ._failure import LaunchFailed
from ._folder import copy_notebooks, temporary_folder, write_json, write_private
from ._jupyter import JupyterChild, check_installed, check_port, running_jupyter
from ._signals import told_to_stop

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What ``demo`` was asked for.

    Attributes:
        print_ready: Say everything in one line of JSON instead, for programs.
    """

    app: App = "lab"
    browser: bool = True
    port: int | None = None
    access_token_seconds: int = 3600
    print_ready: bool = False


def run_demo(options: DemoOptions, *, say: Say) -> None:
    """Run Jupyter with a practice service until it is ended; leave nothing behind.

    Args:
        options: What was asked for.
        say: Takes lines for people.

    Raises:
        MissingPackage: If JupyterLab is not installed.
        LaunchFailed: If it does not start, or its port is taken.
    """
    check_installed(options.app)
    if options.port is not None:
        check_port(options.port)
    with told_to_stop() as stop, contextlib.ExitStack() as stack:
        folder = stack.enter_context(temporary_folder("demo"))
        copy_notebooks(folder / "notebooks")
        practice = stack.enter_context(
            _started(PracticeService(access_token_seconds=options.access_token_seconds))
        )
        jupyter = _jupyter_options(options, folder)
        if not options.print_ready:
            say(f"Starting {jupyter.title} with a practice service …")
        _register(practice, jupyter)
        child = stack.enter_context(running_jupyter(jupyter, os.environ))
        if child.wait_until_ready(stop):
            _announce(child, practice, jupyter, say=say, as_json=options.print_ready)
            child.wait_until_over(stop)
            if not options.print_ready:
                say("Stopping …")
    if not options.print_ready:
        say("Stopped. Nothing is left behind.")


def run_practice(
    *,
    port: int,
    access_token_seconds: int,
    folder: Path | None,
    say: Say,
) -> None:
    """Run only the practice service, for people's own tests, until it is ended.

    Its catalogue file and the client's id and secret are in a folder meanwhile.

    Args:
        port: Where to listen; 0 takes a free port.
        access_token_seconds: How long an access token works.
        folder: For the two files; a temporary one when absent.
        say: Takes lines for people.

    Raises:
        LaunchFailed: If the port or the files cannot be used.
    """
    service = PracticeService(port=port, access_token_seconds=access_token_seconds)
    with told_to_stop() as stop, contextlib.ExitStack() as stack:
        practice = stack.enter_context(_started(service))
        home = folder or stack.enter_context(temporary_folder("practice"))
        catalog, client = home / "practice.toml", home / "client.json"
        _write_files(practice, catalog=catalog, client=client, stack=stack)
        say(f"Practice service  {practice.issuer}/")
        say(f"Catalogue file    {catalog}")
        say(f"Client id, secret {client}")
        say(f"Log in as         {practice.log_in_hint}")
        say("Ctrl-C stops it and deletes both files.")
        stop.wait()


def _started(service: PracticeService) -> PracticeService:
    try:
        return service.start()
    except OSError as error:
        raise LaunchFailed(
            f"Port {service.port} cannot be used ({os.strerror(error.errno or 0)})",
            "Name another one with --port",
        ) from error


def _jupyter_options(options: DemoOptions, folder: Path) -> JupyterOptions:
    return JupyterOptions(
        folder=folder,
        app=options.app,
        browser=options.browser,
        port=options.port,
        catalog_paths=(folder / "catalog",),
        data_dir=folder / "connections",
    )


def _register(practice: PracticeService, jupyter: JupyterOptions) -> None:
    """Write the catalogue file, and seal the client registration in the demo's store."""
    (catalog,) = jupyter.catalog_paths
    catalog.mkdir(mode=0o700)
    write_private(catalog / "practice.toml", practice.service_toml())
    user = os_user()
    settings = Settings(
        data_dir=jupyter.data_dir,
        runtime_dir=jupyter.runtime_dir,
        user=user,
        allow_loopback=True,
        use_keyring=False,
        catalog_paths=jupyter.catalog_paths,
    )
    registration = ClientRegistration(
        client_id=practice.client_id, client_secret=SecretStr(practice.client_secret)
    )
    with contextlib.closing(broker.open_core(settings)) as core:
        core.acting_as(user).register_client(practice.service_id, registration)


def _announce(
    child: JupyterChild,
    practice: PracticeService,
    jupyter: JupyterOptions,
    *,
    say: Say,
    as_json: bool,
) -> None:
    if as_json:
        facts = {
            "url": child.url,
            "practice": practice.issuer,
            "folder": str(jupyter.folder),
            "jupyter_pid": child.pid,
            "pid": os.getpid(),
        }
        say(json.dumps(facts))
        return
    say("")
    say(f"  {jupyter.title + ':':<18}{child.url}")
    say(f"  {'Practice service:':<18}{practice.issuer}/")
    say(f"  {'Log in as:':<18}{practice.log_in_hint}")
    say(f"  {'Temporary folder:':<18}{jupyter.folder}")
    say("")
    say("Open the first address in a browser. Ctrl-C stops everything.")


def _write_files(
    practice: PracticeService,
    *,
    catalog: Path,
    client: Path,
    stack: contextlib.ExitStack,
) -> None:
    write_private(catalog, practice.service_toml())
    stack.callback(catalog.unlink, missing_ok=True)
    write_json(
        client,
        {"client_id": practice.client_id, "client_secret": practice.client_secret},
    )
    stack.callback(client.unlink, missing_ok=True)
