from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Who works here, and the wall between customers."""

    name = "tenants"
