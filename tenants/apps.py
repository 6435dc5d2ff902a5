from django.apps import AppConfig
from django.contrib.auth.password_validation import get_default_password_validators


class TenantsConfig(AppConfig):
    """Who works here, and the wall between customers."""

    name = "tenants"

    def ready(self) -> None:
        """Stop the start when the list of leaked passwords cannot be read."""
        get_default_password_validators()
