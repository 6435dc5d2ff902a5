"""What pages with figures say when these are not those of the plant as it is now."""

from dataclasses import dataclass

from django.utils import dateformat, timezone

from exposure.services.standing import Standing, standing


@dataclass(frozen=True, slots=True)
class Notice:
    """One alert; see components/_alert.html."""

    kind: str
    strong: str
    text: str


def notices() -> list[Notice]:
    """Return what to say above the figures; nothing when they are those of now."""
    return notices_of(standing())


def notices_of(now: Standing) -> list[Notice]:
    """Return the alerts for how the figures stand."""
    shown, again = _shown(now), " anew" if now.number else ""
    if now.refused:
        return [Notice("now", "The plant cannot be counted.", f"{now.refused} {shown}")]
    if now.is_looked_at:
        text = f"The figures are counted{again} when it is over. {shown}"
        return [Notice("", "A run is looking at the plant.", text)]
    if now.is_due:
        text = f"Something has changed since. {shown}" if again else shown
        return [Notice("", f"The figures are being counted{again}.", text)]
    return []


def _shown(now: Standing) -> str:
    if now.number is None or now.at is None:
        return "There are no figures yet."
    day = dateformat.format(timezone.localtime(now.at), "j F, H:i")
    return f"The figures are of revision {now.number} of {day}."
