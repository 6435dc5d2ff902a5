from django.urls import URLPattern, path

from exposure.views import ledger, names, paths, plant, runs, scope, sources

app_name = "exposure"
urlpatterns: list[URLPattern] = [
    path("names/", names.names, name="names"),
    path("names/look/", names.look, name="look-at-names"),
    path(
        "names/searches/<uuid:name_search>/stop/",
        names.stop_looking,
        name="stop-looking",
    ),
    path("names/<uuid:holding>/", names.holding, name="holding"),
    path("names/<uuid:holding>/answer/", names.answer_holding, name="answer-holding"),
    path("names/<uuid:holding>/add/", names.add_holding, name="add-holding"),
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
    path("sources/", sources.sources, name="sources"),
    path("sources/ask/", sources.ask, name="ask-sources"),
    path("sources/<slug:source>/consent/", sources.consent, name="consent-source"),
    path("sources/<slug:source>/withdraw/", sources.withdraw, name="withdraw-source"),
    path("sources/<slug:source>/key/", sources.set_key, name="key-source"),
    path("scope/", scope.scope, name="scope"),
    path("scope/<uuid:authorisation>/entries/add/", scope.add_entry, name="add-entry"),
    path(
        "scope/<uuid:authorisation>/exclusions/add/",
        scope.add_exclusion,
        name="add-exclusion",
    ),
    path("scope/<uuid:authorisation>/sign/", scope.sign, name="sign-scope"),
]
