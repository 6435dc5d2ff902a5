"""The test server of pyads, on ADDRESS:48898."""

import signal
import socket
import sys
import time

from pyads.testserver import AdsTestServer, AdvancedHandler

server = AdsTestServer(
    handler=AdvancedHandler(), ip_address=sys.argv[1], port=48898, logging=False
)
server.daemon = True
server.start()
while True:  # it listens in a thread of its own, some time after the start
    try:
        socket.create_connection((sys.argv[1], 48898)).close()
        break
    except OSError:
        time.sleep(0.02)
print("ready", flush=True)
signal.pause()
