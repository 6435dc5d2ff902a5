"""An outstation of dnp3py at address 10, on ADDRESS:20000."""

import asyncio
import sys

from dnp3.database import AnalogInputConfig, Database
from dnp3.outstation import Outstation, OutstationConfig, OutstationTcpRunner


async def main(address: str) -> None:
    """Serve until the process ends."""
    database = Database()
    database.add_analog_input(0, AnalogInputConfig())
    outstation = Outstation(database=database, config=OutstationConfig(address=10))
    runner = OutstationTcpRunner(outstation=outstation, host=address, port=20000)
    running = asyncio.create_task(runner.run())
    while not running.done():
        try:
            _, writer = await asyncio.open_connection(address, 20000)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        break
    print("ready", flush=True)
    await running


asyncio.run(main(sys.argv[1]))
