"""Long content, sealed: what comes out is what went in, or nothing does."""

import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.sealed_stream import (
    CHUNK_BYTES,
    MAGIC,
    SEALED_CHUNK_BYTES,
    open_stream,
    seal_stream,
    sealed_size,
)
from common.sealing import SealBroken

KEY, OTHER_KEY = b"\1" * 32, b"\2" * 32
PLACE, OTHER_PLACE = "workspace:1/file:1", "workspace:1/file:2"
SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]


def content_of(size: int) -> bytes:
    return bytes(number % 251 for number in range(size))


def seal(content: bytes, *, key: bytes = KEY, context: str = PLACE) -> bytes:
    return b"".join(seal_stream([content], key=key, context=context))


def unseal(sealed: bytes, *, key: bytes = KEY, context: str = PLACE) -> bytes:
    return b"".join(open_stream(io.BytesIO(sealed), key=key, context=context))


def chunks_of(sealed: bytes) -> list[bytes]:
    body = sealed.removeprefix(MAGIC)
    starts = range(0, len(body), SEALED_CHUNK_BYTES)
    return [body[at : at + SEALED_CHUNK_BYTES] for at in starts]


@pytest.mark.parametrize("size", SIZES)
def test_it_opens_to_what_was_sealed(size: int) -> None:
    content = content_of(size)

    sealed = seal(content)

    assert unseal(sealed) == content
    assert len(sealed) == sealed_size(size)
    assert content[:64] not in sealed or size == 0


@given(pieces=st.lists(st.binary(max_size=3 * CHUNK_BYTES // 2), max_size=6))
def test_it_does_not_matter_how_the_content_comes(pieces: list[bytes]) -> None:
    sealed = b"".join(seal_stream(pieces, key=KEY, context=PLACE))

    assert unseal(sealed) == b"".join(pieces)
    assert len(sealed) == sealed_size(sum(map(len, pieces)))


@given(
    size=st.integers(0, 2 * CHUNK_BYTES + 9),
    at=st.integers(min_value=0),
    flip=st.integers(1, 255),
)
def test_any_changed_bit_is_found(size: int, at: int, flip: int) -> None:
    sealed = bytearray(seal(content_of(size)))
    sealed[at % len(sealed)] ^= flip

    with pytest.raises(SealBroken):
        unseal(bytes(sealed))


@given(size=st.integers(0, 2 * CHUNK_BYTES + 9), cut=st.integers(min_value=0))
def test_any_truncation_is_found(size: int, cut: int) -> None:
    sealed = seal(content_of(size))

    with pytest.raises(SealBroken):
        unseal(sealed[: cut % len(sealed)])


def test_a_cut_between_two_chunks_is_found() -> None:
    sealed = seal(content_of(3 * CHUNK_BYTES))
    first, second, _ = chunks_of(sealed)

    with pytest.raises(SealBroken):
        unseal(MAGIC + first + second)
    with pytest.raises(SealBroken):
        unseal(MAGIC)


def test_anything_added_is_found() -> None:
    sealed = seal(content_of(CHUNK_BYTES))

    for more in (b"\0", chunks_of(sealed)[0], seal(b"more")):
        with pytest.raises(SealBroken):
            unseal(sealed + more)


def test_reordered_and_repeated_chunks_are_found() -> None:
    one, two, three = chunks_of(seal(content_of(3 * CHUNK_BYTES)))

    for order in ([two, one, three], [one, one, three], [one, three, two]):
        with pytest.raises(SealBroken):
            unseal(MAGIC + b"".join(order))


def test_a_chunk_of_another_content_is_found() -> None:
    ours = chunks_of(seal(content_of(3 * CHUNK_BYTES)))
    theirs = chunks_of(seal(content_of(3 * CHUNK_BYTES), context=OTHER_PLACE))

    with pytest.raises(SealBroken):
        unseal(MAGIC + ours[0] + theirs[1] + ours[2])


def test_it_opens_with_its_own_key_and_place_only() -> None:
    sealed = seal(b"a photo of the cabinet")

    with pytest.raises(SealBroken):
        unseal(sealed, key=OTHER_KEY)
    with pytest.raises(SealBroken):
        unseal(sealed, context=OTHER_PLACE)
    with pytest.raises(SealBroken, match="named place"):
        seal(b"nowhere", context="")


def test_what_is_no_sealed_content_is_said_so() -> None:
    for wrong in (b"", b"SLS", b"SLS2" + bytes(64), b"%PDF-1.7"):
        with pytest.raises(SealBroken, match="not in a form"):
            unseal(wrong)


def test_nothing_wrong_is_given_out_before_it_is_found() -> None:
    sealed = bytearray(seal(content_of(3 * CHUNK_BYTES)))
    sealed[len(MAGIC) + SEALED_CHUNK_BYTES] ^= 1

    stream = open_stream(io.BytesIO(bytes(sealed)), key=KEY, context=PLACE)

    assert next(stream) == content_of(CHUNK_BYTES)
    with pytest.raises(SealBroken):
        next(stream)


def test_no_more_than_two_chunks_wait_in_memory() -> None:
    drawn = 0

    def content() -> Iterator[bytes]:
        nonlocal drawn
        for _ in range(1000):
            drawn += 1
            yield bytes(CHUNK_BYTES)

    stream = seal_stream(content(), key=KEY, context=PLACE)
    next(stream), next(stream)

    assert drawn <= 2
