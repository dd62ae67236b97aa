"""Launching: Jupyter with the practice service, or the practice service alone."""

from ._demo import DemoOptions, run_demo, run_practice
from ._failure import LaunchFailed

__all__ = ["DemoOptions", "LaunchFailed", "run_demo", "run_practice"]
