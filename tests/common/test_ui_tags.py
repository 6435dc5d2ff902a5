"""What the template tags show for codes, names, times and numbers."""

import datetime as dt
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from common.templatetags import ui
from common.words import ACT, ANSWER, BASIS, GRADE, PROOF, UnknownWord

HOSTILE = '<script>alert("PLC")</script>'
BERLIN = ZoneInfo("Europe/Berlin")


def show(source: str, **context: object) -> str:
    """Render one line of template with our tags loaded, in Berlin time."""
    with timezone.override(BERLIN):
        return Template("{% load ui %}" + source).render(Context(context))


@pytest.mark.parametrize("code", ACT)
def test_it_shows_when_to_act_as_a_mark_and_a_word(code: str) -> None:
    html = show("{% act code %}", code=code)

    assert "<svg" in html
    assert ACT[code].label in html


def test_it_keeps_the_word_for_screen_readers_when_another_text_is_seen() -> None:
    html = show("{% act 'immediate' 'In 4 steps' %}")

    assert '<span class="vh">Now: </span>In 4 steps' in html


def test_it_says_not_set_when_nobody_has_decided_when_to_act() -> None:
    assert "not set" in show("{% act '' %}")


@pytest.mark.parametrize(("tag", "words"), [("grade", GRADE), ("basis", BASIS)])
def test_it_shows_how_sure_we_are_as_a_disc_and_a_word(
    tag: str, words: dict[str, object]
) -> None:
    shown = {code: show(f"{{% {tag} code %}}", code=code) for code in words}

    assert len(set(shown.values())) == len(words)
    assert all("<svg" in html for html in shown.values())


def test_it_has_the_same_words_for_a_step_as_for_grade_and_basis() -> None:
    assert dict(PROOF) == {**GRADE, **BASIS}


def test_it_refuses_a_code_without_a_word() -> None:
    with pytest.raises(UnknownWord, match=r"'E9'.*E4"):
        show("{% grade 'E9' %}")


@pytest.mark.parametrize("code", ANSWER)
def test_it_shows_each_answer_as_a_mark_and_a_word(code: str) -> None:
    html = show("{% pair signoffs %}", signoffs={"it": code, "ot": "waiting"})

    assert ANSWER[code].mark in html
    assert ANSWER[code].label in html


def test_it_counts_the_slots_beyond_it_and_ot() -> None:
    html = show("{% pair s %}", s={"it": "signed", "ot": "signed", "safety": "waiting"})

    assert "+1" in html


def test_it_takes_a_missing_side_as_not_needed() -> None:
    assert "not needed" in show("{% pair s %}", s={"it": "signed"})


@pytest.mark.parametrize(
    ("slot", "expected"),
    [
        ({"answer": "signed", "version": 3}, "version 3"),
        ({"answer": "waiting", "you": True}, "Waiting for you"),
        ({"answer": "stale", "version": 1}, "Signed an earlier version"),
        ({"answer": "rejected", "version": 3}, "Rejected"),
        ({"answer": "na"}, "Not needed"),
    ],
)
def test_it_stamps_each_answer(slot: dict[str, object], expected: str) -> None:
    person = {"name": HOSTILE, "at": None, "wanted_by": None, "you": False}

    html = show("{% stamp slot %}", slot=SimpleNamespace(**person | slot))

    assert expected in html
    assert "<script" not in html


@pytest.mark.parametrize(
    "source",
    [
        "{% asset name %}",
        "{% asset name '/w/northmill/plant/' %}",
        "{{ name|whole_names }}",
        "{% act 'immediate' name %}",
        "{% include 'components/_spark.html' with title=name chart=name %}",
        "{% include 'components/_step_chart.html' with title=name %}",
        "{% include 'components/_alert.html' with strong=name text=name %}",
        "{% include 'components/_empty.html' with title=name text=name %}",
        "{% nav_item '/' name 3 %}",
    ],
)
def test_it_escapes_hostile_text(source: str) -> None:
    html = show(source, name=HOSTILE)

    assert "<script" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "//evil.example", "x"])
def test_it_links_an_asset_only_to_a_path_of_this_site(url: str) -> None:
    assert "href" not in show("{% asset 'PLC-P21' url %}", url=url)


def test_it_keeps_asset_tags_in_a_sentence_whole() -> None:
    html = ui.whole_names("VPN-GW-01 opens re-tested PLC-P21, X-ray")

    assert html == (
        '<span class="nowrap">VPN-GW-01</span> opens re-tested '
        '<span class="nowrap">PLC-P21</span>, X-ray'
    )


