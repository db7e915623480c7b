"""Short words to build a world in a test: organisations, people, memberships, posts, accounts. All invented."""

from datetime import date

from base.dates import DAWN, FAR, today
from members.counting import recount
from members.enums import OrganisationKind, Role, Standing
from members.models import Account, Membership, Organisation, Person, Post
from members.tree import next_path, place, rebuild_lineage

K = OrganisationKind
PASSWORD = "Shui-wen-2026"


def organisation(code, kind=K.BRANCH, parent=None, *, name=None, since=DAWN):
    org = Organisation.objects.create(
        code=code, name=name or f"组织{code}", short_name=name or f"组织{code}", kind=kind, path=next_path(parent)
    )
    place(org, parent, since=since)
    rebuild_lineage()
    return org


def person(name, *, born=date(1980, 5, 1), joined=date(2005, 6, 10), full=date(2006, 6, 10), **more):
    return Person.objects.create(name=name, birth_on=born, joined_on=joined, full_on=full, **more)


def member(name, org, *, since=None, until=FAR, standing=Standing.FULL, **more):
    someone = person(name, **more)
    join(someone, org, since=since or someone.joined_on or DAWN, until=until, standing=standing)
    return someone


def join(someone, org, *, since, until=FAR, standing=Standing.FULL):
    stay = Membership.objects.create(
        person=someone, organisation=org, since=since, until=until, standing=standing, path=org.path
    )
    recount([org.pk], today())
    return stay


def post(someone, org, role=Role.SECRETARY, *, since=date(2020, 1, 1), until=FAR):
    return Post.objects.create(person=someone, organisation=org, role=role, since=since, until=until)


def account(someone, username=None):
    user = Account(username=username or f"user{someone.pk}", person=someone)
    user.set_password(PASSWORD)
    user.save()
    return user


class Cast:
    """One cast for the whole suite: a committee, a general branch with two branches, a branch without.

    People: each branch's secretary and three members, the general branch's and the committee's secretary,
    a department clerk, an outsider committee with its own secretary.
    """

    def __init__(self):
        self.committee = organisation("01", K.COMMITTEE, name="云河水文局党委")
        self.general = organisation("0101", K.GENERAL_BRANCH, self.committee, name="河源局党总支")
        self.branch = organisation("010101", parent=self.general, name="河源第一党支部")
        self.sibling = organisation("010102", parent=self.general, name="河源第二党支部")
        self.direct = organisation("0102", parent=self.committee, name="机关党支部")
        self.other = organisation("02", K.COMMITTEE, name="外单位党委")
        self.other_branch = organisation("0201", parent=self.other, name="外单位党支部")
        self.secretary = member("王海燕", self.branch)
        self.commissioner = member("张伟", self.branch, joined=date(2009, 11, 6), full=date(2010, 11, 6))
        self.li = member("李建国", self.branch, joined=date(1998, 7, 1), full=date(1999, 7, 1))
        self.zhao = member("赵秀兰", self.branch, joined=date(1970, 6, 18), full=date(1970, 6, 18))
        self.sibling_secretary = member("陈晓明", self.sibling)
        self.sun = member("孙德福", self.sibling)
        self.direct_secretary = member("马玉珍", self.direct)
        self.general_secretary = member("周启明", self.direct)
        self.committee_secretary = member("高远", self.direct)
        self.clerk = member("林清", self.direct)
        self.outsider = member("沈岳", self.other_branch)
        post(self.secretary, self.branch)
        post(self.commissioner, self.branch, Role.ORGANISATION_COMMISSIONER)
        post(self.sibling_secretary, self.sibling)
        post(self.direct_secretary, self.direct)
        post(self.general_secretary, self.general)
        post(self.committee_secretary, self.committee)
        post(self.clerk, self.committee, Role.DEPARTMENT_CLERK)
        post(self.outsider, self.other_branch)
