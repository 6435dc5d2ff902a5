from django.urls import URLPattern, path

from exposure.views import ledger, paths, plant, runs, scope

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
    path("runs/<int:number>/ledger.csv", ledger.ledger, name="ledger"),
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
