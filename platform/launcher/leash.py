"""Runs a program that ends when the process which started it does: leash.py PARENT PROGRAM...

Linux sends the signal when the *thread* that started us ends, so the supervisor starts
everything from its main thread. Elsewhere the program simply runs.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>


def main() -> None:
    """Tie this process to its parent, then become the program."""
    parent = int(sys.argv[1])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        # It may have died before the call above.
        if os.getppid() != parent:
            sys.exit(1)
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - that is the purpose


if __name__ == "__main__":
    main()
