"""Notices as a Django app."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "duties.notices"
    label = "notices"
    verbose_name = "消息"
