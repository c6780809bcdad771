from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "reynard.desk"
    label = "desk"
