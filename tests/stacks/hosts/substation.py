"""An IEC 61850 server of libiec61850 with a name, on ADDRESS:10102."""

import signal
import sys

from pyiec61850 import pyiec61850 as lib

model = lib.IedModel_create("BAY1")
device = lib.LogicalDevice_create("LD0", model)
node = lib.LogicalNode_create("LLN0", device)
lib.CDC_LPL_create("NamPlt", lib.toModelNode(node), 0)
server = lib.IedServer_create(model)
lib.IedServer_setServerIdentity(server, "Northmill Relays", "BAY-7", "2.4.1")
lib.IedServer_setLocalIpAddress(server, sys.argv[1])
lib.IedServer_start(server, 10102)
if not lib.IedServer_isRunning(server):
    sys.exit("The server does not run.")
print("ready", flush=True)
signal.pause()
