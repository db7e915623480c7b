"""The special care fund as a Django app."""

from django.apps import AppConfig


class FundConfig(AppConfig):
    name = "fund"
    verbose_name = "关怀帮扶资金"
