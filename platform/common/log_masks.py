"""Keeps links that open something out of the logs."""

import logging
import re

# /join/<workspace>/<token>/ and /accounts/password/reset/<person>/<key>/: what follows
# is as good as a password until it is used.
LINK = re.compile(
    r"(/join[a-z-]*/[^/\s]+/|/accounts/password/reset/[^/\s]+/)[^/\s\"']+"
)


class MaskLinks(logging.Filter):
    """Replaces the secret part of such links in every record; drops none."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record's text."""
        text = record.getMessage()
        masked = LINK.sub(r"\1***", text)
        if masked != text:
            record.msg, record.args = masked, None
        return True
