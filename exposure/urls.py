from django.urls import URLPattern, path

from exposure.views import (
    drift,
    ledger,
    paths,
    plant,
    runs,
    schedules,
    scope,
    vantages,
)

app_name = "exposure"
urlpatterns: list[URLPattern] = [
    path("paths/", paths.paths, name="paths"),
    path("paths/method/", paths.method, name="method"),
    path("plant/", plant.plant, name="plant"),
    path("runs/", runs.runs, name="runs"),
    path("runs/start/", runs.start, name="start-run"),
    path("runs/<int:number>/", runs.run, name="run"),
    path("runs/<int:number>/live/", runs.live, name="run-live"),
    path("runs/<int:number>/stop/", runs.stop, name="stop-run"),
    path("runs/<int:number>/pause/", runs.pause, name="pause-run"),
    path("runs/<int:number>/resume/", runs.resume, name="resume-run"),
    path("runs/<int:number>/ledger.csv", ledger.ledger, name="ledger"),
    path("drift/", drift.drift, name="drift"),
    path("schedules/", schedules.schedules, name="schedules"),
    path("schedules/add/", schedules.add, name="add-schedule"),
    path("schedules/<uuid:schedule>/", schedules.schedule, name="schedule"),
    path("schedules/<uuid:schedule>/change/", schedules.change, name="change-schedule"),
    path("schedules/<uuid:schedule>/switch/", schedules.switch, name="switch-schedule"),
    path("vantages/", vantages.vantages, name="vantages"),
    path("vantages/add/", vantages.add, name="add-vantage"),
    path("vantages/<uuid:vantage>/rename/", vantages.rename, name="rename-vantage"),
    path("vantages/<uuid:vantage>/retire/", vantages.retire, name="retire-vantage"),
    path("scope/<uuid:authorisation>/inside/", vantages.inside, name="scope-inside"),
    path("sent/", ledger.sent, name="sent"),
    path("sent/ledger.csv", ledger.sent_file, name="sent-file"),
    path("scope/", scope.scope, name="scope"),
    path("scope/<uuid:authorisation>/entries/add/", scope.add_entry, name="add-entry"),
    path(
        "scope/<uuid:authorisation>/exclusions/add/",
        scope.add_exclusion,
        name="add-exclusion",
    ),
    path("scope/<uuid:authorisation>/sign/", scope.sign, name="sign-scope"),
]
