"""Addresses of the API that exposure answers, below a workspace."""

from django.urls import URLPattern, path

from exposure.api import drift, findings, paths, plant, runs

app_name = "exposure-api"
urlpatterns: list[URLPattern] = [
    path("sites/", plant.Sites.as_view(), name="sites"),
    path("zones/", plant.Zones.as_view(), name="zones"),
    path("lines/", plant.Lines.as_view(), name="lines"),
    path("assets/", plant.Assets.as_view(), name="assets"),
    path("services/", plant.Services.as_view(), name="services"),
    path("exposures/", findings.Exposures.as_view(), name="exposures"),
    path("exposures/<str:ref>/", findings.Exposure.as_view(), name="exposure"),
    path(
        "exposures/<str:ref>/evidence/",
        findings.EvidenceOfExposure.as_view(),
        name="evidence",
    ),
    path("runs/", runs.Runs.as_view(), name="runs"),
    path("runs/<int:number>/", runs.OneRun.as_view(), name="run"),
    path("runs/<int:number>/stop/", runs.Stop.as_view(), name="stop-run"),
    path("runs/<int:number>/pause/", runs.Pause.as_view(), name="pause-run"),
    path("runs/<int:number>/resume/", runs.Resume.as_view(), name="resume-run"),
    path("schedules/", drift.Schedules.as_view(), name="schedules"),
    path("drift/", drift.Changes.as_view(), name="drift"),
    path("paths/", paths.Paths.as_view(), name="paths"),
    path("paths/lines/", paths.PathLines.as_view(), name="path-lines"),
]
