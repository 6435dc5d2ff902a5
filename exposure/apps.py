from django.apps import AppConfig
from django.conf import settings

from exposure.probes.identity import ABOUT_PATH, Identity


class ExposureConfig(AppConfig):
    """What can be attacked, and is it true."""

    name = "exposure"

    def ready(self) -> None:
        """Let web requests of the probes name the page that says who we are."""
        Identity.about = f"{settings.SITE_URL}{ABOUT_PATH}"
