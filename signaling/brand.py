"""Whose service this is: name, logo, colours, and the facts that the law asks for.

Pure: values, and what pages are told of them. One installation has one brand, whichever
organisations its directory names. Read from a file by `brand_text.py`.
"""

import html
import json
import re
from dataclasses import dataclass, field, fields

from .colours import DARK, LIGHT, Shades, shades
from .logo import Logo

LOGO_PATH, CSS_PATH, JSON_PATH = "/brand-logo", "/brand.css", "/brand.json"


@dataclass(frozen=True, slots=True)
class Legal:
    """What `/mentions-legales` and `/confidentialite` need; empty where nobody said it."""

    publisher: str = ""
    address: str = ""
    phone: str = ""
    director: str = ""
    host: str = ""
    contact: str = ""
    dpo: str = ""
    mediation: str = ""
    accessibility: str = ""


LEGAL = {
    "publisher": "who publishes the service: name, legal form, number of registration",
    "address": "the publisher's address",
    "phone": "the publisher's telephone number",
    "director": "who is responsible for what is published (directeur de la publication)",
    "host": "who runs the machines: name, address, telephone number (hébergeur)",
    "contact": "how the publisher is reached, an address of mail",
    "dpo": "how the data protection officer is reached (DPO)",
    "mediation": "who mediates, or that nobody has to",
    "accessibility": "whom people tell what they cannot reach or read, an address of mail",
}
"""What each fact is, in the words of the sentences that miss it."""


@dataclass(frozen=True, slots=True)
class Brand:
    """One organisation's look and facts.

    Attributes:
        name: in full, on the pages around the service; empty where it is the pages' own.
        short: beside the logo and in the title.
        accent, accent_dark: colours by daylight and in the dark; empty for the pages' own.
        team: an address of mail to which people may write; empty for none.
    """

    name: str = ""
    short: str = ""
    logo: Logo | None = None
    accent: str = ""
    accent_dark: str = ""
    legal: Legal = field(default_factory=Legal)
    team: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Name the facts that nobody said."""
        return tuple(one.name for one in fields(Legal) if not getattr(self.legal, one.name))


DEFAULT = Brand()


def as_css(brand: Brand) -> bytes:
    """Write the colours as custom properties, and nothing else.

    Twice `:root`, so that they win over those of `style.css` wherever that is linked.
    """
    if not brand.accent:
        return b"/* The pages' own colours: see style.css. */\n"
    return (
        f"{_rule(shades(brand.accent, LIGHT))}\n"
        f"@media (prefers-color-scheme: dark) {{\n{_rule(shades(brand.accent_dark, DARK))}\n}}\n"
    ).encode()


def _rule(made: Shades) -> str:
    return (
        f":root:root {{ --accent: {made.accent}; --accent-deep: {made.deep}; "
        f"--tint: {made.tint}; --on-accent: {made.on_accent}; }}"
    )


def as_json(brand: Brand, conformity: str) -> str:
    """Say what pages show of a brand; `/brand.json`, and in each page's head.

    Args:
        conformity: how far the pages are accessible: none, partial or full.
    """
    told: dict[str, object] = {"v": 1, "conformity": conformity}
    if brand.short:
        told |= {"name": brand.name, "short": brand.short}
    if brand.logo is not None:
        told["logo"] = {"path": LOGO_PATH, "ratio": round(brand.logo.ratio, 3)}
    if brand.team:
        told["team"] = brand.team
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def dressed(page: str, brand: Brand, told: str) -> str:
    """Write a brand into the head of a built page, so that it is there before any script.

    Args:
        told: as `as_json` says it.
    """
    head = f'<meta name="brand" content="{html.escape(told)}">\n'
    if brand.accent:
        head += f'<link rel="stylesheet" href="{CSS_PATH}">\n'
        page = re.sub(
            r'(<meta name="theme-color" content=")[^"]*', rf"\g<1>{brand.accent}", page, count=1
        )
    if brand.short:
        short = html.escape(brand.short)
        page = re.sub(r"(<title>)Téléconsultation", lambda found: found[1] + short, page, count=1)
    return page.replace("</head>", f"{head}</head>", 1)


def remarks(brand: Brand) -> tuple[str, ...]:
    """Say, a sentence each, which facts are missing: the pages say so to everybody."""
    return tuple(
        f"[legal] {name} is missing: {LEGAL[name]}. "
        "The pages say « à compléter par l’organisation » in its place."
        for name in brand.missing
    )
