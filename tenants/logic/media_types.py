"""What a file is: found out from its first bytes, never believed from who sends it.

Archives are not unpacked here or anywhere: only the names in a ZIP's first headers are
read, to tell a spreadsheet from an archive.
"""

from typing import Final

HEAD_BYTES: Final = 64 * 1024
UNKNOWN: Final = "application/octet-stream"
TEXT: Final = "text/plain"
ZIP: Final = "application/zip"
PCAP: Final = "application/vnd.tcpdump.pcap"
PCAPNG: Final = "application/x-pcapng"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

SIGNATURES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"%PDF-", "application/pdf"),
    (b"\xd4\xc3\xb2\xa1", PCAP),  # both byte orders, microseconds and nanoseconds
    (b"\xa1\xb2\xc3\xd4", PCAP),
    (b"\x4d\x3c\xb2\xa1", PCAP),
    (b"\xa1\xb2\x3c\x4d", PCAP),
    (b"\x0a\x0d\x0d\x0a", PCAPNG),
)
# A text has no signature: its name may choose among texts, if it opens like one.
TEXTS: Final[dict[str, tuple[str, tuple[bytes, ...]]]] = {
    "csv": ("text/csv", (b"",)),
    "json": ("application/json", (b"{", b"[")),
    "xml": ("application/xml", (b"<",)),
}
# What people may attach, by how the name ends, and what the bytes then must be.
ACCEPTED: Final[dict[str, frozenset[str]]] = {
    "png": frozenset({"image/png"}),
    "jpg": frozenset({"image/jpeg"}),
    "jpeg": frozenset({"image/jpeg"}),
    "pdf": frozenset({"application/pdf"}),
    "pcap": frozenset({PCAP, PCAPNG}),
    "pcapng": frozenset({PCAPNG}),
    "zip": frozenset({ZIP, XLSX, DOCX}),
    "xlsx": frozenset({XLSX}),
    "docx": frozenset({DOCX}),
    "txt": frozenset({TEXT}),
    "csv": frozenset({"text/csv"}),
    "json": frozenset({"application/json"}),
    "xml": frozenset({"application/xml"}),
}
LABELS: Final[dict[str, str]] = {
    "image/png": "PNG picture",
    "image/jpeg": "JPEG picture",
    "application/pdf": "PDF",
    PCAP: "packet capture",
    PCAPNG: "packet capture",
    ZIP: "ZIP archive",
    XLSX: "spreadsheet",
    DOCX: "document",
    TEXT: "text",
    "text/csv": "CSV table",
    "application/json": "JSON",
    "application/xml": "XML",
}
LOCAL_HEADER = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
NAME_AT = 30  # where the name begins in a local header of a ZIP
BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# Bytes that stand in no text: control characters but tab, line ends and form feed.
NO_TEXT = bytes(set(range(32)) - {9, 10, 12, 13}) + b"\x7f"


def media_type(head: bytes, *, ending: str) -> str:
    """Return what the first bytes of a file say it is; UNKNOWN for anything not listed.

    `ending` is the name's, without its dot; it only chooses among kinds of text.

    >>> media_type(b"%PDF-1.7", ending="png"), media_type(b"a;b", ending="csv")
    ('application/pdf', 'text/csv')
    """
    for signature, found in SIGNATURES:
        if head.startswith(signature):
            return found
    if head.startswith((LOCAL_HEADER, EMPTY_ZIP)):
        return _kind_of_zip(head)
    if not _is_text(head):
        return UNKNOWN
    found, openings = TEXTS.get(ending, (TEXT, (b"",)))
    return found if _opening(head).startswith(openings) else TEXT


def label(found: str) -> str:
    """Return a media type in words."""
    return LABELS.get(found, "file")


def refusal(found: str, *, ending: str) -> str:
    """Return why people may not attach such a file; empty if they may.

    >>> refusal("application/pdf", ending="pdf")
    ''
    >>> refusal("application/pdf", ending="png")
    'The name ends in .png, but the content is something else: PDF.'
    """
    wanted = ACCEPTED.get(ending)
    if wanted is None:
        return f"Only these can be attached: {', '.join(sorted(ACCEPTED))}."
    if found not in wanted:
        what = f": {label(found)}" if found in LABELS else ""
        return f"The name ends in .{ending}, but the content is something else{what}."
    return ""


def _is_text(head: bytes) -> bool:
    if head.startswith(BOMS[1:]):  # UTF-16: every second byte may be zero
        return True
    return len(head.translate(None, NO_TEXT)) == len(head)


def _opening(head: bytes) -> bytes:
    for bom in BOMS:
        head = head.removeprefix(bom)
    return head.replace(b"\0", b"").lstrip()


def _kind_of_zip(head: bytes) -> str:
    names = list(_names(head))
    if any(name in {b"[Content_Types].xml", b"_rels/.rels"} for name in names):
        for folder, found in ((b"xl/", XLSX), (b"word/", DOCX)):
            if any(name.startswith(folder) for name in names):
                return found
    return ZIP


def _names(head: bytes) -> list[bytes]:
    found, at = [], head.find(LOCAL_HEADER)
    while at >= 0:
        length = int.from_bytes(head[at + 26 : at + 28], "little")
        found.append(head[at + NAME_AT : at + NAME_AT + length])
        at = head.find(LOCAL_HEADER, at + len(LOCAL_HEADER))
    return found
