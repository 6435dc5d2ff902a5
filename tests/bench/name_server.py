"""A name server as fast as one Python process can be: half of its names exist.

`python name_server.py ADDRESS` prints its port and serves until its input ends.
"""

import socket
import sys
import threading

ANSWER = bytes.fromhex("c00c0001000100000e100004c6336401")  # A 198.51.100.1
BUFFER = 4 << 20


def main() -> None:
    """Serve one address."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    line.bind((sys.argv[1], 0))
    print(line.getsockname()[1], flush=True)  # noqa: T201 - how the caller learns it
    threading.Thread(target=serve, args=(line,), daemon=True).start()
    sys.stdin.read()


def serve(line: socket.socket) -> None:
    """Answer what asks for a name that begins with "a"; nothing else exists."""
    while True:
        data, asker = line.recvfrom(2048)
        end = data.index(0, 12) + 5
        exists = data[13:14] == b"a"
        line.sendto(
            data[:2]
            + (b"\x81\x80\x00\x01\x00\x01" if exists else b"\x81\x83\x00\x01\x00\x00")
            + b"\x00\x00\x00\x00"
            + data[12:end]
            + (ANSWER if exists else b""),
            asker,
        )


if __name__ == "__main__":
    main()
