"""Navigation by what the posts allow. Filled with the pages."""


def context(request):
    return {}
