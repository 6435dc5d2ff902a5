from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    """Who must act, who agreed, is it fixed."""

    name = "workflows"
