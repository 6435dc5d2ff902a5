"""Starts the local mailbox: `python -m letterbox`, ended by SIGTERM or Ctrl-C."""

import os
import signal
import sys

from letterbox.service import StartRefused, running
from letterbox.settings import SettingsRefused, read_settings

ENDS = (signal.SIGTERM, signal.SIGINT)


def main() -> int:
    """Serve until told to end; 0 then, 1 with one line of words if it cannot start."""
    # Held back in this and all later threads, until this one asks for them below.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    try:
        settings = read_settings(os.environ)
        with running(settings) as mailbox:
            sys.stdout.write(
                f"Mailbox: mail on port {mailbox.smtp_port}, "
                f"pages and webhooks on port {mailbox.web_port}, {settings.bind}.\n"
            )
            sys.stdout.flush()
            signal.sigwait(ENDS)
    except (SettingsRefused, StartRefused) as error:
        sys.stderr.write(f"Mailbox: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
