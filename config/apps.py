"""The composition root as a Django app: it holds the demo's command."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "总装"
