"""`teleconsult brand`: is this file a brand, and what was understood.

A door. It reads one file and its logo, and prints. What is right and wrong is decided in
`signaling/brand_text.py`.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from signaling.brand import Brand, remarks
from signaling.brand_file import read_brand
from signaling.brand_text import WrongBrand
from signaling.colours import DARK, LIGHT, contrast

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_commands(commands: Commands) -> None:
    """Add `brand` to the command's own."""
    brand = commands.add_parser(
        "brand",
        help="check the file of name, logo, colours and legal notices",
        description="The brand says whose service this is. `teleconsult serve --brand FILE` "
        "shows it, without building anything; deploy/example/README.md explains it.",
    )
    kinds = brand.add_subparsers(title="commands", metavar="", required=True)
    check = kinds.add_parser(
        "check",
        help="say what is wrong in it, and what was understood",
        description="Read a brand as the server would. Every mistake is said at once, and the "
        "exit code is 1; else what was understood is printed, and which facts are missing.",
    )
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(run=_check)


def _check(arguments: argparse.Namespace) -> None:
    try:
        brand = read_brand(arguments.file)
    except WrongBrand as wrong:
        sys.exit(wrong_file(arguments.file, wrong))
    for line in understood(brand):
        print(line)


def wrong_file(file: Path, wrong: WrongBrand) -> str:
    """Say what is wrong, a line each."""
    count = len(wrong.mistakes)
    return "\n".join(
        (f"{file} is no brand, for {count} reason{'s' if count > 1 else ''}:", *wrong.mistakes)
    )


def understood(brand: Brand) -> Iterator[str]:
    """Say what a brand says, in lines."""
    yield f"{brand.name}, in short {brand.short}"
    if brand.logo is not None:
        yield f"  logo: {brand.logo.content_type}, {len(brand.logo.body)} bytes"
    for accent, theme in ((brand.accent, LIGHT), (brand.accent_dark, DARK)):
        if accent:
            least = min(contrast(accent, theme.paper), contrast(accent, theme.on_accent))
            yield f"  {theme.name} pages: {accent}, contrast {int(least * 10) / 10:.1f}:1 or more"
    found = remarks(brand)
    if found:
        yield "Missing, and said to be so on the pages:"
        yield from (f"  {remark}" for remark in found)
    yield "This file is right." if not found else "This file is right, and may be used as it is."
