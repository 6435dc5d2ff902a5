"""A station on the internet with a validated finding, and a controller that signs in."""

from exposure.logic.grades import Grade
from exposure.logic.paths.snapshot import (
    AssetRow,
    Basis,
    CredentialRow,
    FindingRow,
    LineRow,
    PlantSnapshot,
    ServiceRow,
    VendorAccessRow,
    ZoneRow,
)

PLANT = PlantSnapshot(
    zones=(ZoneRow("office", "Office", 4), ZoneRow("cell", "Cell", 1)),
    lines=(LineRow("l", "Line 1", 10),),
    assets=(
        AssetRow("ews", "EWS", "office"),
        AssetRow("plc", "PLC", "cell", line_ids=("l",)),
    ),
    services=(
        ServiceRow("s1", "ews", 443),
        ServiceRow("s2", "plc", 22, "ssh", seen_from="office"),
    ),
    findings=(FindingRow("f", "SL-1", "ews", 443, "old", Grade.E4),),
)
ADMIN = CredentialRow(
    "k", "Admin", held_on=("ews",), opens=("plc",), shared=True, basis=Basis.IMPORTED
)
PUMPS = VendorAccessRow("v", "Pumpwright", "cell", basis=Basis.IMPORTED)
