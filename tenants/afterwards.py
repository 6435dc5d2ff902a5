"""What is done once the answer is on its way, so that its time tells nothing."""

import logging
from collections.abc import Callable
from smtplib import SMTPException

from django.http import HttpRequest
from django.http.response import HttpResponseBase

log = logging.getLogger(__name__)
Work = Callable[[], None]


class AfterwardsMiddleware:
    """Runs what a request left to do when its answer has been sent.

    A mail that only known addresses get must not make the answer for them slower. If
    the process dies in between the work is lost: only what people can ask for again,
    such as a reset mail, may be left to it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Collect the work, and do it when the server closes the answer."""
        left: list[Work] = []
        request.left_to_do = left  # type: ignore[attr-defined]  # see later()
        response = self.get_response(request)
        if left:
            response.close = _closing(response.close, left)  # type: ignore[method-assign]
        return response


def later(request: HttpRequest, work: Work) -> None:
    """Do the work after the answer; at once where no answer is made."""
    left: list[Work] | None = getattr(request, "left_to_do", None)
    if left is None:
        work()
    else:
        left.append(work)


def _closing(close: Work, left: list[Work]) -> Work:
    def close_and_work() -> None:
        close()
        while left:
            try:
                left.pop(0)()
            except (OSError, SMTPException):  # the mail server is away
                log.exception("What was left to do after an answer failed.")

    return close_and_work
