"""Response headers that Django does not set by itself."""

POLICY = ", ".join(f"{feature}=()" for feature in ("camera", "geolocation", "microphone", "payment", "usb"))


class HeadersMiddleware:
    """No page of a signed-in person is kept by a browser or proxy; no page uses a device."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers["Permissions-Policy"] = POLICY
        if request.user.is_authenticated:
            response.headers["Cache-Control"] = "no-store"
        return response
