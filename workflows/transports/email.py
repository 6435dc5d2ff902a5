"""Sends a message as mail through the SMTP server of the installation."""

import re
import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email

from common.plain_text import one_line
from workflows.transports.base import Message, Sent, TransportError

MAX_SUBJECT = 200
MAX_PART = 500_000  # characters; far more than our templates ever write
SAFE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class EmailTransport:
    """Hands mails to the server in the settings; each one carries its delivery id."""

    def send(self, message: Message) -> Sent:
        """Hand over one mail to one person, or raise TransportError.

        A second delivery of the same message has the same Message-ID.
        """
        mail = self._compose(message)
        try:
            mail.send(fail_silently=False)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise _refused("the recipient", max(codes, default=0)) from error
        except smtplib.SMTPDataError as error:
            raise _refused("the message", error.smtp_code) from error
        except smtplib.SMTPNotSupportedError as error:
            raise TransportError(
                "The mail server cannot send to this kind of address.", permanent=True
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            # Sign-in and sender are our own settings: once mended, the mail goes out.
            raise TransportError(
                "The mail server could not be used.", permanent=False
            ) from error
        return Sent(f"The mail server took the mail for {message.recipient}.")

    def _compose(self, message: Message) -> EmailMultiAlternatives:
        _check(message)
        sender = message.sender or settings.DEFAULT_FROM_EMAIL
        domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
        mail = EmailMultiAlternatives(
            subject=one_line(message.subject, limit=MAX_SUBJECT),
            body=_plain(message.text),
            from_email=sender,
            to=[message.recipient],
            headers={
                "Message-ID": f"<{message.id}@{domain}>",
                "X-Sightline-Delivery": message.id,
                "X-Sightline-Event": one_line(message.event_type, limit=100),
                # RFC 3834: keeps absence notes and other robots from answering.
                "Auto-Submitted": "auto-generated",
            },
            connection=get_connection(timeout=settings.EMAIL_TIMEOUT),
        )
        if message.html:
            mail.attach_alternative(_plain(message.html), "text/html")
        return mail


def _check(message: Message) -> None:
    if not SAFE_ID.fullmatch(message.id):
        raise TransportError("The id of the delivery is not usable.", permanent=True)
    try:
        validate_email(message.recipient)
    except ValidationError as error:
        raise TransportError(
            "The recipient has no valid mail address.", permanent=True
        ) from error
    if max(len(message.text), len(message.html)) > MAX_PART:
        raise TransportError("The mail is too long to send.", permanent=True)
    if not message.text.strip():
        raise TransportError("The mail has no plain text.", permanent=True)


def _plain(text: str) -> str:
    """Return the text without what no mail may hold: NUL and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _refused(what: str, code: int) -> TransportError:
    return TransportError(
        f"The mail server refused {what} (code {code}).", permanent=500 <= code <= 599
    )
