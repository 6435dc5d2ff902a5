"""What is reached from outside although nobody knows a weakness of it."""

from exposure.models import Finding, Line
from exposure.services import rebuild
from tenants.models import User
from tests import factories
from tests.exposure.views.conftest import Visit


def test_what_is_reached_with_nothing_known_is_listed_and_the_rest_counted(
    visit: Visit, otto: User, paths: Line
) -> None:
    service = Finding.objects.get(asset__name="HMI-F1").service
    for number in range(12):
        camera = factories.make_asset(service.asset.zone, f"CAM-{number:02}")
        for port in (8000, 554):
            factories.make_service(
                camera, service.first_run, port=port, address=f"127.77.1.{100 + number}"
            )
    rebuild.rebuild_paths()

    response = visit(otto, "paths/")

    unknown, page = response.context["unknown"], response.content.decode()
    assert (len(unknown.rows), unknown.more) == (10, 2)
    first = unknown.rows[0]
    assert (first.name, first.ports, first.reached) == (
        "CAM-00",
        "port 554, 8000",
        "1",
    )
    assert "nothing known about it" in page
    assert "and 2 more assets." in page
    assert f'href="{first.onward_url}"' in page


def test_where_all_that_is_reached_is_known_nothing_is_listed(
    visit: Visit, otto: User, paths: Line
) -> None:
    assert "nothing known about it" not in visit(otto, "paths/").content.decode()
