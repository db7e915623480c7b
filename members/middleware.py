"""Every request knows who acts in it, for the audit."""

from base.audit import Origin, origin


class OriginMiddleware:
    """Sets the audit's origin for the request: account, printed name, address."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        account = request.user if request.user.is_authenticated else None
        name = str(account.person or account) if account else "未登录"
        token = origin.set(Origin(account.pk if account else None, name, request.META.get("REMOTE_ADDR", "")))
        try:
            return self.get_response(request)
        finally:
            origin.reset(token)
