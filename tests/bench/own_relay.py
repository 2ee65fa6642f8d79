"""Our relay as the service starts it, except that nobody is told to take less.

Without arguments it is `deploy.relay_child`, which reads one order; with some it is the
command `teleconsult` with them. Limits are what a bench must not measure.
"""

import sys

from deploy import command, relay_child
from relay.settings import Settings

PLENTY = 10**10

if __name__ == "__main__":
    # What stands in settings that nobody gave, whoever makes them.
    defaults = Settings.__init__.__kwdefaults__
    assert defaults is not None
    defaults.update(
        bytes_per_s_per_tag=PLENTY,
        bytes_per_s=PLENTY,
        stranger_answers_per_s=1e6,
        stranger_burst=1e6,
    )
    if len(sys.argv) > 1:
        command.main()
    else:
        relay_child.main()
