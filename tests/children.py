"""The processes that this one started, found as any operator would."""

import os
from contextlib import suppress
from pathlib import Path


def child(module: str, of: int = 0) -> int:
    """Say the number of the process that runs this module; 0 where none does.

    Args:
        of: who started it, where that is not this process.
    """
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, parent = (path / "stat").read_text().rpartition(")")[2].split()[:2]
            is_it = module.encode() in (path / "cmdline").read_bytes()
            if is_it and int(parent) == (of or os.getpid()) and state != "Z":
                return int(path.name)
    return 0
