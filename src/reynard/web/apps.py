from django.apps import AppConfig


class WebConfig(AppConfig):
    """Templates and static files of the pages; no tables (those are the desk's)."""

    name = "reynard.web"
    label = "web"
