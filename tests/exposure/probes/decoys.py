"""Services that replay what third-party stacks really answered."""

import asyncio
import json
from pathlib import Path
from typing import Any

from exposure.probes.base import Direction, Exchange, Turn, turns
from tests.exposure.probes.stage import Handler

FOLDER = Path(__file__).parents[2] / "data" / "transcripts"


def recording_of(protocol: str) -> dict[str, Any]:
    """Return the recorded conversation of a protocol."""
    content: dict[str, Any] = json.loads((FOLDER / f"{protocol}.json").read_text())
    return content


def turns_of(protocol: str) -> list[Turn]:
    """Return what was asked and answered, in order."""
    return turns(
        Exchange(at, Direction(direction), bytes.fromhex(data))
        for at, direction, data in recording_of(protocol)["exchanges"]
    )


def answering(protocol: str) -> Handler:
    """Return a service that answers as the recorded one did, byte for byte."""

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        for sent, received in turns_of(protocol):
            if sent:
                await reader.readexactly(len(sent))
            writer.write(received)
            await writer.drain()
        await reader.read()

    return answer
