"""`make chaos`: every fault at full size, and a table of what became of everybody.

    python -m tests.chaos [--patients 1000] [--talks 3] [--rebuild-s 45] [--only TEXT]

Exit code 1 where somebody came to harm.
"""

import argparse
import sys
import time

import uvloop

from tests.chaos.faults import FAULTS, run
from tests.chaos.verdict import Verdict, table


def main() -> None:
    """Run the faults one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--patients", type=int, default=1_000)
    parser.add_argument("--talks", type=int, default=3)
    parser.add_argument("--rebuild-s", default="45", help="as the setting of that name")
    parser.add_argument("--only", default="", help="faults whose name holds this")
    arguments = parser.parse_args()

    verdicts: list[Verdict] = []
    for fault in FAULTS:
        if arguments.only not in fault.name:
            continue
        print(f"{time.strftime('%H:%M:%S')}  {fault.name} …", file=sys.stderr, flush=True)
        people = arguments.patients, arguments.talks
        settings = "--rebuild-s", arguments.rebuild_s
        verdicts.append(uvloop.run(run(fault, *people, settings)))
        print(table(verdicts[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
    print(table(verdicts))
    sys.exit(0 if verdicts and all(verdict.is_clean for verdict in verdicts) else 1)


if __name__ == "__main__":
    main()
