"""An outstation of dnp3-simulation at address 1024, on ADDRESS:20000."""

import sys

from dnp3_sim.cli import DEFAULT_OUTSTATION, DEFAULT_POINTS, build_simulator
from dnp3_sim.server import SimulatorTCPServer

simulator = build_simulator(DEFAULT_OUTSTATION, DEFAULT_POINTS)
with SimulatorTCPServer((sys.argv[1], 20000), simulator) as server:
    print("ready", flush=True)
    server.serve_forever()
