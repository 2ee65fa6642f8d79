"""The pages: what is in the folder, with its headers, and nothing beside."""

import gzip
import html
import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from signaling.brand import DEFAULT, Brand
from signaling.logo import SVG, Logo
from signaling.pages import (
    HEADERS,
    NO_DOCUMENTS,
    OF_ALL,
    NoPages,
    Page,
    headers_of,
    read_pages,
    whole,
)
from signaling.settings import Settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A built folder, with things beside and inside that are not to be served."""
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    for name, text in {
        "index.html": "patient",
        "doctor.html": "doctor",
        "assets/page-1a2b.js": "script",
        "assets/page-1a2b.js.map": "map",
        "robots.txt": "robots",
        ".env": "secret",
    }.items():
        (built / name).write_text(text)
    (tmp_path / "outside.html").write_text("outside")
    return built


def test_pages_are_found_as_browsers_ask_for_them(folder: Path) -> None:
    """Two pages without their endings, assets with theirs."""
    pages = read_pages(folder)

    assert {"/", "/doctor", "/assets/page-1a2b.js"} == set(pages)
    assert b"patient" == pages["/"].body and b"doctor" == pages["/doctor"].body
    assert "text/html; charset=utf-8" == pages["/"].content_type
    assert "text/javascript; charset=utf-8" == pages["/assets/page-1a2b.js"].content_type


def test_only_files_of_known_kinds_in_the_folder_are_served(folder: Path) -> None:
    """No map, no hidden file, nothing from outside, no folder."""
    (folder / "folder.html").mkdir()

    served = [page.body for page in read_pages(folder).values()]

    assert [b"script", b"doctor", b"patient"] == served


def test_pages_are_read_once(folder: Path) -> None:
    """What changes on the disk later is not served."""
    pages = read_pages(folder)
    (folder / "index.html").write_text("changed")

    assert b"patient" == pages["/"].body


def test_pages_are_never_kept_and_assets_for_good(folder: Path) -> None:
    """An asset's name changes with its content; a page's does not."""
    pages = read_pages(folder)

    assert {"no-store"} == {pages[path].cache_control for path in ("/", "/doctor")}
    assert "public, max-age=31536000, immutable" == pages["/assets/page-1a2b.js"].cache_control


def test_the_compressed_page_is_the_page(folder: Path) -> None:
    """And the same bytes in every build: no time in it."""
    page = read_pages(folder)["/"]

    assert page.body == gzip.decompress(page.gzipped)
    assert page == read_pages(folder)["/"]


@pytest.mark.parametrize("path", ["nowhere", "empty"])
def test_missing_pages_are_a_sentence(tmp_path: Path, path: str) -> None:
    """Which says what to type."""
    (tmp_path / "empty").mkdir()

    with pytest.raises(NoPages, match=r"not built yet\. Type: make web"):
        read_pages(tmp_path / path)


def directives() -> dict[str, str]:
    policy = HEADERS["Content-Security-Policy"]
    return dict(part.split(" ", 1) for part in policy.split("; "))


def test_the_policy_lets_in_no_third_party() -> None:
    """Every source is ourselves, or made by the page itself."""
    assert "'none'" == directives()["default-src"]
    assert {"'none'", "'self'", "data:", "blob:", "'script'"} == {
        source for sources in directives().values() for source in sources.split()
    }


def test_the_policy_lets_in_no_inline_code() -> None:
    """Scripts and styles are files of ours, and no base or form leads elsewhere."""
    policy = directives()

    assert "'self'" == policy["script-src"] == policy["style-src"] == policy["connect-src"]
    assert "'none'" == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"]
    assert "'script'" == policy["require-trusted-types-for"]


def test_addresses_of_pages_go_nowhere() -> None:
    """No referrer, no search engine, and the server does not say what it is built with."""
    assert "no-referrer" == HEADERS["Referrer-Policy"]
    assert "noindex" in HEADERS["X-Robots-Tag"]
    assert "nosniff" == HEADERS["X-Content-Type-Options"]
    assert "teleconsult" == HEADERS["Server"]


def test_camera_and_microphone_are_for_the_pages_alone() -> None:
    """And a position is for nobody."""
    policy = HEADERS["Permissions-Policy"]

    assert "camera=(self), microphone=(self), display-capture=(self), geolocation=()" in policy


# Whose service it is, and nothing that could be found by a search


BRAND = Brand(name="Cap Vert", short="Cap Vert", logo=Logo(b"<svg/>", SVG, 1.0))
TODAY = date(2026, 12, 1)


@pytest.fixture
def pages(folder: Path) -> Mapping[str, Page]:
    """The folder as it is served, in a brand, with the pages around the service."""
    head = "<head><title>Téléconsultation</title></head>"
    (folder / "index.html").write_text(f'<html lang="fr">{head}<body></body>')
    (folder / "notices.html").write_text(f'<html lang="fr">{head}<div id="root"></div>')
    (folder / "checked.json").write_text(
        '{"date": "2026-11-30", "axe": "4.10.3", "screens": ["welcome"]}'
    )
    return whole(read_pages(folder), Settings(), BRAND, TODAY)


def test_the_brand_is_in_the_pages_and_beside_them(pages: Mapping[str, Page]) -> None:
    """In each head, and as style, facts and picture with their types."""
    assert b"<title>Cap Vert</title>" in pages["/"].body
    assert html.escape(pages["/brand.json"].body.decode()) in pages["/"].body.decode()
    assert ("image/svg+xml", b"<svg/>") == (
        pages["/brand-logo"].content_type,
        pages["/brand-logo"].body,
    )
    assert "text/css; charset=utf-8" == pages["/brand.css"].content_type
    assert "partial" == json.loads(pages["/brand.json"].body)["conformity"]


def test_the_pages_around_the_service_are_pages(pages: Mapping[str, Page]) -> None:
    """Kept by nobody, as the others; the form they are made of is not served."""
    assert "/notices" not in pages
    for path in ("/confidentialite", "/en/accessibilite", "/mentions-legales"):
        assert ("no-store", "text/html; charset=utf-8") == (
            pages[path].cache_control,
            pages[path].content_type,
        )
        assert b"<h1>" in pages[path].body


def test_without_a_brand_there_is_no_logo(folder: Path) -> None:
    """The pages draw their own; style and facts are there and say so."""
    pages = whole(read_pages(folder), Settings(), DEFAULT, TODAY)

    assert "/brand-logo" not in pages
    assert {"v": 1, "conformity": "none"} == json.loads(pages["/brand.json"].body)
    assert b"{" not in pages["/brand.css"].body


def test_robots_are_told_to_stay_away(pages: Mapping[str, Page]) -> None:
    """From everything, beside the header that each answer has."""
    assert b"User-agent: *\nDisallow: /\n" == pages["/robots.txt"].body


def test_no_preview_of_a_link_shows_anything(pages: Mapping[str, Page]) -> None:
    """No page has what messengers make cards of: a description, a picture, an address."""
    for path, page in pages.items():
        if page.content_type.startswith("text/html"):
            assert not re.search(
                rb'og:|twitter:|name="description"|rel="canonical"|ld\+json', page.body
            ), path


def test_what_can_become_a_document_has_every_header() -> None:
    """Scripts and styles alone go without those that only a document heeds."""
    assert OF_ALL.items() <= HEADERS.items()
    assert {"text/css", "text/javascript"} == NO_DOCUMENTS
    assert HEADERS.keys() - OF_ALL.keys() == {
        "Content-Security-Policy",
        "Cross-Origin-Opener-Policy",
        "Permissions-Policy",
        "X-Robots-Tag",
    }


def test_what_was_built_with_a_smaller_form_is_served_in_it(folder: Path) -> None:
    """An asset alone: a page is dressed in a brand, and compressed anew."""
    (folder / "assets" / "page-1a2b.js.br").write_bytes(b"smaller")

    pages = read_pages(folder)

    assert b"smaller" == pages["/assets/page-1a2b.js"].brotli
    assert pages["/"].brotli is None
    assert not [path for path in pages if path.endswith(".br")]


def test_data_are_closed_to_searches_and_to_scripts_of_others() -> None:
    """What opens no window goes without the headers of windows, and with all others."""
    assert headers_of("text/html") == HEADERS
    assert headers_of("text/css") == OF_ALL

    data = headers_of("application/json")

    assert {"Content-Security-Policy", "X-Robots-Tag", *OF_ALL} == data.keys()
