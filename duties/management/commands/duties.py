"""``duties --org CODE --on DATE [--all] [--json]``: the duties of a subtree as last swept."""

from django.core.management.base import CommandError

from base.commands import Answer, AnsweringCommand, day_argument
from duties.engine.models import Duty
from duties.engine.responsible import attach_responsible
from members.models import Organisation
from members.scope import path_end


class Command(AnsweringCommand):
    help = "列出一个党组织及其下级的应办事项（以最近一次巡检为准）"

    def add_arguments(self, parser):
        parser.add_argument("--org", required=True, metavar="CODE", help="党组织编码")
        parser.add_argument("--on", required=True, type=day_argument, metavar="DATE", help="哪一天")
        parser.add_argument("--all", action="store_true", help="连同已办结、免办、作废和尚未开始的")

    def answer(self, *, org, on, **options):
        organisation = Organisation.objects.filter(code=org).first()
        if organisation is None:
            raise CommandError(f"没有编码为 {org} 的党组织。请先导入党组织，或核对编码。")
        duties = Duty.objects.filter(path__gte=organisation.path, path__lt=path_end(organisation.path))
        if not options["all"]:
            duties = duties.open_on(on)
        found = list(duties.with_sources().select_related("actor").order_by("due_on", "path", "key", "pk"))
        documents = [_document(duty) for duty in attach_responsible(found, on)]
        lines = [
            f"{d['due_on']}  {d['member_name'] or d['organisation']}  {d['title']}  {d['policy']} {d['clause']}"
            f"  {d['responsible'] or '无人任职'}  {d['state']}"
            for d in documents
        ]
        return Answer(documents, [*lines, f"共 {len(lines)} 件。"])


def _document(duty: Duty) -> dict:
    rule = duty.rule
    return {
        "rule": rule.code, "title": rule.title, "mechanism": rule.mechanism, "policy": rule.policy.code,
        "clause": rule.clause.printed, "force": rule.get_force_display(), "organisation": duty.organisation.code,
        "member": duty.member_id, "member_name": duty.member and duty.member.name, "actor": duty.actor_id,
        "key": duty.key, "action": rule.action,
        "responsible": "、".join(person.name for person in duty.responsible) or None,
        "opens_on": duty.opens_on, "due_on": duty.due_on, "state": duty.state,
    }  # fmt: skip
