"""Addresses of ledgers."""

urlpatterns = []
