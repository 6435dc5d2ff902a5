"""What a service calls itself, in one line for people."""

from collections.abc import Mapping

LONGEST = 200

# For each kind of fact set, the facts that name the product, best first.
NAMING: tuple[tuple[str, ...], ...] = (
    ("vendor", "product", "order_number", "version"),
    ("vendor", "product_name", "product_code", "revision"),
    ("application", "product_uri"),
    ("title", "server"),
    ("subject",),
    ("banner",),
    ("product", "controller"),
    ("product", "station"),
    ("product", "os", "os_version"),
    ("product", "version"),
    ("version",),
)


def describe(facts: Mapping[str, object]) -> str:
    """Return vendor, product and version where the service told them; "" otherwise.

    What was recognised by little is told as "perhaps".

    >>> describe({"product": "mbNET", "confidence": "low"})
    'perhaps mbNET'
    >>> describe({"vendor": "Siemens", "order_number": "6ES7 315-2EH14-0AB0"})
    'Siemens 6ES7 315-2EH14-0AB0'
    """
    perhaps = "perhaps " if facts.get("confidence") == "low" else ""
    return f"{perhaps}{_named(facts)}"[:LONGEST]


def _named(facts: Mapping[str, object]) -> str:
    best = ""
    for names in NAMING:
        words = [str(facts[name]) for name in names if facts.get(name)]
        text = " ".join(dict.fromkeys(words))
        if len(words) > 1:
            return text
        best = best or text
    return best
