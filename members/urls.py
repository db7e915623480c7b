"""Addresses of members."""

urlpatterns = []
