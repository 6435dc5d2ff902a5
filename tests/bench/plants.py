"""Made-up plants of any size for benches: Purdue levels, shared passwords, vendors.

The shape is a guess that looks like a plant: sites of 5 000 assets with an office, a
DMZ, operations and cells of 25; about 1.6 facts an asset and 5.7 steps a fact.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from exposure.logic.paths.graph import NONE, SOURCE, Graph, indexed, keys_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SITE = 5_000
OFFICE, DMZ, OPERATIONS, CELL = range(4)
UNTIL = (0.35, 0.365, 0.45, 1.0)
"""The share of a site's assets up to each level."""
ZONE_SIZES = np.array([250, 10**9, 60, 25])
CELL_HOSTS, CELL_CONTROLLERS = 4, 12
"""Of a cell, the first four are hosts, up to the twelfth controllers, then devices."""
VENDORS_PER_SITE = 3
LEAST = 40


def plant_graph(assets: int, seed: int = 1) -> Graph:
    """Return the graph of a plant with so many assets (40 at least), one line a cell.

    The id of a cause is its kind and a number, "exploit:12"; kinds are phishing,
    exposed, vendor, tunnel, exploit, privilege, dump, login, conduit, protocol, pivot
    and session. Causes that many steps share: exposed, tunnel, exploit, privilege,
    login.
    """
    plant, steps = _Plant.of(assets), _Steps(np.random.default_rng(seed))
    _from_outside(plant, steps)
    _inside_a_zone(plant, steps)
    _passwords(plant, steps)
    _conduits(plant, steps)
    _cells(plant, steps)
    first, head, second, cause = (
        np.concatenate(part).astype(np.int32) for part in zip(*steps.rows, strict=True)
    )
    moves = first != head
    ids = tuple(steps.ids)
    return indexed(
        facts=plant.names(),
        cause_ids=ids,
        line_ids=tuple(f"line:{number}" for number in range(len(plant.cells))),
        first=first[moves],
        second=second[moves],
        head=head[moves],
        cause=cause[moves],
        origin=np.arange(moves.sum(), dtype=np.int32),
        chance=np.concatenate(steps.chances),
        width=steps.luck.choice([4.0, 8.0, 20.0, 50.0, 200.0], len(ids)),
        key=keys_of(ids),
        target=plant.line[plant.cells].astype(np.int32),
        points=steps.luck.choice([1.0, 3.0, 10.0, 30.0], len(plant.cells)),
    )


@dataclass
class _Plant:
    """Assets in the order of site, level and zone, and the numbers of their facts."""

    sites: int
    zone: Ints  # of each asset
    place: Ints  # of each asset in its zone
    level: Ints  # of each zone
    site: Ints  # of each zone
    start: Ints  # the first asset of each zone
    size: Ints  # of each zone

    @classmethod
    def of(cls, assets: int) -> "_Plant":
        sites = max(1, round(assets / SITE))
        number = np.arange(max(assets, LEAST))
        site = number * sites // len(number)
        first = np.searchsorted(site, np.arange(sites))
        size = np.bincount(site)
        part = (number - first[site] + 0.5) / size[site]
        level = np.searchsorted(np.array(UNTIL), part)
        group = site * 4 + level
        rank = number - np.searchsorted(group, np.arange(sites * 4))[group]
        _, start, zone = np.unique(
            group * 10**6 + rank // ZONE_SIZES[level],
            return_index=True,
            return_inverse=True,
        )
        return cls(
            sites=sites,
            zone=zone,
            place=number - start[zone],
            level=level[start],
            site=site[start],
            start=start,
            size=np.bincount(zone),
        )

    def __post_init__(self) -> None:
        """Number the facts: zones, lines, credentials, then those of each asset."""
        zones, vendors = len(self.level), self.sites * VENDORS_PER_SITE
        self.at = self.level[self.zone]
        in_cell = self.at == CELL
        self.is_host = ~in_cell | (self.place < CELL_HOSTS)
        self.is_controller = ~self.is_host & (self.place < CELL_CONTROLLERS)
        self.hosts = np.where(
            self.level == CELL, np.minimum(self.size, CELL_HOSTS), self.size
        )
        self.cells = np.flatnonzero(self.level == CELL)
        self.presence = 1 + np.arange(zones)
        self.line = self.presence + zones
        self.password = self.line + zones  # of the local administrator, per zone
        self.domain = 1 + 3 * zones
        self.site_admin = self.domain + 1 + np.arange(self.sites)
        self.vendor = self.domain + 1 + self.sites + np.arange(vendors)
        own = np.where(self.is_host, 2, 1)
        self.user = int(self.vendor[-1]) + 1 + np.cumsum(own) - own  # or control
        self.admin = self.user + own - 1
        self.facts = int(self.admin[-1]) + 1

    def names(self) -> tuple[str, ...]:
        names = [f"unused:{number}" for number in range(self.facts)]
        names[SOURCE], names[self.domain] = "net:internet", "credential:domain"
        rows = (
            ("zone", self.presence),
            ("line", self.line),
            ("password", self.password),
            ("site-admin", self.site_admin),
            ("vendor", self.vendor),
            ("control", self.user),
            ("user", np.where(self.is_host, self.user, SOURCE)),
            ("admin", np.where(self.is_host, self.admin, SOURCE)),
        )
        for kind, facts in rows:
            for number, fact in enumerate(facts):
                if fact != SOURCE:
                    names[fact] = f"{kind}:{number}"
        return tuple(names)

    def zones_at(self, site: int, level: int) -> Ints:
        return np.flatnonzero((self.site == site) & (self.level == level))


