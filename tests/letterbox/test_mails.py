"""Mails received, stored and shown."""

import smtplib
from email.message import EmailMessage

import pytest

from letterbox.box import Box
from letterbox.mails import list_mails, read_mail

ATTACK = "<script>alert(1)</script>"


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path, suffix=".eml")


def mail(subject="Your signature is asked for", *, text="Please sign in.", html=""):
    made = EmailMessage()
    made["From"] = "Sightline <sightline@northgate.example>"
    made["To"] = "ida@northmill.example"
    made["Subject"] = subject
    made["X-Sightline-Delivery"] = "01990f6e-0000-7000-8000-000000000001"
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    return made.as_bytes()


def test_it_shows_a_mail_it_received(visitor):
    visitor.mail(mail("Mühle 3", text="Straße — 製粉"))

    shown = visitor.get("/api/messages").json["messages"][0]

    assert shown["subject"] == "Mühle 3"
    assert shown["text"].strip() == "Straße — 製粉"
    assert shown["recipients"] == "ida@northmill.example"
    assert shown["delivery"] == "01990f6e-0000-7000-8000-000000000001"
    assert "Mühle 3" in visitor.get("/").text
    assert "Straße — 製粉" in visitor.get(f"/mails/{shown['id']}").text


def test_it_lists_the_newest_first(visitor):
    for subject in ("first", "second", "third"):
        visitor.mail(mail(subject))

    page = visitor.get("/").text

    assert page.index("third") < page.index("second") < page.index("first")


def test_it_still_has_the_mail_after_a_restart(open_mailbox, visitor):
    visitor.mail(mail("kept"))

    with open_mailbox() as again:
        kept = list_mails(again.boxes.mails)

    assert [each.subject for each in kept] == ["kept"]


def test_it_never_draws_the_html_of_a_mail(visitor):
    visitor.mail(
        mail(ATTACK, text=ATTACK, html=f"<img src=x onerror=alert(1)>{ATTACK}")
    )

    page = visitor.get(f"/mails/{visitor.newest}").text

    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<script" not in visitor.get("/").text


def test_it_links_only_into_the_product(visitor):
    text = (
        "Open http://127.0.0.1:8600/w/northmill/cases/7/?a=1&b=2 now, not "
        "http://127.0.0.1:8600.evil.example/ or http://evil.example/ "
        'or http://127.0.0.1:8600/"onclick="x'
    )
    visitor.mail(mail(text=text))

    page = visitor.get(f"/mails/{visitor.newest}").text

    assert 'href="http://127.0.0.1:8600/w/northmill/cases/7/?a=1&amp;b=2"' in page
    assert 'href="http://127.0.0.1:8600/" rel="noreferrer"' in page
    assert page.count('href="http') == 2


def test_it_marks_characters_that_mislead(visitor):
    visitor.mail(mail(text="a\u202eb\x1b[31m\u200bc"))

    shown = visitor.get("/api/messages").json["messages"][0]

    assert shown["text"].startswith("a\ufffdb\ufffd[31m\ufffdc")


def test_the_sender_cannot_forge_who_it_was_for(visitor):
    raw = b"X-Mailbox-To: otto@northmill.example\r\n" + mail()

    visitor.mail(raw, to="ida@northmill.example")

    shown = visitor.get("/api/messages").json["messages"][0]
    assert shown["recipients"] == "ida@northmill.example"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\xff\xfe",
        b"no headers at all",
        b"Subject: =?utf-8?b?broken?=\r\n\r\nx",
        b"Subject: =?nonsense?q?=FF?=\r\n\r\nx",
        b"Subject: \xff\xfe\x00raw\r\n\r\nx",
        b"Content-Type: text/plain; charset=nonsense\r\n\r\n\xff",
        b"Content-Type: text/plain; charset=rot13\r\n\r\nabc",
        b"Content-Type: text/plain; charset=\x00\r\n\r\nabc",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!A",
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: uuencode\r\n\r\n!!",
        b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx",
        b"From: " + b"a" * 100_000 + b"\r\n\r\nx",
        b"".join(b"X-%d: y\r\n" % number for number in range(5000)),
        b"".join(
            b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n)
            for n in range(3000)
        ),
    ],
    ids=lambda raw: raw[:40].decode("latin-1").encode("unicode_escape").decode(),
)
def test_it_survives_broken_mails(box, raw):
    stored = box.add(raw)

    assert len(list_mails(box)) == 1
    assert read_mail(box, stored) is not None


def test_it_refuses_a_mail_that_is_too_large(visitor):
    with pytest.raises(smtplib.SMTPException):
        visitor.mail(b"Subject: big\r\n\r\n" + (b"x" * 998 + b"\r\n") * 10_600)

    assert visitor.get("/api/messages").json == {"messages": []}


def test_it_refuses_endless_recipients(visitor):
    port = visitor.mailbox.smtp_port

    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        smtp.ehlo()
        smtp.mail("sightline@northgate.example")
        codes = {smtp.rcpt(f"p{number}@northmill.example")[0] for number in range(120)}

    assert 452 in codes or 421 in codes


def test_it_says_no_when_it_cannot_store(visitor):
    visitor.mailbox.boxes.mails.folder = visitor.mailbox.boxes.mails.folder / "gone"

    with pytest.raises(smtplib.SMTPDataError) as refused:
        visitor.mail(mail())

    assert refused.value.smtp_code == 452
