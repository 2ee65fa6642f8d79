"""The pages around the service: privacy, legal notices, accessibility, how it works.

Pure: settings, brand and checks in, pages out, made once at the start. They are read without
any script, in French and in English. Their sentences are in `texts/`; a number in them is that of
the settings in force, and what an organisation did not say is said to be missing.
"""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import date
from string import Template

from . import accessibility
from .brand import LOGO_PATH, Brand
from .figures import (
    DUTY_BANDS,
    DUTY_EVERY_S,
    FIGURES,
    Figure,
    right_of_hundred,
    total_epsilon,
    uncertainty,
)
from .journal import ROUNDED_TO_S
from .notice_words import BINS, CHECKED, EACH_EPOCH, FIGURE, FIGURE_NAMES, RELAY, STORE, WORDS
from .settings import RELAY_PASSWORD_MAX_S, Settings
from .usage import KEPT_S

PAGES = ("confidentialite", "mentions-legales", "accessibilite", "comment-ca-marche")
LANGUAGES = ("fr", "en")
TEMPLATE = "/notices"
"""What the build makes: head and styles, and a place for everything else."""

CNIL = "https://www.cnil.fr/fr/plaintes"

_PLACE = '<div id="root"></div>'
_ICON = re.compile(r'<link rel="icon" href="(/assets/[\w.-]+)"')
_LOGO_HEIGHT = 28


def path_of(page: str, language: str) -> str:
    """Say where a page is: French without more, others under their language."""
    return f"/{page}" if language == "fr" else f"/{language}/{page}"


def notices(
    template: str,
    texts: Mapping[str, str],
    settings: Settings,
    brand: Brand,
    checked: accessibility.Checked | None,
    today: date,
) -> Iterator[tuple[str, str]]:
    """Yield each page: its path, and the whole of it.

    Args:
        template: the built page, dressed in the brand, with `<div id="root"></div>` in it.
        texts: name of a file in `texts/` -> what is in it.
    """
    for language in LANGUAGES:
        conformity = accessibility.conformity(checked, today)
        values = _values(language, settings, brand, checked, conformity)
        for page in PAGES:
            main = Template(texts[f"{page}.{language}.html"]).substitute(values)
            if language == "fr":  # these never begin a line
                main = re.sub(r" (?=[:;?!»])", "\u00a0", main).replace("« ", "«\u00a0")
            yield path_of(page, language), _whole(template, main, page, language, brand, conformity)


def _whole(
    template: str, main: str, page: str, language: str, brand: Brand, conformity: str
) -> str:
    words = WORDS[language]
    title = f"{words[page]} – {html.escape(brand.short or words['name'])}"
    body = (
        f'<div id="root">{_header(template, page, language, brand)}'
        f'<main class="notice-page">{main}</main>'
        f"{_footer(page, language, brand, conformity)}</div>"
    )
    made = template.replace('<html lang="fr">', f'<html lang="{language}">', 1)
    made = re.sub(r"<title>.*?</title>", lambda _: f"<title>{title}</title>", made, count=1)
    return made.replace(_PLACE, body, 1)


def _header(template: str, page: str, language: str, brand: Brand) -> str:
    words = WORDS[language]
    other = next(one for one in LANGUAGES if one != language)
    source, ratio = "", 1.0
    if brand.logo is not None:
        source, ratio = LOGO_PATH, brand.logo.ratio
    elif (icon := _ICON.search(template)) is not None:
        source = icon[1]
    size = f'width="{round(_LOGO_HEIGHT * ratio)}" height="{_LOGO_HEIGHT}"'
    logo = f'<img class="logo" src="{source}" alt="" {size}>' if source else ""
    return (
        f'<header><p class="brand">{logo}{html.escape(brand.short or words["name"])}</p>'
        f'<a class="other" id="language" lang="{other}" hreflang="{other}" '
        f'href="{path_of(page, other)}">{words["other"]}</a></header>'
    )


def _footer(page: str, language: str, brand: Brand, conformity: str) -> str:
    words = WORDS[language]
    links = []
    for other in ("confidentialite", "mentions-legales", "comment-ca-marche", "accessibilite"):
        text = words[other]
        if other == "accessibilite":
            colon = " : " if language == "fr" else ": "
            text += colon + words[conformity]
        here = ' aria-current="page"' if other == page else ""
        links.append(f'<li><a href="{path_of(other, language)}"{here}>{text}</a></li>')
    if brand.team:
        links.append(f'<li><a href="mailto:{html.escape(brand.team)}">{words["write"]}</a></li>')
    return (
        f'<footer><p class="emergency-line"><span>{words["emergency"]}</span> '
        f'<a href="tel:15">15</a> <span>{words["or"]}</span> <a href="tel:112">112</a> '
        f'<span>{words["sms"]}</span> <a href="sms:114">114</a></p>'
        f'<nav class="information" aria-label="{words["notices"]}"><ul>{"".join(links)}</ul></nav>'
        "</footer>"
    )


