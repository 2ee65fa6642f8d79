"""Our own files: everything in the tree that somebody of ours wrote by hand."""

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

NOT_OURS = frozenset({"node_modules", "dist", "build", "__pycache__"})
GENERATED = frozenset({"package-lock.json"})


def own_files(root: Path, *suffixes: str) -> Iterator[Path]:
    """Yield our files with one of these suffixes, in order. Hidden folders are tools' own."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if name not in NOT_OURS and not name.startswith(".") and not name.endswith(".egg-info")
        )
        for name in sorted(names):
            if name not in GENERATED and name.endswith(suffixes):
                yield Path(folder) / name
