"""The engine as a Django app; it listens to the facts of the floor below."""

from django.apps import AppConfig

from base.facts import subscribe


class EngineConfig(AppConfig):
    name = "duties.engine"
    label = "engine"
    verbose_name = "应办引擎"

    def ready(self):
        from duties.engine import sweep  # models are loaded only now

        subscribe(sweep.fact_changed, before=sweep.take_turn)
