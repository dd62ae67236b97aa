"""Show the button of a function: a form with widgets, a sentence without."""
from typing import Any
def show_button_of(order: Any, function: Any) -> None:
    pass
