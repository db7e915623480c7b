"""What a password must be, refused in sentences that say what to do."""

from django.contrib.auth import password_validation


class LongEnough(password_validation.MinimumLengthValidator):
    def get_error_message(self):
        return f"密码太短，至少要 {self.min_length} 位，请加长。"


class UnlikeTheAccount(password_validation.UserAttributeSimilarityValidator):
    def get_error_message(self):
        return "密码和账号名太像，容易被猜到，请换一个。"


class Uncommon(password_validation.CommonPasswordValidator):
    def get_error_message(self):
        return "这个密码用的人太多，容易被猜到，请换一个。"


class NotOnlyDigits(password_validation.NumericPasswordValidator):
    def get_error_message(self):
        return "密码全是数字，容易被猜到，请加上字母或符号。"
