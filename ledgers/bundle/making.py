"""Making a bundle: every file in its order, each said to the progress, the table of contents and the list at the end.

Folders and names are the same whenever the same is asked for. What is in it, and in which order, follows the order in
which inspectors ask: policies, what was done for each clause, ledgers, the fund's papers, what is missing.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from base import audit
from base.jobs import Progress, Result, Work
from base.papers import write_paper
from base.writing import Format, Heading, Sheet, write_workbook
from ledgers.bundle import clauses, gaps
from ledgers.bundle.archive import Archive
from ledgers.bundle.asked import Asked, asked_again
from ledgers.bundle.papers import sections
from ledgers.bundle.postings import postings
from ledgers.bundle.summary import TITLE, summary_sheet
from ledgers.bundle.verifying import subject_of
from ledgers.extract import export
from members.jobs import asker

POLICIES, EVIDENCE, LEDGERS = "01 制度文件", "02 条款佐证", "03 台账"
CONTENTS, SUMMARY, GAPS = "00 目录", f"16 {TITLE}", "99 缺项清单"
LISTED = (
    Heading("序号", 6, Format.NUMBER), Heading("文件", 48), Heading("迎检清单", 26), Heading("内容", 46),
    Heading("数量", 34),
)  # fmt: skip
NOTHING = "期间内没有"
MASKED = "谈话内容、身份证号和电话的中间几位、只给部分同志看的列和敏感事由不在包里。"
SENSITIVE = "属敏感事项，检查需要时生成不脱敏的一份"
SAID = "只含提出人能看的；{}校验清单.json 列出每个文件的 SHA-256。"
CHECKLIST = {
    CONTENTS: "00 目录及数据截至时间", POLICIES: "01 制度文件", "members": "02 党员名册",
    "difficulty": "03 困难党员台账", "difficulty-national": "03 困难党员台账", "elderly": "04 老党员台账",
    "injured": "05 因公伤残台账", "household": "06 因公殉职家庭", "talks": "07 谈心谈话台账",
    "requests": "08 约谈登记", "visits": "09 走访慰问台账", "campaigns": "09 慰问金签领表", "pairing": "10 结对帮扶",
    "leader": "11 领导联系党员", "contact-points": "11 领导联系党员", "honours": "12 表彰奖励",
    "selections": "12 表彰奖励", "selection-notices": "12 表彰奖励", "07 评选公示及结果": "12 表彰奖励",
    "political-birthdays": "13 政治生日", "oaths": "13 政治生日", "fifty-years": "14 光荣在党50年",
    "applications": "15 专项资金", "payments": "15 专项资金", "fund-books": "15 专项资金",
    "statements": "15 专项资金", "notices": "15 专项资金", "04 资金申请": "15 专项资金", "05 会议研究": "15 专项资金",
    "06 公示及结果": "15 专项资金", SUMMARY: "16 年度工作汇总", GAPS: "99 缺项清单",
}  # fmt: skip
"""Which item of the usual list of an inspection a folder, a ledger by its code or a file answers."""
_EVERY = 500


@dataclass
class _Making:
    """A bundle while it is made: what was written, and how far it is."""

    asked: Asked
    archive: Archive
    progress: Progress
    total: int
    lines: list[list] = field(default_factory=list)

    def add(
        self, folder: str, name: str, said: str, amount: str, write: Callable[[BinaryIO], object], *, item: str = ""
    ) -> str:
        """Write one file and enter it in the table of contents; returns where it lies.

        :param item: the key of :data:`CHECKLIST`; else the folder is.
        """
        self.progress(folder or name, len(self.lines), self.total)
        place = self.archive.add(folder, name, ".xlsx", write)
        self.enter(place, item or folder or name, said, amount)
        return place

    def enter(self, place: str, item: str, said: str, amount: str) -> None:
        self.lines.append([len(self.lines) + 1, place, CHECKLIST.get(item, ""), said, amount])

    def sheet(self, folder: str, name: str, said: str, amount: str, sheet: Sheet) -> None:
        self.add(folder, name, said, amount, partial(write_workbook, sheet))

    def watched(self, rows: Iterable) -> Iterator:
        """The rows, while a wish to stop is heard among them."""
        for number, row in enumerate(rows):
            if number % _EVERY == 0:
                self.progress.check()
            yield row


def make(work: Work) -> Result:
    """Write the bundle into the work's file. The audit knows of it before its first file, and keeps its digest.

    :raises PermissionDenied: as :func:`ledgers.bundle.asked.asked_again`.
    """
    work.progress("数一数有多少")
    asked = asked_again(asker(work.account), work.parameters, work.now)
    number = secrets.randbelow(9 * 10**11) + 10**11
    facts = {
        "organisation": asked.organisation.pk, "first": str(asked.first), "last": str(asked.last),
    }  # fmt: skip
    if asked.whole:
        facts["unmasked"] = True
    audit.write(audit.Act.EXPORT, subject_of(number), reason=asked.reason, **facts)
    papers = [*sections(asked), postings(asked)]
    total = 4 + 2 * len(asked.policies) + len(asked.ledgers) + sum(each.rows.count() for each in papers)
    with Archive(work.file, asked.at) as archive:
        making = _Making(asked, archive, work.progress, total)
        _policies(making)
        _evidence(making)
        files = _ledgers(making)
        for section in papers:
            _forms(making, section)
        summary = summary_sheet(asked, files)
        said = "人次、金额、覆盖率，每个数写明出处"
        making.sheet("", SUMMARY, said, f"{len(summary.rows) - 1} 个数", summary)
        missing = gaps.gaps(asked).count()
        making.sheet("", GAPS, gaps.RULE, f"{missing:,} 件", gaps.gap_sheet(asked, making.watched))
        _contents(making)
        count = len(archive.files)
        digest = archive.close(
            number=number, title=asked.title, organisation=asked.organisation.name, code=asked.organisation.code,
            first=str(asked.first), last=str(asked.last), as_of=asked.as_of, made_by=asked.account.person.name,
            masked=not asked.whole, warning=asked.warning,
        )  # fmt: skip
    audit.write(audit.Act.EXPORT, subject_of(number), reason=asked.reason, manifest=digest, files=count, **facts)
    return Result(
        file_name=asked.file_name, answer={"files": count, "digest": digest, "number": number, "gaps": missing}
    )  # fmt: skip


def _policies(making: _Making) -> None:
    asked = making.asked
    count = f"{len(asked.policies)} 项" if asked.policies else "这个期间没有采用的制度"
    said = "期间内在本组织、上级或下级执行的制度，从什么时候起采用"
    making.sheet(POLICIES, "00 制度文件清单", said, count, clauses.policy_list(asked))
    for number, each in enumerate(asked.policies, 1):
        rules = sum(len(line.rules) for line in each.clauses)
        name = f"{number:02} {clauses.name_of(each.policy)}"
        amount = f"{len(each.clauses)} 条，{rules} 条规则"
        making.sheet(POLICIES, name, "条款要点和约束本组织的规则", amount, clauses.rule_sheet(asked, each))


def _evidence(making: _Making) -> None:
    asked = making.asked
    for number, each in enumerate(asked.policies, 1):
        done, gap = (sum(getattr(line.figures, name) for line in each.clauses) for name in ("done", "gap"))
        name = f"{number:02} {clauses.name_of(each.policy)}"
        amount = f"办结 {done:,} 件，缺项 {gap:,} 件"
        making.sheet(EVIDENCE, name, "条款→做了什么→佐证→缺项", amount, clauses.matrix_sheet(asked, each))


def _ledgers(making: _Making) -> dict[str, str]:
    """Write every ledger; returns where each lies, by its code."""
    files = {}
    for number, ledger in enumerate(making.asked.ledgers, 1):
        extract = making.asked.extract(ledger)
        amount = "，".join(extract.totals) if extract.count else NOTHING
        write = partial(export, extract, watch=making.watched)
        said = re.split("[，；。]", ledger.period)[0]
        files[ledger.code] = making.add(LEDGERS, f"{number:02} {ledger.title}", said, amount, write, item=ledger.code)
    for ledger in making.asked.withheld:
        making.enter(f"（{ledger.title}）", ledger.code, SENSITIVE, "不在这一份里")
    return files


def _forms(making: _Making, section) -> None:
    count = 0
    for form in section.each(making.asked):
        count += 1
        making.add(section.folder, form.name, form.paper.title, form.said, partial(write_paper, form.paper))
    if not count:
        making.enter(f"{section.folder}/", section.folder, "", NOTHING)


def _contents(making: _Making) -> None:
    asked, lines = making.asked, making.lines
    rows = [*lines, [None, "", "", SAID.format("" if asked.whole else MASKED), ""]]
    sheet = Sheet(
        f"{asked.organisation.label}党内关怀帮扶迎检包目录", asked.organisation.name, asked.period, asked.as_of,
        LISTED, rows, filled_by=asked.account.person.name, signed_on=asked.reader.day,
        totals=["", "合计", "", "", f"{len(making.archive.files) + 1} 个文件"], warning=asked.warning,
    )  # fmt: skip
    making.progress(CONTENTS, len(lines), making.total)
    making.archive.add("", CONTENTS, ".xlsx", partial(write_workbook, sheet))


def check(number: int, parameters: dict) -> None:
    """:raises PermissionDenied: for an account that may not have this bundle now."""
    asked_again(asker(number), parameters, None)
