"""What is looked at on every screen: rules of access by axe-core, and what only a browser's
own measures tell.

Each check returns sentences, one a fault; none is a good screen. The numbers are WCAG 2.2's.
"""

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

ROOT = Path(__file__).parents[2]
AXE = ROOT / "clients" / "web" / "node_modules" / "axe-core" / "axe.min.js"

AXE_TAGS = (
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "wcag22a",
    "wcag22aa",
    "best-practice",
)
OF_LOOKS = ("color-contrast", "target-size", "scrollable-region-focusable")
PHONE, DESKTOP, NARROW = (390, 844), (1280, 800), (320, 640)

RUN_AXE = """(asked) => axe.run(document, asked).then(({ violations }) =>
  violations.map(({ id, help, nodes }) =>
    `${id}: ${help}: ` + nodes.slice(0, 3).map(({ target }) => target.join(' ')).join(' | ')))"""

# Sideways: the page, or something in it that nobody can scroll.
REFLOW = """() => {
  const wide = document.documentElement.scrollWidth, has = innerWidth;
  if (wide <= has) return [];
  const out = [...document.body.querySelectorAll('*')].filter((one) => {
    const { right, left, width } = one.getBoundingClientRect();
    return width > 0 && (right > has + 1 || left < -1);
  });
  const names = out.slice(0, 4).map((one) => one.tagName.toLowerCase()
    + (one.id ? '#' + one.id : '') + [...one.classList].map((c) => '.' + c).join(''));
  return [`scrolls sideways: ${wide} in ${has} px: ${names.join(', ')}`];
}"""

# Words that are cut off, and controls that something else covers.
CUT_OFF = """() => {
  const name = (one) => one.tagName.toLowerCase() + (one.id ? '#' + one.id : '')
    + [...one.classList].map((c) => '.' + c).join('');
  const faults = [];
  for (const one of document.body.querySelectorAll('*')) {
    if (one.closest('.hidden, svg, video, [hidden], select') || !one.checkVisibility()) continue;
    const { overflowX, overflowY, display } = getComputedStyle(one);
    const has = [...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== '');
    if (!has || display === 'inline') continue;
    const x = one.scrollWidth - one.clientWidth, y = one.scrollHeight - one.clientHeight;
    const clips = (way) => way === 'hidden' || way === 'clip';
    if ((clips(overflowX) && x > 1) || (clips(overflowY) && y > 1))
      faults.push(`cuts its words off: ${name(one)}`);
  }
  const controls = 'a[href], button, summary, input, select, textarea';
  for (const one of document.body.querySelectorAll(controls)) {
    if (one.closest('.hidden, [hidden]') || !one.checkVisibility()) continue;
    one.scrollIntoView({ block: 'center', inline: 'nearest' });
    const { left, top, width, height } = one.getBoundingClientRect();
    if (width < 2 || height < 2) continue;
    const at = document.elementFromPoint(left + width / 2, top + height / 2);
    if (at === null) faults.push(`cannot be scrolled to: ${name(one)}`);
    else if (!(one.contains(at) || at.contains(one) && at.closest('label, summary, main') !== null
        && getComputedStyle(at).position === 'static' || at.closest('label')?.contains(one)))
      faults.push(`${name(at)} covers ${name(one)}`);
  }
  scrollTo(0, 0);
  return [...new Set(faults)];
}"""

# WCAG 2.2, 2.5.8; links inside of a sentence are excepted there.
TARGETS = """(least) => {
  const faults = [];
  for (const one of document.body.querySelectorAll(
      'a[href], button, summary, input, select, textarea')) {
    if (one.closest('.hidden, [hidden]') || !one.checkVisibility()) continue;
    const target = one.matches('input[type=checkbox], input[type=radio]')
      ? (one.closest('label') ?? one) : one;
    const { width, height } = target.getBoundingClientRect();
    const isInText = getComputedStyle(one).display === 'inline' && one.tagName === 'A';
    if (!isInText && (width < least || height < least))
      faults.push(`small target: ${one.tagName.toLowerCase()}#${one.id} `
        + `${Math.round(width)} x ${Math.round(height)}`);
  }
  return faults;
}"""

