"""What the tests of the forms share: a broker in memory, and forms driven by hand."""

import importlib.util
import sys
from pathlib import Path

import ipywidgets
import pytest

FAKE_BROKER = Path(__file__).with_name("fake_broker.py")


def _load_fake_broker():
    spec = importlib.util.spec_from_file_location("fake_broker", FAKE_BROKER)
    module = importlib.util.module_from_spec(spec)
    sys.modules["fake_broker"] = module
    spec.loader.exec_module(module)
    return module


_load_fake_broker()
