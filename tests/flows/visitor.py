"""A person with a browser that knows no scripts: links, forms and nothing else."""

import re
from typing import Self

import mechanicalsoup

from tests.flows.running import Product

WORKSPACE = "/w/northmill"


class Visitor:
    """One signed-in person."""

    def __init__(self, product: Product, email: str) -> None:
        self._product = product
        self._browser = mechanicalsoup.StatefulBrowser(raise_on_404=False)
        self._email = email

    def sign_in(self) -> Self:
        """Sign in with the demo password."""
        self.open("/accounts/login/")
        self._browser.select_form('form[method="post"]')
        self._browser["login"] = self._email
        self._browser["password"] = self._product.password(self._email)
        self._browser.submit_selected()
        assert "/accounts/login" not in self._browser.url
        return self

    def open(self, path: str) -> str:
        """Open a page and return its text in one line."""
        answer = self._browser.open(self._product.address + path)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text[:2000]}"
        return self.text

    def peek(self, path: str) -> str:
        """Return a page's text, or "" while the product cannot answer."""
        try:
            answer = self._browser.open(self._product.address + path)
        except OSError:  # the web process is coming back
            return ""
        return self.text if answer.ok else ""

    def status(self, path: str) -> int:
        """Return the status code of a page."""
        return int(self._browser.open(self._product.address + path).status_code)

    @property
    def text(self) -> str:
        """The text of the page, in one line."""
        return re.sub(r"\s+", " ", self._browser.page.get_text(" "))

    def submit(self, address: str, /, *, press: str = "", **fields: str) -> str:
        """Fill in the form whose address ends with `address`, send it, return the page.

        `press` is the value of the button to press where a form has several.
        """
        form = self._browser.select_form(f'form[action$="{address}"]')
        for name, value in fields.items():
            self._browser[name] = value
        if press:
            form.choose_submit(self._browser.page.select_one(f'[value="{press}"]'))
        response = self._browser.submit_selected()
        if "/accounts/confirm/" in self._browser.url:
            # Five minutes have passed since signing in: say who we are, and do it again.
            self._browser.select_form('form[action="/accounts/confirm/"]')
            self._browser["password"] = self._product.password(self._email)
            self._browser.submit_selected()
            return self.submit(address, press=press, **fields)
        assert response.status_code < 400, self.text
        return self.text

    def can_start(self) -> bool:
        """Open the runs; whether none is under way and one can be started."""
        page = self.peek(f"{WORKSPACE}/runs/")
        busy = ("is under way", "Running", "Queued")
        return (
            bool(page)
            and not any(word in page for word in busy)
            and self.has_form("/start/")
        )

    def first_address(self, part: str) -> str:
        """Return where the first link leads whose address has this part."""
        return str(self._browser.page.select_one(f'a[href*="{part}"]')["href"])

    def link(self, words: str) -> str:
        """Return where the link with these words leads."""
        return str(self._browser.page.find("a", string=words)["href"])

    @property
    def path(self) -> str:
        """The address of the page, without the host."""
        return str(self._browser.url).removeprefix(self._product.address)

    def option(self, name: str, words: str) -> str:
        """Return the value of the choice with these words."""
        found = self._browser.page.select(f'[name="{name}"] option')
        return next(str(each["value"]) for each in found if words in each.text)

    def has_form(self, action: str) -> bool:
        """Whether the page offers a form with this address."""
        return self._browser.page.select_one(f'form[action$="{action}"]') is not None

    def finding(self, words: str) -> str:
        """Return the reference of the open exposure that has these words, or ""."""
        self.open(f"{WORKSPACE}/exposures/")
        for row in self._browser.page.select("table tbody tr"):
            text = re.sub(r"\s+", " ", row.get_text(" "))
            if words in text and (found := re.search(r"SL-\d+", text)):
                return found.group()
        return ""
