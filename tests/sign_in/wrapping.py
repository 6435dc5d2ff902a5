"""Signature wrapping: the signed assertion is moved, and a forged one stands in its place.

The variants are those of "On Breaking SAML" (Somorovsky and others, 2012), by where the
two assertions go.
"""

import copy
from collections.abc import Callable
from typing import Any

from lxml import etree

from tests.sign_in.saml_partner import NAMES, PROTOCOL

Element = Any
SIGNATURES = "http://www.w3.org/2000/09/xmldsig#"
Move = Callable[[Element, Element, Element, Element], Element]


def forged(assertion: Element, *, same_id: bool) -> Element:
    """Return a copy about Ida, without the signature."""
    evil = copy.deepcopy(assertion)
    evil.find(".//saml:NameID", namespaces=NAMES).text = "ida-1"
    evil.remove(evil.find(f"{{{SIGNATURES}}}Signature"))
    if not same_id:
        evil.set("ID", "_evil")
    return evil


def evil_first(response: Element, real: Element, evil: Element, _: Element) -> Element:
    """XSW 3: the forged one before the signed one."""
    response.extend([evil, real])
    return response


def evil_last(response: Element, real: Element, evil: Element, _: Element) -> Element:
    """The forged one behind the signed one."""
    response.extend([real, evil])
    return response


def real_inside(response: Element, real: Element, evil: Element, _: Element) -> Element:
    """XSW 4: the signed one inside the forged one."""
    evil.append(real)
    response.append(evil)
    return response


def evil_inside(response: Element, real: Element, evil: Element, _: Element) -> Element:
    """The forged one inside the signed one."""
    real.append(evil)
    response.append(real)
    return response


def in_the_signature(
    response: Element, real: Element, evil: Element, signature: Element
) -> Element:
    """XSW 6 and 8: the signed one in an object of the forged one's signature."""
    moved = copy.deepcopy(signature)
    etree.SubElement(moved, f"{{{SIGNATURES}}}Object").append(real)
    evil.insert(1, moved)
    response.append(evil)
    return response


def in_extensions(
    response: Element, real: Element, evil: Element, _: Element
) -> Element:
    """XSW 7: the signed one in the response's extensions, whose schema takes anything."""
    extensions = etree.Element(f"{{{PROTOCOL}}}Extensions")
    extensions.append(real)
    response.insert(1, extensions)
    response.append(evil)
    return response


def signature_taken(
    response: Element, real: Element, evil: Element, signature: Element
) -> Element:
    """XSW 5: the signature in the forged one, what it signs behind it."""
    real.remove(signature)
    evil.insert(1, signature)
    response.extend([evil, real])
    return response


def response_in_response(
    response: Element, real: Element, evil: Element, _: Element
) -> Element:
    """XSW 1 and 2: the whole response inside another one."""
    outer = copy.deepcopy(response)
    response.append(real)
    outer.append(evil)
    outer.append(response)
    return outer


MOVES: list[Move] = [
    evil_first,
    evil_last,
    real_inside,
    evil_inside,
    in_the_signature,
    in_extensions,
    signature_taken,
    response_in_response,
]


def wrapped(move: Move, *, same_id: bool) -> Callable[[Element], Element]:
    """Return what makes one variant of a response with one signed assertion."""

    def bend(response: Element) -> Element:
        real = response.find("saml:Assertion", namespaces=NAMES)
        evil = forged(real, same_id=same_id)
        response.remove(real)
        return move(response, real, evil, real.find(f"{{{SIGNATURES}}}Signature"))

    return bend
