"""Addresses of the API that workflows answers, below a workspace."""

from django.urls import URLPattern, path

from workflows.api import views

app_name = "workflows-api"
urlpatterns: list[URLPattern] = [
    path("cases/", views.Cases.as_view(), name="cases"),
    path("cases/<str:ref>/", views.OneCase.as_view(), name="case"),
    path("decisions/", views.Decisions.as_view(), name="decisions"),
    path("exposures/<str:ref>/retest/", views.Retest.as_view(), name="retest"),
]
