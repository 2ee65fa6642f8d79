"""The built pages, read once into memory, and the headers they are served with.

A door: it reads the folder at start and never again. What is not in the folder is not
served; no path from the outside ever touches the disk.
"""

import gzip
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
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
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "Server": "teleconsult",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}

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


class NoPages(Exception):
    """The pages have not been built. The sentence says what to type."""


@dataclass(frozen=True, slots=True)
class Page:
    """One file as it is served, plain and compressed."""

    body: bytes
    gzipped: bytes
    content_type: str
    cache_control: str


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
        body = file.read_bytes()
        is_asset = path.startswith("/assets/")
        pages["/" if path == "/index" else path] = Page(
            body=body,
            gzipped=gzip.compress(body, mtime=0),
            content_type=content_type,
            cache_control="public, max-age=31536000, immutable" if is_asset else "no-store",
        )
    return pages


def serve_page(page: Page) -> Handler:
    """Return what answers a request for a page."""

    async def serve(request: web.Request) -> web.StreamResponse:
        is_gzip = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
        headers = {
            hdrs.CONTENT_TYPE: page.content_type,
            hdrs.CACHE_CONTROL: page.cache_control,
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
        }
        if is_gzip:
            headers[hdrs.CONTENT_ENCODING] = "gzip"
        return web.Response(body=page.gzipped if is_gzip else page.body, headers=headers)

    return serve
