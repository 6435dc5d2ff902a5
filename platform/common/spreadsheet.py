"""CSV that a spreadsheet shows as it is: no value is ever taken for a formula."""

import csv
import datetime as dt
import io
from collections.abc import Iterable

# A spreadsheet takes what begins like this for a formula and calculates it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_line(values: Iterable[object]) -> bytes:
    """Return one line of CSV (RFC 4180) in UTF-8."""
    out = io.StringIO()
    csv.writer(out).writerow([harmless(value) for value in values])
    return out.getvalue().encode("utf-8", "replace")


def harmless(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula; numbers stay numbers.

    >>> harmless("=1+1"), harmless(-5), harmless("PLC-P21")
    ("'=1+1", -5, 'PLC-P21')
    """
    if value is None or isinstance(value, int | float):
        return value
    text = value.isoformat() if isinstance(value, dt.datetime) else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
