"""Addresses of duties."""

urlpatterns = []
