"""Niagara Fox: say hello and read the station's hello. No sign-in follows.

Source: public recordings of the hello (nmap's fox-info, zgrab2). Ours names no host and
no address. Tested on recordings only.
"""

from collections.abc import Sequence

from exposure.probes.base import (
    ECHO,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Target,
    echoes,
    heard,
)
from exposure.probes.dialer import Dialer
from exposure.probes.text import visible
from exposure.probes.tls import any_tls

HELLO = b"fox a 1 -1 fox hello\n{\nfox.version=s:1.0\nid=i:1\n};;\n"
END = b"};;"
LONGEST = 16 * 1024
ANSWER, GREETING = b"fox a ", b"fox hello"
FIELDS = {
    b"app.name": "application",
    b"app.version": "version",
    b"brandId": "brand",
    b"fox.version": "fox_version",
    b"hostId": "serial",
    b"hostName": "host_name",
    b"os.name": "os",
    b"os.version": "os_version",
    b"station.name": "station",
    b"vm.version": "vm_version",
}


async def run_plain(target: Target, *, dialer: Dialer) -> None:
    """Say hello over TCP and read the answer."""
    async with dialer.connect(target) as line:
        await line.send(HELLO)
        await line.until(END, LONGEST)


async def run_over_tls(target: Target, *, dialer: Dialer) -> None:
    """Say hello over TLS, whatever the certificate, and read the answer."""
    async with dialer.connect(target, tls=any_tls()) as line:
        await line.send(HELLO)
        await line.until(END, LONGEST)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return what the station says about itself before anybody signs in."""
    if echoes(exchanges):
        return ECHO
    first, _, rest = heard(exchanges).partition(b"\n")
    if not first.startswith(ANSWER):
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"vendor": "Tridium", "product": "Niagara"}
    if not first.strip().endswith(GREETING):
        facts["hello_refused"] = True
        return Parsed(Outcome.IDENTIFIED, "L1", facts)
    for each in rest.partition(END)[0].split(b"\n"):
        name, _, typed = each.partition(b"=")
        _, colon, value = typed.partition(b":")
        if colon and name.strip() in FIELDS and value.strip():
            facts[FIELDS[name.strip()]] = visible(value.strip())
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


PROBE = Probe(
    name="fox",
    version=1,
    ports=(1911,),
    is_ot=True,
    messages=(HELLO,),
    run=run_plain,
    parse=parse,
)
PROBE_TLS = Probe(
    name="foxs",
    version=1,
    ports=(4911,),
    is_ot=True,
    messages=(HELLO,),
    run=run_over_tls,
    parse=parse,
)
