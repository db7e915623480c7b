"""Members as a Django app; the numbers of members follow the facts."""

from django.apps import AppConfig

from base.facts import subscribe


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "党员与党组织"

    def ready(self):
        from members import counting  # models are loaded only now

        subscribe(counting.fact_changed, before=lambda alone: None)
