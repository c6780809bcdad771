from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "reynard.ops"
    label = "ops"