@dataclass
class _Steps:
    """Steps and causes as they are thought of."""

    luck: np.random.Generator
    rows: list[tuple[Ints, Ints, Ints, Ints]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    chances: list[Floats] = field(default_factory=list)

    def causes(self, kind: str, chances: Floats) -> Ints:
        """Return the numbers of new causes."""
        before = len(self.ids)
        self.ids += [
            f"{kind}:{number}" for number in range(before, before + len(chances))
        ]
        self.chances.append(chances)
        return np.arange(before, before + len(chances))

    def shared(self, kind: str, count: int, one: float, other: float) -> Ints:
        return self.causes(
            kind, np.clip(self.luck.beta(one, other, count), 0.003, 0.97)
        )

    def add(
        self, first: Ints, head: Ints, cause: Ints, second: Ints | None = None
    ) -> None:
        none = np.full(len(head), NONE)
        row = (np.broadcast_to(first, head.shape), head)
        self.rows.append((*row, none if second is None else second, cause))

    def own(
        self, kind: str, first: Ints, head: Ints, odds: tuple[float, float]
    ) -> None:
        """Add steps with a cause each."""
        self.add(first, head, self.shared(kind, len(head), *odds))

    def some(self, mask: NDArray[np.bool_], share: float) -> Ints:
        """Return about this share of the assets in `mask`, one at least."""
        among = np.flatnonzero(mask)
        picked = among[self.luck.random(len(among)) < share]
        return picked if len(picked) else among[:1]


def _from_outside(plant: _Plant, steps: _Steps) -> None:
    luck, source = steps.luck, np.array(SOURCE)
    mails = plant.user[steps.some(plant.at == OFFICE, 0.05)]
    steps.own("phishing", source, mails, (1.2, 14))
    products = steps.shared("exposed", 12, 1, 12)
    for level, share in ((OFFICE, 0.004), (DMZ, 0.1)):
        shown = plant.user[steps.some(plant.at == level, share)]
        steps.add(source, shown, luck.choice(products, len(shown)))
    steps.own("vendor", source, plant.vendor, (1.5, 20))
    tunnel = steps.shared("tunnel", len(plant.vendor), 4, 3)
    jump = np.repeat(np.flatnonzero(plant.at == DMZ), 2)
    cell = steps.some((plant.at == CELL) & (plant.place == 0), 0.06)
    open_to = plant.user[np.concatenate([jump, cell])]
    who = luck.integers(0, len(plant.vendor), len(open_to))
    steps.add(plant.vendor[who], open_to, tunnel[who])


def _inside_a_zone(plant: _Plant, steps: _Steps) -> None:
    luck, hosts = steps.luck, np.flatnonzero(plant.is_host)
    presence, certain = plant.presence[plant.zone], np.full(len(hosts), NONE)
    steps.add(plant.user[hosts], presence[hosts], certain)
    steps.add(plant.admin[hosts], plant.user[hosts], certain)
    fame = 1 / np.arange(1, 61)  # a few weaknesses are everywhere
    for level in range(4):
        here = plant.is_host & (plant.at == level)
        weak = steps.some(here, 0.6)
        flaws = steps.shared("exploit", 60, 0.8, 6)
        flaw = luck.choice(flaws, len(weak), p=fame / fame.sum())
        steps.add(presence[weak], plant.user[weak], flaw)
        flaws, all_here = steps.shared("privilege", 8, 2, 4), np.flatnonzero(here)
        steps.add(
            plant.user[all_here],
            plant.admin[all_here],
            luck.choice(flaws, len(all_here)),
        )
    for _ in range(6):
        steps.own("session", plant.user[hosts], _peers(plant, steps, hosts), (1.3, 9))


def _peers(plant: _Plant, steps: _Steps, hosts: Ints) -> Ints:
    zone = plant.zone[hosts]
    other = (steps.luck.random(len(hosts)) * plant.hosts[zone]).astype(np.int64)
    return plant.user[plant.start[zone] + other]


def _passwords(plant: _Plant, steps: _Steps) -> None:
    luck, presence = steps.luck, plant.presence[plant.zone]
    site = plant.site[plant.zone]
    reused = luck.random(len(plant.level)) < 0.6
    login = steps.shared("login", len(plant.level), 5, 3)
    same = np.flatnonzero(plant.is_host & reused[plant.zone])
    known = plant.password[plant.zone[same]]
    steps.own("dump", plant.admin[same], known, (4, 4))
    steps.add(known, plant.admin[same], login[plant.zone[same]], presence[same])
    upper, lower = plant.at <= DMZ, plant.is_host & (plant.at >= OPERATIONS)
    domain = np.full(len(plant.zone), plant.domain)
    for kept_on, share, where, credential, level_of in (
        (plant.at == OFFICE, 0.03, upper, domain, np.zeros_like(site)),
        (plant.at == OPERATIONS, 0.15, lower, plant.site_admin[site], site),
    ):
        kept = steps.some(kept_on, share)
        steps.own("dump", plant.admin[kept], credential[kept], (2, 5))
        members = np.flatnonzero(where)
        works = steps.shared("login", int(level_of.max()) + 1, 17, 3)
        steps.add(
            credential[members],
            plant.admin[members],
            works[level_of[members]],
            presence[members],
        )
    steps.own("dump", domain[: plant.sites], plant.site_admin, (2, 6))


def _conduits(plant: _Plant, steps: _Steps) -> None:
    luck = steps.luck
    pairs: list[tuple[int, int, int]] = []  # from zone, to zone, to how many assets
    for site in range(plant.sites):
        office, dmz, middle, cells = (plant.zones_at(site, each) for each in range(4))
        pairs += [(one, dmz[0], 3) for one in office]
        pairs += [(dmz[0], one, 4) for one in middle]
        pairs += [(middle[n % len(middle)], cell, 2) for n, cell in enumerate(cells)]
        pairs += [(one, other, 1) for one in office for other in luck.choice(office, 4)]
        elsewhere = luck.integers(0, plant.sites, 3)
        pairs += [(office[0], plant.zones_at(each, OFFICE)[0], 3) for each in elsewhere]
        if luck.random() < 0.15:  # a rule that nobody wrote down
            pairs.append((office[0], middle[0], 2))
    one, other, count = np.array(pairs).T
    zone, into = np.repeat(one, count), np.repeat(other, count)
    host = (luck.random(len(into)) * plant.hosts[into]).astype(np.int64)
    head = plant.user[plant.start[into] + host]
    steps.own("conduit", plant.presence[zone], head, (1.2, 8))


def _cells(plant: _Plant, steps: _Steps) -> None:
    luck = steps.luck
    field_level = np.flatnonzero(~plant.is_host)
    zone, control = plant.zone[field_level], plant.user[field_level]
    steps.own("protocol", plant.presence[zone], control, (2, 3))
    panel = plant.admin[plant.start[zone] + field_level % 3]
    steps.own("protocol", panel, control, (5, 3))
    steps.own("pivot", control, plant.presence[zone], (1, 30))
    for _ in range(5):
        other = field_level[(np.arange(len(zone)) + luck.integers(1, 8)) % len(zone)]
        near = plant.zone[other] == zone
        steps.own("session", control[near], plant.user[other[near]], (1.3, 9))
    controllers = np.flatnonzero(plant.is_controller)
    lines = plant.line[plant.zone[controllers]]
    steps.add(plant.user[controllers], lines, np.full(len(lines), NONE))
