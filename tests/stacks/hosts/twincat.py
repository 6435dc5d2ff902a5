"""The test server of pyads, on ADDRESS:48898."""

import signal
import sys

from pyads.testserver import AdsTestServer, AdvancedHandler

server = AdsTestServer(
    handler=AdvancedHandler(), ip_address=sys.argv[1], port=48898, logging=False
)
server.daemon = True
server.start()
print("ready", flush=True)
signal.pause()
