"""The foundation as a Django app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class BaseConfig(AppConfig):
    name = "base"
    verbose_name = "基础"

    def ready(self):
        autodiscover_modules("jobs")  # each app declares its kinds of long work there
