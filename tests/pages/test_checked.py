"""What the pages say of their own access is what was checked."""

import json

from tests.pages.checked import CHECKED, checked


def test_the_statement_lists_what_the_tests_check() -> None:
    """Whoever adds a screen or a check writes the list anew: `python -m tests.pages.checked`."""
    written = json.loads(CHECKED.read_text(encoding="utf-8"))

    assert checked(written["date"]) == written