LABELS = """() => [...document.querySelectorAll('video, [role=img], svg')]
  .filter((one) => one.checkVisibility() && one.getAttribute('aria-hidden') !== 'true'
    && one.closest('[aria-hidden=true]') === null
    && !(one.getAttribute('aria-label') || one.getAttribute('aria-labelledby')))
  .map((one) => `without a label: ${one.tagName.toLowerCase()}#${one.id}`)"""

LANGUAGE = """(wanted) => [
  ...(document.documentElement.lang === wanted ? [] : [`lang is ${document.documentElement.lang}`]),
  ...[[...document.querySelectorAll('h1')].filter((one) => one.checkVisibility()).length]
    .filter((count) => count !== 1).map((count) => `${count} headings of the first level`),
]"""

MOVING = """() => document.getAnimations()
  .filter(({ playState }) => playState === 'running')
  .map(({ effect }) => `moves although asked not to: ${effect?.target?.className}`)"""

# Runs before the page: which regions came together with their words, on a screen that stood.
WATCH_REGIONS = """
  window.hasty = [];
  const regions = '[role=status], [aria-live=polite]';
  const words = (one) => one.textContent.trim();
  let screen = null;
  new MutationObserver((changes) => {
    const now = document.querySelector('main')?.dataset.state ?? null;
    const stood = now !== null && now === screen;
    screen = now;
    if (!stood) return;
    for (const { addedNodes } of changes)
      for (const one of addedNodes) {
        if (!(one instanceof Element)) continue;
        // What takes the focus, or is an alert, is read out with its words.
        if (one.closest('[role=alertdialog], [role=alert]')) continue;
        const found = one.matches(regions) ? [one] : [...one.querySelectorAll(regions)];
        for (const region of found)
          if (words(region) !== '' && !region.closest('[role=alertdialog]'))
            window.hasty.push(words(region).slice(0, 60));
      }
  }).observe(document, { childList: true, subtree: true });
"""
HASTY = """() => (window.hasty ?? []).splice(0)
  .map((words) => `a status region came together with its words: ${words}`)"""


@cache
def axe_source() -> str:
    return AXE.read_text(encoding="utf-8")


@cache
def axe_version() -> str:
    package = json.loads((AXE.parent / "package.json").read_text(encoding="utf-8"))
    return str(package["version"])


async def runs_axe(page: Page, *rules: str) -> list[str]:
    """Run all rules, or these."""
    if not await page.evaluate("() => 'axe' in window"):
        # By the debugger: the page's own policy lets no foreign script in.
        await page.evaluate(axe_source())
    asked: dict[str, Any] = {
        "runOnly": {"type": "rule", "values": rules}
        if rules
        else {"type": "tag", "values": AXE_TAGS},
        "resultTypes": ["violations"],
    }
    found: list[str] = await page.evaluate(RUN_AXE, asked)
    return found


async def measures(page: Page, script: str, *given: object) -> list[str]:
    found: list[str] = await page.evaluate(script, *given)
    return found


async def faults_of(page: Page, language: str = "fr") -> list[str]:
    """All that is wrong with the screen as it stands, at every width; it is left still."""
    faults = [f"hasty: {one}" for one in await measures(page, HASTY)]
    faults += await measures(page, LANGUAGE, language)
    faults += await measures(page, LABELS)
    if not re.search(r"\w", await page.title()):
        faults.append("no title")
    faults += at(PHONE, await runs_axe(page) + await measures(page, REFLOW))
    await page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    # The document is the same: what another width and other colours may change.
    faults += at(DESKTOP, await runs_axe(page, *OF_LOOKS) + await measures(page, REFLOW))
    faults += at(DESKTOP, await measures(page, TARGETS, 24) + await measures(page, MOVING))
    # None would leave it dark; without motion it may stay, which costs a machine less.
    await page.emulate_media(color_scheme="null")
    await page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    faults += at(NARROW, await measures(page, REFLOW) + await measures(page, TARGETS, 24))
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    devtools = await page.context.new_cdp_session(page)
    # As the browser's own setting does: `em` in media queries follows it.
    await devtools.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    large = await measures(page, REFLOW) + await measures(page, CUT_OFF)
    faults += [f"200 %: {one}" for one in large]
    await devtools.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
    await devtools.detach()
    return faults


def at(size: tuple[int, int], faults: Sequence[str]) -> list[str]:
    return [f"{size[0]} px: {one}" for one in faults]
