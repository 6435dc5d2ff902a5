from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Template tags and helpers without a word of our domain."""

    name = "common"
