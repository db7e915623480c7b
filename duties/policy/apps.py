"""Policy as a Django app."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "duties.policy"
    label = "policy"
    verbose_name = "制度"
