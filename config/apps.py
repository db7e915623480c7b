"""The composition root as a Django app: it holds the demo's command, tells the clock how workers are nudged, and makes
strangers tell each other what a page of one needs of another.
"""

from django.apps import AppConfig
from django.conf import settings


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "总装"

    def ready(self):
        from base.clock import on_nudge  # models are loaded only now
        from config import checks  # noqa: F401  registers itself
        from config.celery import Nudger
        from duties.notices import outcomes
        from fund.applying import helped
        from ledgers.reporting import acts, telling
        from visits import helping

        helped.GIVERS.append(helping.money_given)
        helped.LISTERS.append(helping.running_lists)
        outcomes.TELLERS[acts.SOURCE] = telling.told

        if settings.REDIS_URL:
            on_nudge(Nudger())
