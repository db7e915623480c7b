"""The pages that read policy: all policies, one, a rule, the text of a document beside the rules it causes."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from base.models import AuditRow
from duties.board import policies as board
from duties.board.phrases import who
from duties.board.sentences import counting, said, sentence
from duties.engine.models import Duty
from duties.policy.answers import ANSWERS, Answer
from duties.policy.documents import LONGEST
from duties.policy.models import Adjustment, Adoption, Clause, Document, Policy, Rule
from members.enums import EventKind, Role
from tests.duties.acts import happen, once_in, talk
from tests.duties.reading import body, plain
from tests.duties.rules import MEMBERS, a_rule
from tests.world import account, member, person, post

TODAY = date(2026, 11, 23)
ACT = AuditRow.Act
HOSTILE = "<script>alert(1)</script>"
TEXT = f"某委文件\n第一章 总则\n1. 第一条。\n这一段也属于它。\n６、坚持谈心谈话{HOSTILE}，每年一次。\n2. 荣誉激励。"


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary, "wang"))


@pytest.fixture
def clerk(world, sign_in):
    return sign_in(account(world.clerk, "lin"))


@pytest.fixture
def policy(world) -> Policy:
    found = Policy.objects.get()
    for clause in Clause.objects.order_by("pk"):
        clause.spec = {"begins": [f"{clause.code}. "], "mechanisms": ["M14"], "answers": {}}
        clause.save()
    return found


@pytest.fixture
def document(world, policy) -> Document:
    return Document.objects.create(
        policy=policy,
        organisation=world.committee,
        title="转发通知",
        number="某委〔2020〕1号",
        text=TEXT,
        attached_on=TODAY,
    )


def clause(code: str) -> Clause:
    return Clause.objects.get(code=code)


def rule(code: str) -> Rule:
    return Rule.objects.get(code=code)


def shown(browser, name: str, *args) -> str:
    return body(browser.get(reverse(name, args=args)))


# All policies


def test_all_policies_with_their_numbers_and_who_follows_them(world, clerk):
    Policy.objects.create(code="bare", title="无号办法", issuer="某学院党委", summary="自行归纳的一句话。")
    page = plain(shown(clerk, "policies"))
    assert "豫水组〔2020〕55号，2020-08-07" in page
    assert f"{Clause.objects.count()} 条 {Rule.objects.count()} 条规则 云河水文局党委，自 2026-01-01" in page
    assert "无号办法 （无文号） 自行归纳的一句话。 某学院党委 0 条 0 条规则 没有采用" in page


def test_what_is_followed_stands_first_and_what_has_no_day_last(world, clerk):
    for code, on in (("old", date(2001, 1, 1)), ("bare", None), ("new", date(2025, 1, 1))):
        Policy.objects.create(code=code, title=f"{code}办法", issuer="某学院党委", issued_on=on)
    page = shown(clerk, "policies")
    places = [page.index(title) for title in ("河南省水利厅", "old办法", "new办法", "bare办法")]
    assert places == sorted(places)


def test_who_records_is_led_to_the_talks_of_before_an_adoption(world, policy, secretary, sign_in):
    way = reverse("already_done", args=[Adoption.objects.get().pk])
    assert way in shown(secretary, "policy", policy.pk)
    assert way not in shown(sign_in(account(world.li)), "policy", policy.pk)
    Adoption.objects.update(until=date(2026, 11, 1))
    assert way not in shown(secretary, "policy", policy.pk)


def test_an_adoption_above_is_called_so_and_not_named(world, secretary):
    page = plain(shown(secretary, "policies"))
    assert "上级采用，自 2026-01-01" in page
    assert "云河水文局党委" not in page.partition("<main")[2]


def test_ones_own_adoption_is_named_and_an_ended_one_is_gone(world, secretary):
    Adoption.objects.update(organisation=world.branch)
    assert "河源第一党支部，自 2026-01-01" in plain(shown(secretary, "policies"))
    Adoption.objects.update(until=date(2026, 11, 1))
    assert "没有采用" in plain(shown(secretary, "policies"))
    assert "自 2026-01-01 到 2026-10-31" in plain(shown(secretary, "policy", Policy.objects.get().pk))


def test_adoptions_elsewhere_are_told_to_nobody_here(world, secretary):
    other = Policy.objects.create(code="other", title="别处的办法", issuer="别处")
    Adoption.objects.create(policy=other, organisation=world.other, since=date(2026, 1, 1))
    page = plain(shown(secretary, "policies"))
    assert "别处的办法" in page
    assert "外单位党委" not in page


@pytest.mark.parametrize("who", ["li", "secretary", "general_secretary", "outsider", "clerk"])
def test_everybody_signed_in_reads_policy(world, sign_in, who):
    browser = sign_in(account(getattr(world, who)))
    found = Policy.objects.get()
    for name, pk in (
        ("policies", None),
        ("policy", found.pk),
        ("rule", rule("yearly-talk").pk),
        ("clause", clause("6").pk),
    ):
        assert browser.get(reverse(name, args=[pk] if pk else [])).status_code == 200


def test_strangers_are_sent_to_the_sign_in_page(world, client):
    found, one = Policy.objects.get().pk, rule("yearly-talk").pk
    names = [("policies", []), ("policy", [found]), ("policy_document", [found]), ("policy_text", [found, 1]),
             ("rule", [one]), ("why_not", [one]), ("member_rules", [world.li.pk])]  # fmt: skip
    assert {client.get(reverse(name, args=args)).status_code for name, args in names} == {302}


def test_the_rail_leads_to_policy_and_so_does_a_members_own_page(world, secretary, sign_in):
    assert f'href="{reverse("policies")}"' in body(secretary.get("/me/"))
    assert f'href="{reverse("policies")}"' in body(sign_in(account(world.li)).get("/me/"))
    assert re.search(r'href="/policies/"[^>]*aria-current="page"', shown(secretary, "policies"))


# One policy


def test_clauses_stand_in_order_each_with_its_rules_as_sentences(world, secretary):
    page = plain(shown(secretary, "policy", Policy.objects.get().pk))
    places = [page.rindex(f"{each.printed} {each.heading}") for each in Clause.objects.order_by("position")]
    assert places == sorted(places)
    assert "每年，所在党组织的书记应当与每名正式党员和预备党员谈话至少 1 次。" in page
    assert "入党纪念日前 7 天 自定 起，当天到期" in page


def test_what_else_answers_a_clause_is_named_with_its_page_or_said_to_be_missing(
    world, policy, secretary, sign_in, monkeypatch
):
    monkeypatch.setitem(ANSWERS, "later", Answer("workflow", "还没有做的流程", issue=1))
    answers = {"M14": ["talks", "bonds-of-nobody", "ties"], "M55": ["later"], "M52": ["principle"]}
    spec = {"mechanisms": [*answers], "answers": answers}
    Clause.objects.filter(code="6").update(spec=spec)
    page = shown(secretary, "policy", policy.pk)
    assert f'<a href="{reverse("talks")}">谈心谈话记录</a>' in page
    assert "流程 还没有做的流程 尚未提供" in plain(page)
    assert "原则 原则性要求，不设时限" in plain(page)
    assert "联系关系" in plain(page)
    assert "谈心谈话记录" in plain(shown(secretary, "clause", clause("6").pk))
    assert f'<a href="{reverse("talks")}">' not in shown(sign_in(account(world.li)), "policy", policy.pk)


def test_a_page_that_answers_and_opens_only_to_who_records_is_no_link_for_others(world, policy, secretary, sign_in):
    Clause.objects.filter(code="6").update(spec={"mechanisms": ["M14"], "answers": {"M14": ["events"]}})
    inspector = person("郑督查")
    post(inspector, world.committee, Role.INSPECTOR)
    link = f'<a href="{reverse("event_new")}">事由登记</a>'
    assert link in shown(secretary, "policy", policy.pk)
    assert link not in shown(sign_in(account(inspector)), "policy", policy.pk)


def test_numbers_that_ones_own_organisation_adjusted_stand_in_place_of_the_packs(world, secretary, sign_in):
    one = rule("talk-on-transfer")
    for organisation, days in ((world.committee, 8), (world.general, 5), (world.sibling, 2)):
        Adjustment.objects.create(
            rule=one, organisation=organisation, since=date(2026, 6, 1), numbers={"within_days": days},
            basis="会议决定", entered_on=TODAY,
        )  # fmt: skip
    Adjustment.objects.create(
        rule=one, organisation=world.branch, since=date(2027, 1, 1), numbers={"within_days": 1}, entered_on=TODAY
    )
    page = plain(shown(secretary, "rule", one.pk))
    assert "后，从事由当天起 5 天内 自定 ，所在党组织的书记" in page
    assert "期限 5 天 自定 上级自 2026-06-01 起调整，会议决定" in page
    assert "河源第一党支部：期限 1 天 自 2027-01-01" in page
    assert "河源第二党支部" not in page
    assert "期限 2 天" not in page
    assert "5 天内谈话" in plain(shown(secretary, "clause", clause("6").pk))
    assert "河源第二党支部：期限 2 天 自 2026-06-01" in plain(
        shown(sign_in(account(world.general_secretary)), "rule", one.pk)
    )


def test_buttons_stand_only_where_their_page_does_and_the_reader_decides(
    world, policy, secretary, sign_in, monkeypatch
):
    real = board.address
    made = {"policy_adopt": "/adopt/", "rule_adjust": "/adjust/", "adoption_end": "/end/"}
    monkeypatch.setattr(board, "address", lambda name, *args: made.get(name) or real(name, *args))
    Adoption.objects.create(policy=policy, organisation=world.branch, since=date(2026, 2, 1))
    page = shown(secretary, "policy", policy.pk)
    assert 'href="/adopt/"' in page
    assert 'href="/adjust/"' in page
    assert page.count('href="/end/"') == 1, "what the level above adopted is not ended here"
    other = shown(sign_in(account(world.li)), "policy", policy.pk)
    assert not [link for link in made.values() if f'href="{link}"' in other]


def test_an_address_that_the_product_does_not_have_is_empty():
    assert board.address("no_such_page") == board.address("policy") == ""
    assert board.address("policy", 7) == "/policies/7/"


def test_a_policy_of_twenty_rules_takes_as_many_queries_as_of_one(cast, sign_in):
    def count(name: str, pk: int | None = None) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(reverse(name, args=[pk] if pk else [])).status_code == 200
        return len(queries)

    browser = sign_in(account(cast.general_secretary))
    few = a_rule(cast.committee, {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"}, code="few")
    many = a_rule(cast.committee, {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"}, code="many")
    texts = {}
    for policy in (few.policy, many.policy):
        texts[policy] = Document.objects.create(
            policy=policy, organisation=cast.committee, title="甲", text="1. 甲。\n2. 乙。", attached_on=TODAY
        )
    for serial in range(19):
        kept = Clause.objects.create(policy=many.policy, code=str(serial + 2), printed="条", heading="甲", gist="乙",
                                     position=serial + 2, spec={"begins": [f"{serial + 2}. "]})  # fmt: skip
        many.pk, many.code, many.clause = None, f"many-{serial}", kept
        many.save(force_insert=True)
    assert many.policy.rules.count() == 20
    count("policy", few.policy_id)
    assert count("policy", few.policy_id) == count("policy", many.policy_id)

    def text(policy) -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("policy_text", args=[policy.pk, texts[policy].pk]))
        return len(queries)

    assert text(few.policy) == text(many.policy)
    before = count("policies")
    for serial in range(20):
        made = Policy.objects.create(code=f"p{serial}", title="甲", issuer="乙")
        Adoption.objects.create(policy=made, organisation=cast.branch, since=TODAY)
    assert count("policies") == before


# One rule


def test_how_many_duties_of_a_rule_stand_in_ones_scope(world, secretary, sign_in):
    talk(world.li, world.secretary, on=date(2026, 11, 20))
    happen(world.zhao, EventKind.HONOUR, date(2026, 11, 1))
    yearly, honour = rule("yearly-talk").pk, rule("talk-on-honour").pk
    assert "待办 3 件 逾期 0 件 已办结 1 件" in plain(shown(secretary, "rule", yearly))
    assert "待办 0 件 逾期 1 件 已办结 0 件" in plain(shown(secretary, "rule", honour))
    assert "待办 2 件 逾期 0 件" in plain(shown(sign_in(account(world.sibling_secretary)), "rule", yearly))
    assert f"{reverse('duty_board')}?tab=here&amp;rule={yearly}" in shown(secretary, "rule", yearly)
    assert "在你的范围内" not in shown(sign_in(account(world.zhao)), "rule", yearly)


def test_the_number_of_a_sensitive_rule_tells_nothing_that_the_list_hides(world, secretary, sign_in):
    deputy = member("何静", world.branch)
    post(deputy, world.branch, Role.DEPUTY_SECRETARY)
    hidden = rule("talk-on-tendency").pk
    happen(world.li, EventKind.TENDENCY, date(2026, 11, 20))
    happen(world.secretary, EventKind.TENDENCY, date(2026, 11, 20))
    assert Duty.objects.filter(rule=hidden).count() == 2
    told = plain(shown(secretary, "rule", hidden))
    assert "待办 1 件 逾期 0 件 已办结 0 件" in told, "what is about the reader himself is left out"
    other = sign_in(account(deputy))
    assert "件数只给有权限的人看" in shown(other, "rule", hidden)
    assert "为什么某人没有" in shown(secretary, "rule", hidden)
    assert "为什么某人没有" not in shown(other, "rule", hidden)


def test_a_rule_says_its_conditions_numbers_and_how_it_is_counted(world, secretary):
    page = plain(shown(secretary, "rule", rule("hardship-spring").pk))
    assert "人员类别 正式党员和预备党员 关怀类别 生活困难 制度覆盖" in page
    assert "提前 30 天 自定 条文没有写，由本单位设定" in page
    assert "按党员计：每名符合条件的党员一件。" in page
    assert "集体进行的不算，要一对一办。" in page
    kinds = [{"condition": "kind", "kinds": ["branch"]}]
    half = {"kind": "quota", "times": 1, "per": "half", "counted_per": "organisation"}
    of_itself = a_rule(world.branch, half, target=kinds, action="report")
    assert "一对一" not in shown(secretary, "rule", of_itself.pk)
    assert "时限" not in page
    assert "次数 1 次 条文写明，不能放宽" in plain(shown(secretary, "rule", rule("yearly-talk").pk))


@pytest.mark.parametrize(
    ("trigger", "more", "words"),
    [
        (
            {"kind": "quota", "times": 2, "per": "quarter", "counted_per": "actor"},
            {"target": [{"condition": "post", "roles": ["secretary"], "at": ["committee", "branch"]}],
             "action": "lecture"},
            "每季度，每名党委、党支部的书记应当讲党课至少 2 次。",
        ),
        (
            {"kind": "quota", "times": 1, "per": "year", "counted_per": "pair"},
            {"target": [MEMBERS, {"condition": "post", "roles": ["secretary"]},
                        {"condition": "object", "roles": ["secretary"], "at": ["branch"], "where": "below"}],
             "action": "talk", "collective_counts": True},
            "每年，每名书记应当与下级每名党支部书记谈话至少 1 次；集体进行的也算。",
        ),
        (
            {"kind": "quota", "times": 1, "per": "half", "counted_per": "organisation"},
            {"target": [{"condition": "kind", "kinds": ["branch"]}], "action": "plan"},
            "每半年，每个党支部（由书记负责）应当制定年度计划至少 1 次。",
        ),
        (
            {"kind": "occasion", "occasion": "july", "opens_days_before": 10, "coverage": "selected"},
            {"target": [MEMBERS, {"condition": "category", "kind": "hardship"}]},
            "七一前 10 天起，当天到期，每个有“生活困难”类别的正式党员和预备党员的党组织（由书记负责）"
            "应当走访其中的同志至少 1 次。",
        ),
        (
            {"kind": "date", "fact": "joined_on", "every": "once", "at_years": 50, "opens_days_before": 30,
             "closes_days_after": 0},
            {"action": "commend", "force": "一般应"},
            "正式党员和预备党员入党满 50 周年前 30 天起，当天到期，所在党组织的书记一般应表彰表扬本人。",
        ),
        (
            {"kind": "date", "fact": "category_until", "every": "once", "category": "disciplined", "shift_days": -30,
             "opens_days_before": 0, "closes_days_after": 5},
            {"action": "talk", "or_by": ["visit"]},
            "正式党员和预备党员“处分影响期”期满前 30 天为限，过后 5 天内仍可办，"
            "所在党组织的书记应当与本人谈话；走访也算。",
        ),
        (
            {"kind": "standing", "tie": "contact", "at_least": 1, "counted_per": "member", "within_days": 9},
            {},
            "每名正式党员和预备党员应当始终有不少于 1 名登记为“联系人”的同志，由所在党组织的书记负责，"
            "缺了 9 天内补上。",
        ),
        (
            {"kind": "event", "events": ["request"], "within_days": 0, "answers": True},
            {"responsible": {"role": "secretary", "addressee": True}, "action": "talk"},
            "登记正式党员和预备党员“约谈申请”后，事由当天，被约谈的人（没有写明的，由所在党组织的书记）应当与本人谈话，"
            "只有写明是答复这件事的记录才算。",
        ),
        (
            {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"},
            {"responsible": {
                "role": "department_head", "instead": ["department_clerk"], "with": ["secretary"], "at": ["committee"],
            }},
            "每年，党委组织部负责人或组织部干事应当走访每名正式党员和预备党员至少 1 次；同一党组织的书记办的也算。",
        ),
        (
            {"kind": "quota", "times": 1, "per": "year", "counted_per": "pair"},
            {"action": "talk", "target": [
                MEMBERS, {"condition": "post", "roles": ["secretary"], "at": ["committee"]},
                {"condition": "object", "roles": ["secretary"], "at": ["branch"], "where": "below"},
                {"condition": "tie", "kind": "leader_contact"},
            ]},
            "每年，每名党委书记应当与自己“领导直接联系”的下级每名党支部书记谈话至少 1 次。",
        ),
    ],
    ids=["actor", "pair", "organisation", "selected", "once", "category date", "standing", "request", "either", "both"],
)  # fmt: skip
def test_every_kind_of_rule_is_one_full_sentence(cast, trigger, more, words):
    assert said(sentence(a_rule(cast.committee, trigger, **more).parsed)) == words


def test_of_either_of_two_roles_it_is_said_which_comes_first(cast):
    yearly = {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"}
    first = "都有人任职的，轮到写在前面的"
    assert first not in "".join(counting(a_rule(cast.committee, yearly, code="one").parsed))
    either = {"role": "department_head", "instead": ["department_clerk"]}
    rule = a_rule(cast.committee, yearly, responsible=either, code="either")
    assert first in "".join(counting(rule.parsed))
    assert who(rule.parsed) == "最近一级组织的组织部负责人或组织部干事"


def test_an_adjusted_number_is_the_organisations_own(cast):
    one = a_rule(cast.committee, {"kind": "event", "events": ["honour"], "within_days": 15})
    assert "（自定）" not in said(sentence(one.parsed))
    changed = Adjustment(rule=one, organisation=cast.branch, since=TODAY, numbers={"within_days": 3})
    assert "后，从事由当天起 3 天内（自定），" in said(sentence(one.under(changed)))
    assert one.under(Adjustment(rule=one, organisation=cast.branch, since=TODAY)) is one.parsed


# The clause


def test_a_clause_leads_to_its_policy_its_neighbours_its_rules_and_its_text(world, policy, document, secretary):
    page = shown(secretary, "clause", clause("6").pk)
    assert f'href="{reverse("policy", args=[policy.pk])}"' in page
    assert "上一条：第5项" in page
    assert "下一条：第7项" in page
    assert f'href="{reverse("rule", args=[rule("yearly-talk").pk])}"' in page
    assert f'href="{reverse("policy_text", args=[policy.pk, document.pk])}#c{clause("6").pk}"' in page
    assert "看原文这一段" not in shown(secretary, "clause", clause("12").pk)


def test_a_duty_leads_to_its_clause(world, secretary):
    duty = Duty.objects.get(rule__code="yearly-talk", member=world.li)
    page = body(secretary.get(f"{reverse('duty_why')}?duty={duty.rule_id}:{duty.key}"))
    assert reverse("clause", args=[duty.rule.clause_id]) in page


# The text beside its rules


def test_each_paragraph_stands_beside_its_clause_and_the_rules_it_causes(world, policy, document, secretary):
    page = shown(secretary, "policy_text", policy.pk, document.pk)
    passages = re.findall(r"<section.*?</section>", page, re.DOTALL)
    sixth = next(each for each in passages if "坚持谈心谈话" in each)
    assert f'id="c{clause("6").pk}"' in sixth
    assert reverse("rule", args=[rule("yearly-talk").pk]) in sixth
    assert "待办 4 件，办结 0 件" in plain(sixth)
    assert "某委文件" in passages[0]
    assert "<a" not in passages[0]
    assert "没有在正文里对上的条款" in page
    assert "对照原文" in shown(secretary, "policy", policy.pk)


def test_a_text_is_shown_as_text(world, policy, document, secretary):
    page = shown(secretary, "policy_text", policy.pk, document.pk)
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_text_is_for_those_at_or_below_and_those_whose_posts_cover_it(world, policy, document, sign_in):
    def seen(place) -> set[str]:
        document.organisation = place
        document.save()
        people = ("li", "secretary", "sibling_secretary", "general_secretary", "clerk", "outsider")
        where = reverse("policy_text", args=[policy.pk, document.pk])
        return {who for who in people if browsers[who].get(where).status_code == 200}

    names = ("li", "secretary", "sibling_secretary", "general_secretary", "clerk", "outsider")
    browsers = {who: sign_in(account(getattr(world, who))) for who in names}
    assert seen(world.committee) == set(names) - {"outsider"}
    assert seen(world.general) == {"li", "secretary", "sibling_secretary", "general_secretary", "clerk"}
    assert seen(world.branch) == {"li", "secretary", "general_secretary", "clerk"}
    assert seen(world.other) == {"outsider"}


def test_a_text_of_another_policy_is_not_found_under_this_one(world, policy, document, secretary):
    other = Policy.objects.create(code="other", title="别的", issuer="别处")
    assert secretary.get(reverse("policy_text", args=[other.pk, document.pk])).status_code == 404


# Which clause a paragraph belongs to


def to_paragraph(document, place: int) -> str:
    return reverse("policy_paragraph", args=[document.policy_id, document.pk, place])


def assign(browser, document, place: int, code: str, **more):
    where = to_paragraph(document, place)
    form = browser.get(where).context["form"]
    return browser.post(where, {"once": form["once"].value(), "key": form["key"].value(), "clause": code, **more})


def beside_clause(browser, document, words: str) -> str:
    """The passage in which the words stand, as the page shows it."""
    page = shown(browser, "policy_text", document.policy_id, document.pk)
    return plain(next(each for each in re.findall(r"<section.*?</section>", page, re.DOTALL) if words in each))


def test_a_paragraph_is_assigned_to_a_clause_and_stands_beside_its_rules_and_back(world, policy, document, clerk):
    sixth = clause("6")
    sixth.spec = sixth.spec | {"begins": []}
    sixth.save()
    assert "年度谈心谈话" not in beside_clause(clerk, document, "坚持谈心谈话")
    assert "对照原文" not in shown(clerk, "clause", sixth.pk)
    answer = assign(clerk, document, 5, "c6")
    assert answer.url == reverse("policy_text", args=[policy.pk, document.pk]) + "#p5"
    passage = beside_clause(clerk, document, "坚持谈心谈话")
    assert "年度谈心谈话" in passage
    assert "手工对应" in passage
    assert f"#c{sixth.pk}" in shown(clerk, "clause", sixth.pk)
    row = AuditRow.objects.get(act=ACT.EDIT)
    assert (row.subject, row.detail["clause"]) == (f"document:{document.pk}", "6")
    assert "谈心" not in str(row.detail)
    assert assign(clerk, document, 5, "auto").status_code == 302
    assert "年度谈心谈话" not in beside_clause(clerk, document, "坚持谈心谈话")
    document.refresh_from_db()
    assert document.by_hand == {}


def test_a_false_match_is_taken_away(world, policy, document, clerk):
    assert "年度谈心谈话" in beside_clause(clerk, document, "坚持谈心谈话")
    assign(clerk, document, 5, "none")
    assert "年度谈心谈话" not in beside_clause(clerk, document, "坚持谈心谈话")


def test_what_was_assigned_stays_with_the_words_when_the_text_is_replaced(world, policy, document, clerk):
    assign(clerk, document, 1, "c6")
    assert sent(clerk, policy, text="新的开头。\n" + TEXT, sure="on").status_code == 302
    assert "年度谈心谈话" in beside_clause(clerk, Document.objects.get(), "某委文件")


def test_a_paragraph_that_went_meanwhile_a_double_click_and_a_foreign_clause_change_nothing(
    world, policy, document, clerk
):
    where, form = to_paragraph(document, 5), clerk.get(to_paragraph(document, 5)).context["form"]
    given = {"once": form["once"].value(), "key": form["key"].value(), "clause": "c6"}
    foreign = clerk.post(where, {**given, "clause": "c-nothing"})
    assert (foreign.status_code, "请从列表里选" in body(foreign)) == (422, True)
    clerk.post(where, given)
    clerk.post(where, {**given, "clause": "none"})
    document.refresh_from_db()
    assert list(document.by_hand.values()) == ["6"], "the second click came too late"
    Document.objects.update(text="\n".join(["别的话。"] * 5))
    gone = clerk.post(where, {**given, "once": "again"})
    assert (gone.status_code, "已经没有了" in body(gone)) == (422, True)


def test_who_reads_a_text_and_does_not_decide_for_its_organisation_assigns_nothing(
    world, policy, document, clerk, secretary
):
    assert "改对应" in shown(clerk, "policy_text", policy.pk, document.pk)
    assert "改对应" not in shown(secretary, "policy_text", policy.pk, document.pk)
    assert secretary.get(to_paragraph(document, 5)).status_code == 403
    assert secretary.post(to_paragraph(document, 5), {"clause": "c6"}).status_code == 403
    assert [clerk.get(to_paragraph(document, place)).status_code for place in (0, 6, 7, 999)] == [404, 200, 404, 404]
    elsewhere = Document.objects.create(
        policy=policy, organisation=world.other, title="别处", text=TEXT, attached_on=TODAY
    )
    assert clerk.get(to_paragraph(elsewhere, 1)).status_code == 404


# Attaching, replacing, removing


def sent(browser, policy: Policy, *, organisation=None, **given):
    where = reverse("policy_document", args=[policy.pk]) + (f"?organisation={organisation.pk}" if organisation else "")
    once = once_in(browser.get(where))
    return browser.post(where, {"act": "attach", "once": once, "title": "通知", "number": "", "text": TEXT, **given})


def test_a_text_is_attached_once_and_leaves_one_audit_row_without_a_word_of_it(world, policy, clerk):
    assert "不得录入涉密内容" in shown(clerk, "policy_document", policy.pk)
    where, once = (
        reverse("policy_document", args=[policy.pk]),
        once_in(clerk.get(reverse("policy_document", args=[policy.pk]))),
    )
    data = {"act": "attach", "once": once, "title": "通知", "text": TEXT}
    answers = [clerk.post(where, data) for _ in range(2)]
    document = Document.objects.get()
    assert (document.organisation, document.attached_on, document.attached_by) == (world.committee, TODAY, world.clerk)
    assert [answer.status_code for answer in answers] == [302, 422]
    row = AuditRow.objects.get(act=ACT.WRITE)
    assert row.subject == f"document:{document.pk}"
    assert row.detail == {"policy": policy.code, "organisation": world.committee.pk, "letters": len(document.text)}


def test_a_text_is_replaced_and_removed_only_by_who_says_so(world, policy, document, clerk):
    refused = sent(clerk, policy, text="新的正文。")
    assert refused.status_code == 422
    assert "替换前请在这里打勾" in body(refused)
    assert "新的正文。" in body(refused), "nothing typed is lost"
    assert sent(clerk, policy, text="新的正文。", sure="on").status_code == 302
    assert Document.objects.get().text == "新的正文。"
    where = reverse("policy_document", args=[policy.pk])
    key = re.search(r'name="remove-once" value="([^"]+)"', body(clerk.get(where)))[1]
    assert clerk.post(where, {"act": "remove", "remove-once": key}).status_code == 422
    assert clerk.post(where, {"act": "remove", "remove-once": key, "remove-sure": "on"}).status_code == 302
    assert not Document.objects.exists()
    acts = list(AuditRow.objects.filter(subject__startswith="document:").order_by("pk").values_list("act", flat=True))
    assert acts == [ACT.EDIT, ACT.WITHDRAW]
    assert not AuditRow.objects.filter(detail__icontains="新的正文").exists()


@pytest.mark.parametrize(
    ("given", "sentence_"),
    [
        ({"text": ""}, "请粘贴正文。"),
        ({"text": "甲" * (LONGEST + 1)}, f"写了 {LONGEST + 1} 个字，最多 {LONGEST} 个"),
        ({"title": ""}, "请填文件标题"),
    ],
)
def test_a_faulty_text_is_refused_with_a_sentence(world, policy, clerk, given, sentence_):
    answer = sent(clerk, policy, **given)
    assert answer.status_code == 422
    assert sentence_ in body(answer)
    assert not Document.objects.exists()


def test_no_browser_cuts_a_pasted_text_short(world, policy, clerk):
    page = shown(clerk, "policy_document", policy.pk)
    (area,) = re.findall(r"<textarea[^>]*>", page)
    assert "maxlength" not in area, "the form refuses what is too long, with all of it still there"


def test_who_decides_attaches_at_or_below_his_post_and_nowhere_else(world, policy, secretary, clerk, sign_in):
    assert sent(clerk, policy, organisation=world.branch).status_code == 302
    assert Document.objects.get().organisation == world.branch
    here = reverse("policy_document", args=[policy.pk])
    assert secretary.get(f"{here}?organisation={world.sibling.pk}").status_code == 404
    assert secretary.get(f"{here}?organisation=x").status_code == 404
    deputy = member("何静", world.branch)
    post(deputy, world.branch, Role.DEPUTY_SECRETARY)
    refused = sign_in(account(deputy)).post(here, {"act": "attach", "title": "甲", "text": "乙"})
    assert refused.status_code == 403
    assert "录入制度原文由能决定采用制度的书记和组织部办理" in body(refused)
    wider = member("双岗", world.branch)
    post(wider, world.general, Role.ORGANISER)
    post(wider, world.branch)
    both = sign_in(account(wider))
    assert both.get(f"{here}?organisation={world.sibling.pk}").status_code == 403
    assert both.get(here).status_code == 200
