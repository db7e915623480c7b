"""Addresses of the foundation."""

from django.urls import path

from base.views import draft_drop, draft_save, job, job_ask, job_cancel, job_file, job_retry, jobs

urlpatterns = [
    path("drafts/", draft_save, name="draft_save"),
    path("drafts/drop/", draft_drop, name="draft_drop"),
    path("jobs/", jobs, name="jobs"),
    path("jobs/<int:pk>/", job, name="job"),
    path("jobs/<int:pk>/file/", job_file, name="job_file"),
    path("jobs/<int:pk>/cancel/", job_cancel, name="job_cancel"),
    path("jobs/<int:pk>/retry/", job_retry, name="job_retry"),
    path("jobs/new/<slug:kind>/", job_ask, name="job_ask"),
]
