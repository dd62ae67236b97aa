"""What is wrong here, by name, with the command that mends it."""

from ._examining import examine
from ._finding import Finding
from ._patient import Patient, address_in

__all__ = ["Finding", "Patient", "address_in", "examine"]
