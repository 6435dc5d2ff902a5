"""An outstation of dnp3-outstation at address 4 with master 1, on ADDRESS:20000."""

import asyncio
import sys

from dnp3_outstation.async_outstation import AsyncOutstation


async def main(address: str) -> None:
    """Serve until the process ends."""
    outstation = AsyncOutstation(
        host=address, port=20000, master_addr=1, outstation_addr=4
    )
    outstation.set_analog(0, 3.0)
    await outstation.start()
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main(sys.argv[1]))
