"""What a demo's Jupyter is told: all it keeps is in one folder."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from jupyter_core.paths import jupyter_data_dir

from ._folder import FIRST_NOTEBOOK, write_json, write_kernel

App = Literal["lab", "notebook"]

_TITLES: Final = {"lab": "JupyterLab", "notebook": "Jupyter Notebook"}
_PAGES: Final = {"lab": "lab/tree", "notebook": "notebooks"}
_APPLICATIONS: Final = {"lab": "LabApp", "notebook": "JupyterNotebookApp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class JupyterOptions:
    """How to run Jupyter.

    Attributes:
        folder: Everything it writes is below.
        app: JupyterLab or Notebook 7.
        browser: Whether it opens a browser.
        port: Where it listens; None takes a free one from 8888 on.
        catalog_paths: More predefined services.
        data_dir: Our own store.
    """

    folder: Path
    app: App
    browser: bool
    port: int | None
    catalog_paths: tuple[Path, ...]
    data_dir: Path

    @property
    def title(self) -> str:
        """What people call it."""
        return _TITLES[self.app]

    @property
    def page(self) -> str:
        """The path of the first notebook's page."""
        return f"{_PAGES[self.app]}/{FIRST_NOTEBOOK}"

    @property
    def log(self) -> Path:
        """What it says."""
        return self.folder / "jupyter.log"

    @property
    def notebooks(self) -> Path:
        """The folder it shows."""
        return self.folder / "notebooks"

    @property
    def runtime_dir(self) -> Path:
        """Where it says that it runs, and leaves the bearer for its kernels."""
        return self.folder / "runtime"


def child_environment(
    options: JupyterOptions, environ: Mapping[str, str]
) -> dict[str, str]:
    """Return an environment in which nothing of the person's own Jupyter is touched.

    Settings, workspaces, history, signatures and connections are all in the folder.
    No secret is in it: the server's token is in its configuration file.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("JUPYTER", "JPY_", "IPYTHONDIR"))
    }
    folder = options.folder
    catalog = os.pathsep.join(map(str, options.catalog_paths))
    return kept | {
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(options.runtime_dir),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "config" / "lab" / "user-settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "config" / "lab" / "workspaces"),
        "JUPYTER_CONNECTIONS_ALLOW_LOOPBACK": "1",
        "JUPYTER_CONNECTIONS_CATALOG": catalog,
        "JUPYTER_CONNECTIONS_DATA_DIR": str(options.data_dir),
        "JUPYTER_CONNECTIONS_KEYRING": "0",
        # Looking for language servers, JupyterLab runs npm, which writes a log.
        "npm_config_cache": str(folder / "npm"),
    }


def write_configuration(options: JupyterOptions) -> None:
    """Write the files that Jupyter reads when it starts."""
    for name in ("runtime", "data", "config", "ipython"):
        (options.folder / name).mkdir(mode=0o700)
    write_kernel(options.folder / "data")
    # In a file, not in the arguments: those are shown to everybody on the machine.
    write_json(
        options.folder / "config" / "jupyter_server_config.json",
        _configuration(options),
    )
    # The release news would ask the internet.
    write_json(
        options.folder / "config" / "lab" / "user-settings" / "@jupyterlab"
        "/apputils-extension/notification.jupyterlab-settings",
        {"fetchNews": "false", "checkForUpdates": False},
    )


def _configuration(options: JupyterOptions) -> dict[str, Any]:
    """Return what Jupyter is told; it outranks what the machine's operator wrote."""
    application = {
        "default_url": f"/{options.page}",
        "news_url": None,
        "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "extension_manager": "readonly",
        # Where `pip install --user` puts the page's half of the widgets.
        "extra_labextensions_path": [str(Path(jupyter_data_dir()) / "labextensions")],
    }
    if options.app == "notebook":
        for only_lab in ("news_url", "check_for_updates_class", "extension_manager"):
            del application[only_lab]
    return {
        "IdentityProvider": {"token": secrets.token_urlsafe(32)},
        "ServerApp": {
            "ip": "127.0.0.1",
            "port": options.port or 8888,
            "port_retries": 0 if options.port else 50,
            "base_url": "/",
            "root_dir": str(options.notebooks),
            "open_browser": options.browser,
            "jpserver_extensions": {"conn_serverext": True},
        },
        _APPLICATIONS[options.app]: application,
        "Connections": {
            "allow_loopback": True,
            "catalog_paths": [str(path) for path in options.catalog_paths],
            "data_dir": str(options.data_dir),
            "key_file": "",
            "public_url": "",
            "use_keyring": False,
        },
    }
