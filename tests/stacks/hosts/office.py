"""FTP (pyftpdlib), Telnet (telnetlib3), SMB (impacket) and MySQL (mysql-mimic)."""

import asyncio
import logging
import os
import sys
import threading
from pathlib import Path

from impacket.smbserver import SimpleSMBServer
from mysql_mimic import MysqlServer
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
from telnetlib3 import create_server

FTP, TELNET, SMB, MYSQL = 2121, 2323, 4450, 3306


def ftp(address: str) -> None:
    """Serve files to nobody."""
    FTPHandler.authorizer = DummyAuthorizer()
    FTPHandler.banner = "Recipe store of the dairy"
    server = FTPServer((address, FTP), FTPHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def smb(address: str) -> None:
    """Speak versions 1 and 2."""
    server = SimpleSMBServer(listenAddress=address, listenPort=SMB)
    server.setSMB2Support(True)
    threading.Thread(target=server.start, daemon=True).start()


async def greet(reader: object, writer: object) -> None:
    """Ask for a name and wait until the caller leaves."""
    writer.write("\r\nMoxa NPort 5110\r\nlogin: ")
    await reader.read(1)


async def main(address: str) -> None:
    """Serve until killed."""
    ftp(address)
    smb(address)
    await create_server(host=address, port=TELNET, shell=greet, connect_maxwait=0.5)
    mysql = MysqlServer()
    await mysql.start_server(host=address, port=MYSQL)
    print("ready", flush=True)
    await asyncio.Event().wait()


# impacket prints what it thinks of each caller.
sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - open as long as the process
logging.disable(logging.CRITICAL)
asyncio.run(main(sys.argv[1]))
