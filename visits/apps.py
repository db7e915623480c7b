"""Visits as a Django app."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = "谈心谈话与走访慰问"
