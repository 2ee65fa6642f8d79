"""Write down what the tests look at on the pages, for `/accessibilite`.

    python -m tests.pages.checked

A statement of access says what was checked, when, and what was not.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

from tests.pages.checks import BROWSERS, CHECKS, GAPS, WIDTHS, axe_version
from tests.pages.screens import every_screen

CHECKED = Path(__file__).parents[2] / "clients" / "web" / "src" / "checked.json"


def checked(date: str) -> dict[str, object]:
    """What is checked by the tests as they are, and the day on which it was."""
    return {
        "date": date,
        "axe": axe_version(),
        "screens": every_screen(),
        "widths": list(WIDTHS),
        "browsers": list(BROWSERS),
        "checks": list(CHECKS),
        "gaps": list(GAPS),
    }


def main() -> None:
    today = datetime.now(UTC).date().isoformat()
    text = json.dumps(checked(today), indent=2, ensure_ascii=False)
    CHECKED.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
