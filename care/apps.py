"""The registers as a Django app."""

from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "care"
    verbose_name = "帮扶台账"
