from django.apps import AppConfig


class InstallationConfig(AppConfig):
    """The installation: settings, commands and the demo."""

    name = "config"
    label = "installation"
