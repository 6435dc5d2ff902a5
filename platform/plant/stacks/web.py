"""Web front ends: aiohttp serves one page per host, with the product's own words."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from plant.certificates import Wanted, key_pair, server_context
from plant.stacks import Place

PAGES = Path(__file__).parent.parent / "pages"
DOMAIN = "thornby.northmill.example"


@dataclass(frozen=True)
class Site:
    """What one web front end says."""

    page: str
    server: str
    cookie: str = ""
    login_page: str = ""
    """Served with status 401 instead of `page` while the site is guarded."""
    certificate: Wanted | None = None
    oldest_tls: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2


SITES = {
    "VPN-GW-01": Site(
        page="vpn-gw-01.html",
        server="Pulse Secure",
        cookie="DSSIGNIN=url_default; path=/dana-na/; secure",
        certificate=Wanted(
            f"vpn.{DOMAIN}",
            (f"vpn.{DOMAIN}", f"remote.{DOMAIN}"),
            issuer="Northmill Issuing CA 1",
            from_day=-800,
            until_day=-70,
        ),
    ),
    "RTR-UTIL": Site(page="rtr-util.html", server="uhttpd"),
    "HMI-P2": Site(
        page="hmi-p2.html",
        server="SIMATIC HMI MiniWeb",
        login_page="hmi-p2-login.html",
        certificate=Wanted("HMI-P2", ("HMI-P2", "192.168.20.15"), until_day=3000),
        oldest_tls=ssl.TLSVersion.TLSv1,
    ),
    "WEB-01": Site(
        page="web-01.html",
        server="nginx/1.18.0",
        certificate=Wanted(
            f"suppliers.{DOMAIN}",
            (f"suppliers.{DOMAIN}",),
            issuer="Northmill Issuing CA 2",
        ),
    ),
    "HMI-F1": Site(page="hmi-f1.html", server="EasyWeb/2.0"),
}


@asynccontextmanager
async def serve(place: Place) -> AsyncIterator[None]:
    """Serve the host's page at every path, in the clear or over TLS."""
    site = SITES[place.host.key]
    app = web.Application()
    app.router.add_get("/{path:.*}", _handler(site, place))
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    context = _tls(site, place) if place.service.protocol == "https" else None
    try:
        await web.TCPSite(
            runner, place.address, place.port, ssl_context=context
        ).start()
        yield
    finally:
        await runner.cleanup()


def _handler(site: Site, place: Place) -> web.RequestHandler:
    page = site.login_page if place.guarded else site.page
    body = (PAGES / page).read_text()
    headers = {"Server": site.server, "Cache-Control": "no-store"}
    if site.cookie:
        headers["Set-Cookie"] = site.cookie

    async def handle(request: web.Request) -> web.Response:
        if request.path == "/favicon.ico":
            return web.Response(status=404, headers=headers)
        return web.Response(
            text=body,
            status=401 if place.guarded else 200,
            content_type="text/html",
            headers=headers,
        )

    return handle


def _tls(site: Site, place: Place) -> ssl.SSLContext:
    if site.certificate is None:
        message = f"{place.host.key} has no certificate but shall serve https."
        raise ValueError(message)
    pair = key_pair(place.state.certificates, place.host.key, site.certificate)
    return server_context(pair, oldest=site.oldest_tls)
