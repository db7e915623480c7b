"""``coverage_reference [--check] [--json]``: write ``docs/coverage.md``, or say why it would fail."""

from django.conf import settings
from django.core.management.base import CommandError
from django.urls import get_resolver

from base.commands import Answer, AnsweringCommand
from duties.policy.coverage import Ground, document, faults, scenario_file
from duties.policy.packs import pack_codes, shipped_packs


class Command(AnsweringCommand):
    help = "写 docs/coverage.md：每份文件的每一条由什么落实（--check 只检查，不写入）"

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="文件过期，或者写到的页面、测试不存在，就失败")

    def answer(self, *, check, **_options):
        shipped, refused = shipped_packs()
        if refused:
            raise CommandError("；".join(refused.values()))
        packs, ground = list(shipped.values()), _ground()
        file, text = settings.BASE_DIR / "docs" / "coverage.md", document(packs, ground)
        found = list(faults(packs, ground)) if check else []
        if not check:
            file.write_text(text, encoding="utf-8")
        elif not file.is_file() or file.read_text(encoding="utf-8") != text:
            found.append("docs/coverage.md is stale: run manage.py coverage_reference")
        rules = sum(len(pack.rules) for pack in packs)
        lines = found or [f"docs/coverage.md：{len(packs)} 份文件，{rules} 条规则。"]
        return Answer({"packs": len(packs), "rules": rules, "faults": found}, lines, failed=bool(found))


def _ground() -> Ground:
    """The repository as it lies here."""
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    root, scenarios = settings.BASE_DIR, {}
    for code in pack_codes():
        file = root / scenario_file(code)
        scenarios[code] = file.read_text(encoding="utf-8") if file.is_file() else ""
    forms = {action: name for action, (name, *_label) in settings.ACTION_FORMS.items()}
    return Ground(names.__contains__, lambda path: (root / path).is_file(), scenarios, forms)
