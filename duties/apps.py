"""The pages of the nucleus as a Django app."""

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "duties"
    verbose_name = "应办事项"
