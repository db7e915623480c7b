"""What a password may not be: short, common, or made of what others know of its holder."""

from datetime import date

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from members.enums import Role
from members.models import Account, Organisation
from tests.members.sheets import id_number
from tests.world import PASSWORD, member, post


@pytest.fixture
def holder(cast):
    someone = member("欧阳文", cast.branch, born=date(1985, 3, 9), id_number=id_number(7), phone="13987654321")
    Organisation.objects.filter(pk=cast.branch.pk).update(unit_name="河源水文站", short_name="河源支部")
    post(someone, cast.general, Role.ORGANISER)
    return Account(username="ouyang.wen", person=someone)


def refusals(password, account) -> str:
    try:
        validate_password(password, account)
    except ValidationError as refused:
        return " ".join(refused.messages)
    return ""


@pytest.mark.parametrize(
    "password", [PASSWORD, "kuai-le-de-xiao-he", "七里香山茶花开了满坡红", "Zx9!tuoluo-mm", "05-1234-hehua"]
)
def test_a_good_password_passes(holder, password):
    assert refusals(password, holder) == ""


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("Kq7-vm-wo", "至少要 10 位"),
        ("71403962581", "全是数字"),
        ("xx-OUYANG.wen-9x", "和账号名太像"),
        ("ouyang.wem", "和账号名太像"),
        ("wo-shi-欧阳文-77", "你的姓名"),
        ("河源水文站-kk-12x", "你的单位"),
        ("河源支部-abcd-xy", "你的单位"),
        ("河源局党总支一号x", "你的单位"),
        ("ab-19800501-cd", "身份证号"),
        ("xx198503yy-zzq", "身份证号"),
        ("tel-654321x-kk", "太多"),
        ("tel-876543-kkm", "电话"),
        ("my-Password-77", "太多"),
        ("dangyuan-zz-9k", "太多"),
        ("gongchandang-7", "太多"),
        ("woaini-shui-wen", "太多"),
        ("password1234", "太多"),
    ],
)
def test_a_guessable_password_is_refused_in_a_sentence(holder, password, says):
    assert says in refusals(password, holder)


def test_each_refusal_is_said_once(holder):
    with pytest.raises(ValidationError) as refused:
        validate_password("password123", holder)
    assert refused.value.messages == ["这个密码用的人太多，容易被猜到，请换一个。"]


def test_an_account_of_nobody_is_judged_by_the_rest(db):
    assert refusals("Shui-wen-2026", Account(username="root")) == ""
    assert "太像" in refusals("root-shui-wen-2", Account(username="root"))