def test_it_shows_a_time_in_the_local_zone_with_the_zone_in_the_title() -> None:
    year = timezone.localdate().year
    moment = dt.datetime(year, 11, 22, 21, 0, 14, tzinfo=dt.UTC)

    html = show("{% when moment %}", moment=moment)

    assert f"22 November {year}, 22:00:14 CET (Europe/Berlin)" in html
    assert "22 Nov, 22:00</time>" in html


@pytest.mark.parametrize(
    ("style", "shown"),
    [("", "Sat 25 Nov 2023, 03:04"), ("day", "Sat 25 Nov 2023"), ("clock", "03:04:05")],
)
def test_it_names_the_year_when_it_is_not_this_one(style: str, shown: str) -> None:
    moment = dt.datetime(2023, 11, 25, 3, 4, 5, tzinfo=BERLIN)

    html = show("{% when moment style %}", moment=moment, style=style)

    assert f">{shown}</time>" in html


def test_it_shows_a_plain_date_and_a_missing_time() -> None:
    assert "Sat 25 Nov 2023" in show("{% when d %}", d=dt.date(2023, 11, 25))
    assert "not set" in show("{% when d %}", d=None)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(19.2, "19.2"), (0, "0.0"), (-0.01, "0.0"), (None, "–"), (float("nan"), "–")],  # noqa: RUF001 - the dash is what is shown
)
def test_it_shows_units_with_one_decimal(value: float | None, shown: str) -> None:
    assert ui.units(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.24, "0.2 s"),
        (4, "4 s"),
        (190, "3 min 10 s"),
        (3600, "1 h"),
        (5430.4, "1 h 30 min"),
        (dt.timedelta(days=19), "19 d"),
        (dt.timedelta(days=1, hours=3, seconds=5), "1 d 3 h"),
        (-1, "–"),  # noqa: RUF001 - the dash is what is shown
        (float("inf"), "–"),  # noqa: RUF001 - the dash is shown
        (None, "–"),  # noqa: RUF001 - the dash is shown
    ],
)
def test_it_shows_a_length_of_time_in_two_parts(
    value: float | dt.timedelta | None, shown: str
) -> None:
    assert ui.duration(value) == shown


def test_it_groups_the_digits_of_an_amount() -> None:
    assert ui.amount(24000) == "24\N{NO-BREAK SPACE}000"


def test_it_shows_both_ends_of_a_hash() -> None:
    assert ui.fingerprint("9f2c" + "0" * 56 + "41be") == "9f2c…41be"


class ReasonForm(forms.Form):
    """One field that must be filled, one that may."""

    reason = forms.CharField(widget=forms.Textarea, help_text="IT sees it.")
    read = forms.BooleanField(required=False, label="I have read A")


def test_it_ties_errors_and_help_to_the_field() -> None:
    form = ReasonForm({"reason": ""})

    html = show("{% for bound in form %}{% field bound %}{% endfor %}", form=form)

    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_reason_helptext id_reason_error"' in html
    assert 'id="id_reason_error"' in html
    assert "This field is required." in html


def test_it_keeps_typed_text_and_escapes_it() -> None:
    form = ReasonForm({"reason": HOSTILE})

    html = show("{% for bound in form %}{% field bound %}{% endfor %}", form=form)

    assert 'data-keep="reason"' in html
    assert "<script" not in html


@pytest.mark.parametrize(("view", "marks"), [("exposure:runs", 1), ("x:y", 0)])
def test_it_marks_the_menu_entry_of_the_page(view: str, marks: int) -> None:
    request = RequestFactory().get("/")
    request.resolver_match = SimpleNamespace(view_name=view)  # type: ignore[assignment]

    html = show("{% nav_item '/' 'Runs' None 'exposure:runs' %}", request=request)

    assert html.count('aria-current="page"') == marks


def test_a_choice_of_many_is_a_group_with_a_name_and_a_label_each() -> None:
    class Form(forms.Form):
        may = forms.MultipleChoiceField(
            label="It may",
            choices=[("a", "Read"), ("b", "<Stop>")],
            widget=forms.CheckboxSelectMultiple,
        )

    html = show("{% field form.may %}", form=Form({"may": ["b"]}))

    assert "<legend" in html
    assert html.count('type="checkbox"') == html.count('class="check"') == 2
    assert html.count("checked") == 1
    assert "&lt;Stop&gt;" in html
