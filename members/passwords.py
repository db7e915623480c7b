"""What a password must be, refused in sentences that say what to do."""

import re

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db.models import Q

from members.models import Organisation, Person

COMMON = (
    "党员", "党支部", "党委", "共产党", "关怀", "dangyuan", "dangzhibu", "dangwei", "gongchandang", "zhonggong",
    "guanhuai", "bangfu", "password", "passw0rd", "admin", "qwerty", "asdfgh", "zxcvbn", "iloveyou", "woaini",
    "welcome", "letmein", "abc123", "123456", "654321", "123123", "000000", "111111", "666666", "888888", "1qaz2wsx",
)  # fmt: skip
"""What many passwords hold; these words, and those of the house, are tried first."""

DIGITS = 6
"""So many digits in a row of somebody's identity number or telephone give it away."""


class LongEnough(password_validation.MinimumLengthValidator):
    def get_error_message(self):
        return f"密码太短，至少要 {self.min_length} 位，请加长。"


class UnlikeTheAccount(password_validation.UserAttributeSimilarityValidator):
    def validate(self, password, user=None):
        if user is not None and len(user.username) >= 3 and user.username.lower() in password.lower():
            raise ValidationError(self.get_error_message())
        super().validate(password, user)

    def get_error_message(self):
        return "密码和账号名太像，容易被猜到，请换一个。"


class Uncommon(password_validation.CommonPasswordValidator):
    """Refuses the passwords most used, and all that hold one of their words."""

    def validate(self, password, user=None):
        if any(word in password.lower() for word in COMMON):
            raise ValidationError(self.get_error_message())
        super().validate(password, user)

    def get_error_message(self):
        return "这个密码用的人太多，容易被猜到，请换一个。"


class NotOnlyDigits(password_validation.NumericPasswordValidator):
    def get_error_message(self):
        return "密码全是数字，容易被猜到，请加上字母或符号。"


class NotAboutTheHolder:
    """Refuses what others know of the holder: names of person and unit, digits of papers and telephones."""

    def validate(self, password, user=None):
        if user is not None and user.person is not None:
            self._check_person(password, user.person)

    @staticmethod
    def _check_person(password: str, person: Person) -> None:
        if person.name in password:
            raise ValidationError("密码里有你的姓名，容易被猜到，请换一个。")
        if any(unit in password for unit in units_of(person)):
            raise ValidationError("密码里有你的单位或党组织，容易被猜到，请换一个。")
        born = f"{person.birth_on:%Y%m%d}" if person.birth_on else ""
        for number in (person.id_number, person.phone, person.landline, born):
            digits = "".join(re.findall(r"\d", number))
            if any(digits[at : at + DIGITS] in password for at in range(len(digits) - DIGITS + 1)):
                raise ValidationError("密码里有你的出生日期、身份证号或电话里的数字，容易被猜到，请换一个。")


def units_of(person: Person) -> set[str]:
    """What the organisations of a person are called, and their codes."""
    here = Q(memberships__person=person) | Q(posts__person=person)
    names = Organisation.objects.filter(here).order_by("pk").values_list("name", "short_name", "unit_name", "code")
    return {name for row in names for name in row if len(name) >= 3}
