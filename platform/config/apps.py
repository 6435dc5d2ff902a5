from importlib import import_module

from django.apps import AppConfig


class InstallationConfig(AppConfig):
    """The installation: settings, commands and the demo."""

    name = "config"
    label = "installation"

    def ready(self) -> None:
        """Make our Celery app the current one; it needs the settings to be there."""
        import_module("config.celery")
