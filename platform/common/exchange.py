"""One HTTP question and one bounded answer over a connection made by the caller."""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence

from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from common.errors import DomainError

MAX_ANSWER = 16 * 1024  # bytes
MAX_HEADER = 200  # characters of one kept header
KEPT_HEADERS = ("content-type", "date", "retry-after")


class OutgoingFailed(DomainError):
    """The other side was not reached or gave no usable answer in time."""


class Exchange:
    """One question and one answer over one connection, closed in every case."""

    def __init__(
        self,
        connection: HTTPConnection,
        *,
        host: str,
        largest: int = MAX_ANSWER,
        kept: Sequence[str] = KEPT_HEADERS,
    ) -> None:
        self.connection = connection
        self.host = host
        self.largest = largest
        self.kept = kept
        self.out_of_time = threading.Event()
        self.sock: socket.socket | None = None

    def __enter__(self) -> "Exchange":
        self._connect()
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def _connect(self) -> None:
        try:
            self.connection.connect()
        except (HTTPError, OSError) as error:
            self.connection.close()
            if isinstance(error.__cause__ or error, ssl.SSLCertVerificationError):
                raise OutgoingFailed(
                    f"The certificate of {self.host} could not be verified."
                ) from error
            raise OutgoingFailed(f"No connection to {self.host}.") from error
        # The connection forgets its socket once the answer owns it; the watch must not.
        self.sock = self.connection.sock

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None,
        headers: Mapping[str, str],
        seconds: float,
    ) -> tuple[int, dict[str, str], bytes]:
        """Send and read under one clock, however slowly the other side drips."""
        # A socket's own time-out starts again with every byte, so a watch cuts it.
        self.connection.timeout = max(seconds, 0.1)
        watch = threading.Timer(max(seconds, 0.0), self._cut)
        watch.daemon = True
        watch.start()
        try:
            answer = self._ask(method, path, body=body, headers=headers)
        except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            self._raise_if_late(error)
            raise OutgoingFailed("The answer was cut off or is not HTTP.") from error
        finally:
            watch.cancel()
        # What was read before the cut looks complete, but is not.
        self._raise_if_late(None)
        return answer

    def _ask(
        self, method: str, path: str, *, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        self.connection.request(
            method,
            path,
            body=body,
            headers=headers,
            preload_content=False,
            decode_content=False,
            enforce_content_length=False,
        )
        with contextlib.closing(self.connection.getresponse()) as answer:
            kept = {
                name: _one_line(answer.headers[name])
                for name in self.kept
                if name in answer.headers
            }
            return answer.status, kept, answer.read(self.largest, decode_content=False)

    def _cut(self) -> None:
        self.out_of_time.set()
        if self.sock is None:
            return
        # Past the TLS layer, whose own shutdown is not meant for two threads.
        # An OSError only says that it is closed already.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def _raise_if_late(self, error: Exception | None) -> None:
        if self.out_of_time.is_set() or isinstance(error, TimeoutError):
            raise OutgoingFailed("No complete answer in time.") from error


def _one_line(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:MAX_HEADER]
