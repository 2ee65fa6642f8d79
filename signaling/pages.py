"""The built pages, read once into memory, and the headers they are served with.

A door: it reads the folder at start and never again. What is not in the folder is not
served; no path from the outside ever touches the disk. The brand is written into them here,
and the pages around the service are made, once.
"""

import gzip
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from aiohttp import hdrs, web

from . import accessibility
from .brand import CSS_PATH, JSON_PATH, LOGO_PATH, Brand, as_css, as_json, dressed
from .notices import TEMPLATE, notices
from .settings import Settings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OF_ALL: Mapping[str, str] = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "teleconsult",
    "X-Content-Type-Options": "nosniff",
}
"""On every answer."""

NO_DOCUMENTS = frozenset({"text/css", "text/javascript"})
"""Types that no browser shows as a page. What else is in `HEADERS` is for documents, and would be
a tenth of all bytes before the waiting room, where it says nothing."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        )
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), "
    "geolocation=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    **OF_ALL,
}

_OF_WINDOWS = frozenset({"Cross-Origin-Opener-Policy", "Permissions-Policy"})


def headers_of(content_type: str) -> Mapping[str, str]:
    """Say which headers an answer of a type gets. Data open no window and use no camera."""
    if content_type in NO_DOCUMENTS:
        return OF_ALL
    if content_type == "application/json":
        return {name: value for name, value in HEADERS.items() if name not in _OF_WINDOWS}
    return HEADERS


_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}


TEXTS = Path(__file__).parent / "texts"
CHECKED = "/checked.json"
STATUS = "/status"
"""The page that the probe's own server hands out: this one has nothing to tell it."""

_KEPT_S = 300
"""A brand changes with a restart; five minutes later everybody has the new one."""
_BROTLI = re.compile(r"(?:^|[\s,])br(?:$|[\s,;])")
_ROBOTS = b"User-agent: *\nDisallow: /\n"


class NoPages(Exception):
    """The pages have not been built. The sentence says what to type."""


@dataclass(frozen=True, slots=True)
class Page:
    """One file as it is served, plain and compressed."""

    body: bytes
    gzipped: bytes
    content_type: str
    cache_control: str
    brotli: bytes | None = None
    """Where it was built with one: `<name>.br` beside it."""


def read_pages(folder: Path) -> Mapping[str, Page]:
    """Read every page: path as browsers ask for it -> page.

    `index.html` is `/`, `doctor.html` is `/doctor`; assets carry a hash in their name
    and may be kept for good.

    Raises:
        NoPages: the folder holds no `index.html`.
    """
    if not (folder / "index.html").is_file():
        raise NoPages("The pages are not built yet. Type: make web")
    pages = {}
    for file in sorted(folder.rglob("*")):
        content_type = _TYPES.get(file.suffix)
        if content_type is None or not file.is_file():
            continue
        path = "/" + file.relative_to(folder).as_posix().removesuffix(".html")
        is_asset = path.startswith("/assets/")
        pages["/" if path == "/index" else path] = _page(
            file.read_bytes(),
            content_type,
            "public, max-age=31536000, immutable" if is_asset else "no-store",
            _beside(file) if is_asset else None,
        )
    return pages


def _beside(file: Path) -> bytes | None:
    compressed = file.with_name(f"{file.name}.br")
    return compressed.read_bytes() if compressed.is_file() else None


def whole(
    built: Mapping[str, Page], settings: Settings, brand: Brand, today: date
) -> Mapping[str, Page]:
    """Dress the built pages in a brand, and add those that are made here.

    A service without the template of `/confidentialite` and its like does without them: so do
    tests that build pages of their own.
    """
    checked = accessibility.read(built[CHECKED].body) if CHECKED in built else None
    told = as_json(brand, accessibility.conformity(checked, today))
    pages = {}
    for path, page in built.items():
        if page.content_type == _TYPES[".html"]:
            text = dressed(page.body.decode("utf-8"), brand, told)
            page = _page(text.encode(), page.content_type, page.cache_control)
        pages[path] = page
    template = pages.pop(TEMPLATE, None)
    if template is not None:
        texts = {file.name: file.read_text(encoding="utf-8") for file in TEXTS.glob("*.html")}
        made = notices(template.body.decode("utf-8"), texts, settings, brand, checked, today)
        for path, text in made:
            pages[path] = _page(text.encode(), template.content_type, template.cache_control)
    kept = f"public, max-age={_KEPT_S}"
    pages["/robots.txt"] = _page(_ROBOTS, "text/plain; charset=utf-8", kept)
    pages[CSS_PATH] = _page(as_css(brand), _TYPES[".css"], kept)
    pages[JSON_PATH] = _page(told.encode(), _TYPES[".json"], kept)
    if brand.logo is not None:
        pages[LOGO_PATH] = _page(brand.logo.body, brand.logo.content_type, kept)
    return pages


def _page(body: bytes, content_type: str, cache_control: str, brotli: bytes | None = None) -> Page:
    return Page(body, gzip.compress(body, mtime=0), content_type, cache_control, brotli)


def serve_page(page: Page) -> Handler:
    """Return what answers a request for a page."""

    async def serve(request: web.Request) -> web.StreamResponse:
        accepted = request.headers.get(hdrs.ACCEPT_ENCODING, "")
        headers = {
            hdrs.CONTENT_TYPE: page.content_type,
            hdrs.CACHE_CONTROL: page.cache_control,
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
        }
        body = page.body
        if page.brotli is not None and _BROTLI.search(accepted):
            body, headers[hdrs.CONTENT_ENCODING] = page.brotli, "br"
        elif "gzip" in accepted:
            body, headers[hdrs.CONTENT_ENCODING] = page.gzipped, "gzip"
        return web.Response(body=body, headers=headers)

    return serve
