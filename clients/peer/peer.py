"""The three headless peers by name; what each may say and hear is in its own file.

`link.py` and `letters.py` say what they understand, `desk.py` what they share.
"""

from .doctor import Doctor
from .guest import Guest
from .patient import Patient

__all__ = ["Doctor", "Guest", "Patient"]
