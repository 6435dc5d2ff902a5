"""Receives mail by SMTP and puts it into a box; delivers nothing onward."""

import asyncio
import threading

from aiosmtpd.smtp import SMTP, Envelope, Session

from letterbox.box import Box
from letterbox.mails import with_envelope

MAX_MAIL = 10 * 1024 * 1024  # bytes
MAX_RECIPIENTS = 100
QUIET_SECONDS = 60.0


class Receiver:
    """The answers to the two SMTP commands that matter."""

    def __init__(self, box: Box) -> None:
        self.box = box

    async def handle_RCPT(  # noqa: N802 - the library calls it by this name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take any address: no mail sent on this machine leaves it."""
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library calls it by this name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Store the mail; say yes only when it is on the disk."""
        raw = with_envelope(
            envelope.original_content or b"",
            sender=envelope.mail_from or "",
            recipients=envelope.rcpt_tos,
        )
        try:
            await asyncio.to_thread(self.box.add, raw)
        except OSError:
            return "452 4.3.1 The mail could not be stored"
        return "250 OK"


class SmtpServer:
    """The SMTP side in a thread of its own; binds at once, serves after start()."""

    def __init__(self, box: Box, *, bind: str, port: int) -> None:
        """Raises OSError if the port cannot be had."""
        self._loop = asyncio.new_event_loop()
        try:
            self._server = self._loop.run_until_complete(
                self._loop.create_server(lambda: self._protocol(box), bind, port)
            )
        except OSError:
            self._loop.close()
            raise
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="mailbox-smtp", daemon=True
        )

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Hang up on everybody and release the port."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.run_until_complete(self._close())
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        talking = asyncio.all_tasks() - {asyncio.current_task()}
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        await asyncio.get_running_loop().shutdown_default_executor()

    def _protocol(self, box: Box) -> SMTP:
        return SMTP(
            Receiver(box),
            data_size_limit=MAX_MAIL,
            enable_SMTPUTF8=True,
            hostname="mailbox.localhost",
            ident="Sightline mailbox",
            timeout=QUIET_SECONDS,
            loop=self._loop,
        )
