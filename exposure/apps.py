from django.apps import AppConfig


class ExposureConfig(AppConfig):
    """What can be attacked, and is it true."""

    name = "exposure"