def _values(
    language: str,
    settings: Settings,
    brand: Brand,
    checked: accessibility.Checked | None,
    conformity: str,
) -> dict[str, str]:
    """Say what stands in the place of each `$name` of the texts, as HTML."""
    words = WORDS[language]
    missing = f'<strong class="missing">{words["missing"]}</strong>'
    values = {
        name: duration(value, language)
        for name, value in settings
        if name.endswith("_s") and isinstance(value, float)
    }
    values |= {
        "faults_to_tail": str(settings.faults_to_tail),
        "journal_rounded": duration(ROUNDED_TO_S, language),
        "relay_tags": duration(RELAY_PASSWORD_MAX_S, language),
        "relay": RELAY[language][settings.relay_only and settings.relay != "none"],
        "store": STORE[language][settings.store.get_secret_value() == "memory"],
        "origins": ", ".join(html.escape(one) for one in settings.origins) or missing,
        "service": html.escape(brand.name or words["name"]),
        "conformity": words[conformity],
        "cnil": CNIL,
        "figures": "".join(_figure(figure, language) for figure in FIGURES),
        "figures_kept": duration(KEPT_S, language),
        "epsilon": str(total_epsilon()),
        "right": str(right_of_hundred(total_epsilon())),
        "duty_every": duration(DUTY_EVERY_S, language),
        "duty_bands": _bands(language),
    }
    legal = brand.legal
    for name in ("publisher", "address", "phone", "director", "host", "mediation"):
        values[name] = html.escape(getattr(legal, name)) or missing
    for name in ("contact", "dpo", "accessibility"):
        values[name] = _reached(getattr(legal, name)) or missing
    return values | _checked_values(checked, words, language)


def _figure(figure: Figure, language: str) -> str:
    """Say what a figure counts, and how much it gives away."""
    bins = "; " if language == "en" else " ; "
    listed = bins.join(BINS[language][bin] for bin in figure.bins if bin)
    colon = ": " if language == "en" else " : "
    said = FIGURE[language].substitute(
        name=FIGURE_NAMES[language][figure.name],
        bins=f"{colon}{listed}" if listed else "",
        epoch=EACH_EPOCH[language][figure.epoch_s],
        width=uncertainty(figure),
        threshold=figure.threshold,
        right=right_of_hundred(figure.epsilon),
        epsilon=figure.epsilon,
    )
    return f'<li data-figure="{figure.name}">{said}</li>'


def _bands(language: str) -> str:
    """Name the bands of doctors on duty, by their numbers."""
    words = WORDS[language]
    ends = [least - 1 for _, least in DUTY_BANDS[1:]]
    said = [
        words["nobody"] if end == least == 0 else words["band"].format(least, end)
        for (_, least), end in zip(DUTY_BANDS, ends, strict=False)
    ]
    return ", ".join([*said, words["last-band"].format(DUTY_BANDS[-1][1])])


def _checked_values(
    checked: accessibility.Checked | None, words: Mapping[str, str], language: str
) -> dict[str, str]:
    if checked is None:
        return {
            "checked": f"<p>{words['nothing-checked']}</p>",
            "checks": "",
            "gaps": "",
            "date": "–",
        }
    said = CHECKED[language].substitute(
        axe=html.escape(checked.axe),
        date=html.escape(checked.date),
        count=len(checked.screens),
        widths=html.escape(", ".join(checked.widths)) or "–",
        browsers=html.escape(", ".join(checked.browsers)) or "–",
        screens=html.escape(", ".join(checked.screens)),
    )
    return {
        "checked": said,
        "checks": _listed(checked.checks),
        "gaps": _listed(checked.gaps) or f"<p>{words['no-gap']}</p>",
        "date": html.escape(checked.date),
    }


def _listed(items: tuple[str, ...]) -> str:
    if not items:
        return ""
    # Whoever checks writes French, whatever the page speaks.
    return '<ul lang="fr">' + "".join(f"<li>{html.escape(item)}</li>" for item in items) + "</ul>"


def _reached(text: str) -> str:
    """Make a link of what is an address of mail, and leave all else as it is."""
    safe = html.escape(text)
    return f'<a href="mailto:{safe}">{safe}</a>' if re.fullmatch(r"[^\s@]+@[^\s@]+", text) else safe


def duration(seconds: float, language: str) -> str:
    """Say a time in the largest unit that it is whole in, such as « 10 minutes »."""
    words = WORDS[language]
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds >= size and seconds % size == 0 and not (unit == "day" and seconds == size):
            count = seconds / size
            break
    else:
        count, unit = seconds, "second"
    number = f"{count:g}" if language == "en" else f"{count:g}".replace(".", ",")
    plural = count >= 2 if language == "fr" else count != 1
    return f"{number}\u00a0{words[unit]}{'s' if plural else ''}"
