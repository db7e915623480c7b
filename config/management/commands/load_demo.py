"""``load_demo [--json]``: the invented committee of the demo, with dates relative to today. Twice changes nothing."""

from dataclasses import asdict

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from base.commands import Answer, AnsweringCommand
from base.dates import today
from config.demo.load import DemoRefused, load


class Command(AnsweringCommand):
    help = "装入演示数据（虚构的党委、党员和一年的工作，日期相对今天）；再次执行不改变任何内容"

    def answer(self, **_options) -> Answer:
        """:raises CommandError: outside demo mode and development, where people are real."""
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError(
                "演示数据只能装在演示或开发环境里。请设 DJANGO_DEMO=1 或 DJANGO_DEBUG=1，并用单独的数据库。"
            )
        try:
            loaded = load(today=today(), now=timezone.now())
        except DemoRefused as refused:
            raise CommandError(str(refused)) from refused
        said = "演示数据已装入" if loaded.fresh else "演示数据早已装入，没有重装"
        lines = [
            f"{said}：党组织 {loaded.organisations} 个，党员 {loaded.members} 名，事由 {loaded.events} 件，"
            f"记录 {loaded.records} 条，应办事项 {loaded.duties} 件。",
            f"可登录的账号：{'、'.join(loaded.accounts)}。",
        ]
        return Answer(asdict(loaded), lines)
