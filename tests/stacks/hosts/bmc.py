"""A baseboard controller of pyghmi on ADDRESS, port 10623."""

import sys

from pyghmi.ipmi.bmc import Bmc

bmc = Bmc({"admin": "never used"}, port=10623, address=sys.argv[1])
print("ready", flush=True)
bmc.listen()
