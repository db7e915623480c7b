"""``adopt_policy ORG_CODE PACK [--since DATE] [--json]``: an organisation and all below it follow a pack."""

from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone

from base.commands import Answer, AnsweringCommand, day_argument
from base.dates import today
from duties.notices.decisions import tell
from duties.notices.models import Decision
from duties.policy.adoption import AdoptionRefused
from duties.policy.deciding import adopt_policy
from duties.policy.packs import PackRefused, load_pack
from members.models import Organisation


class Command(AnsweringCommand):
    help = "让党组织采用一个制度包（默认自今天起；首次采用即为启用日）"

    def add_arguments(self, parser):
        parser.add_argument("org_code", metavar="ORG_CODE", help="党组织编码")
        parser.add_argument("pack", metavar="PACK", help="制度包名称")
        parser.add_argument("--since", type=day_argument, metavar="DATE", help="自哪天起，默认今天")

    def answer(self, *, org_code, pack, since, **_options):
        day = today()
        organisation = Organisation.objects.filter(code=org_code).first()
        if organisation is None:
            raise CommandError(f"没有编码为 {org_code} 的党组织。请先导入党组织，或核对编码。")
        try:
            policy = load_pack(pack)
            about = {"by": None, "organisation": organisation, "policy": policy, "today": day}
            with transaction.atomic():
                adoption, *_ = adopt_policy(since=since or day, **about)
                tell(Decision.Act.ADOPT, on=adoption.since, now=timezone.now(), **about)
        except (PackRefused, AdoptionRefused) as refused:
            raise CommandError(str(refused)) from refused
        organisation.refresh_from_db()
        rules = policy.rules.count()
        document = {
            "organisation": organisation.code, "policy": policy.code, "since": adoption.since,
            "start_day": organisation.start_day, "rules": rules,
        }  # fmt: skip
        said = f"{organisation.label}自 {adoption.since} 起采用{policy.title}，共 {rules} 条规则；"
        return Answer(document, [f"{said}启用日 {organisation.start_day}。下一次巡检（sweep）起生成应办事项。"])
