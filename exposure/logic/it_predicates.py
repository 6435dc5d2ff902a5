"""What the facts of one IT probe say about one weakness."""

from datetime import datetime, timedelta

from exposure.logic.predicates import Facts, Verdict, _day, fails, holds, unclear

SOON = timedelta(days=30)
# NIST SP 800-57, part 1: what gives less than 112 bits of security.
SHORTEST_KEYS = {"RSA": 2048, "DSA": 2048, "EC": 224}
BROKEN_HASHES = frozenset({"md5", "sha1"})
SEARCH_DATABASES = frozenset({"elasticsearch", "opensearch"})


def telnet_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge what the service waits for after its greeting."""
    if facts.get("prompt_without_sign_in"):
        return holds(
            "The greeting ends with a prompt for commands, not for a name or password. "
            "What the prompt allows was not tried.",
            "L2",
        )
    if facts.get("asks_for_sign_in"):
        return fails("The service asks for a name or password first.", "L1")
    return unclear("The service did not say what it waits for.", "L1")


def telnet_clear(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether the session would be encrypted."""
    if facts.get("encryption_offered"):
        return unclear(
            "The service offers encryption; whether it insists is open.", "L1"
        )
    if facts.get("asks_for_sign_in"):
        return holds("Name and password are asked for without encryption.", "L2")
    return holds("Telnet is spoken without encryption.", "L1")


def ftp_clear(facts: Facts, _now: datetime) -> Verdict:
    """Judge the server's own list of features."""
    offered = facts.get("tls_offered")
    if offered is None:
        return unclear("The server lists its features after sign-in only.", "L1")
    if offered:
        return fails("The server offers encryption (AUTH TLS).", "L1")
    return holds("The server's own list of features has no encryption.", "L2")


def smtp_clear(facts: Facts, _now: datetime) -> Verdict:
    """Judge the server's own list of abilities."""
    offered = facts.get("starttls_offered")
    if offered is None:
        return unclear("The server did not say what it can do.", "L1")
    if offered:
        return fails("The server offers encryption (STARTTLS).", "L1")
    return holds("The server's own list of abilities has no encryption.", "L2")


def smb_exposed(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether a stranger's negotiation was taken up."""
    if facts.get("dialect"):
        return holds(
            f"The server negotiated version {facts['dialect']} with a stranger. "
            "A name and password still stand before the shares.",
            "L1",
        )
    return fails("The server refused every version.", "L1")


def smb_v1(facts: Facts, _now: datetime) -> Verdict:
    """Judge the answer to an offer of version 1 alone."""
    spoken = facts.get("version_1_spoken")
    if spoken is None:
        return unclear("The offer of version 1 met silence.", "L1")
    if spoken:
        return holds("The server took an offer of version 1 alone.", "L2")
    return fails("The server turned version 1 down.", "L1")


def smb_unsigned(facts: Facts, _now: datetime) -> Verdict:
    """Judge what the server requires of its sessions."""
    required = facts.get("signing_required")
    if required is None:
        return unclear("The server did not say whether it requires signing.", "L1")
    if required:
        return fails("The server requires signed messages.", "L1")
    return holds("The server says that signing is not required.", "L2")


def redis_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge the answer to a command that only reads."""
    answers = facts.get("answers_without_password")
    if answers is None:
        return unclear("The server did not answer the question.", "L1")
    if answers:
        return holds(
            "The server answered INFO without a password. Who may ask this may mostly "
            "do everything; only a list of rights would prevent it. Write not attempted.",
            "L2",
        )
    return fails("The server asks for a password, or turns strangers away.", "L1")


def search_open(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether a search database let a stranger in."""
    if facts.get("fingerprint") not in SEARCH_DATABASES:
        return fails("The page is not that of a search database.", "L1")
    if facts.get("status") == 200:
        return holds("The database answered without asking who is there.", "L2")
    return fails(f"The database answered with status {facts.get('status')}.", "L1")


def ldap_exposed(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether a directory shows a stranger what every directory may show."""
    if facts.get("shown"):
        return holds(
            "The directory told a stranger its names. That is how directories work; it "
            "has no place where strangers are.",
            "L1",
        )
    return fails("The directory shows nothing to strangers.", "L1")


def database_exposed(facts: Facts, _now: datetime) -> Verdict:
    """Judge whether a database talks to a stranger at all."""
    if facts.get("refused"):
        return fails("The database takes no clients from this address.", "L1")
    return holds(
        "The database greeted a stranger. A name and password still stand before the "
        "data; none was tried.",
        "L1",
    )


def tls_old(facts: Facts, _now: datetime) -> Verdict:
    """Judge which versions before TLS 1.2 the server took."""
    versions = facts.get("old_versions")
    if not isinstance(versions, list):
        return unclear("The server was silent to an offer of old versions.", "L1")
    if versions:
        return holds(f"The server took {', '.join(map(str, versions))}.", "L2")
    return fails("The server refused everything before TLS 1.2.", "L1")


def tls_weak_cipher(facts: Facts, _now: datetime) -> Verdict:
    """Judge the answer to an offer of weak ciphers alone."""
    suite = facts.get("weak_cipher")
    if suite is None:
        return unclear("The server was silent to an offer of weak ciphers.", "L1")
    if suite:
        return holds(f"The server took the cipher {suite}.", "L2")
    return fails("The server refused every weak cipher on offer.", "L1")


def tls_expires_soon(facts: Facts, now: datetime) -> Verdict:
    """Judge whether the last day of the certificate is near; past days are another check."""
    text = facts.get("not_after")
    if not isinstance(text, str):
        return unclear("The certificate could not be read.", "L1")
    not_after = datetime.fromisoformat(text)
    if not_after < now:
        return fails(f"The certificate has already run out on {_day(not_after)}.", "L1")
    if not_after < now + SOON:
        return holds(f"The certificate runs out on {_day(not_after)}.", "L2")
    return fails(f"The certificate is good until {_day(not_after)}.", "L1")


def tls_weak_key(facts: Facts, _now: datetime) -> Verdict:
    """Judge key length and signature of the certificate."""
    kind, bits, signed_by = (
        facts.get("key_kind"),
        facts.get("key_bits"),
        facts.get("signature_hash"),
    )
    if not isinstance(kind, str) or not kind:
        return unclear("The key of the certificate could not be read.", "L1")
    if isinstance(bits, int) and bits < SHORTEST_KEYS.get(kind, 0):
        return holds(f"The certificate's key has {bits} bits ({kind}).", "L2")
    # A signature by itself proves nothing anyway, so its hash does not matter.
    if signed_by in BROKEN_HASHES and not facts.get("self_signed"):
        return holds(f"The certificate is signed with {signed_by}.", "L2")
    return fails("Key and signature of the certificate are long enough.", "L1")
