from django.urls import URLPattern, path

from exposure.views import (
    hours,
    ledger,
    ownership,
    paths,
    plant,
    runs,
    scope,
    stops,
    terms,
)

ONE = "scope/<uuid:authorisation>/"
scope_urls = [
    path("scope/", scope.scope, name="scope"),
    path("scope/create/", terms.create, name="create-scope"),
    path(
        "scope/exclusions/<uuid:exclusion>/lift/",
        terms.lift_exclusion,
        name="lift-exclusion",
    ),
    path(ONE, scope.scope_of, name="scope-of"),
    path(f"{ONE}entries/add/", scope.add_entry, name="add-entry"),
    path(f"{ONE}exclusions/add/", scope.add_exclusion, name="add-exclusion"),
    path(f"{ONE}sign/", scope.sign, name="sign-scope"),
    path(f"{ONE}terms/", terms.change, name="change-terms"),
    path(f"{ONE}consents/withdraw/", terms.withdraw_consent, name="withdraw-consent"),
    path(f"{ONE}hours/", hours.hours, name="hours"),
    path(f"{ONE}hours/add/", hours.add_hours, name="add-hours"),
    path(f"{ONE}hours/<uuid:hours>/remove/", hours.remove_hours, name="remove-hours"),
    path(f"{ONE}hours/zone/", hours.set_zone, name="set-zone"),
    path(f"{ONE}blackouts/add/", hours.add_blackout, name="add-blackout"),
    path(f"{ONE}blackouts/import/", hours.import_calendar, name="import-calendar"),
    path(
        f"{ONE}blackouts/<uuid:blackout>/lift/",
        hours.lift_blackout,
        name="lift-blackout",
    ),
    path(f"{ONE}ownership/", ownership.proofs, name="ownership"),
    path(f"{ONE}entries/<uuid:entry>/prove/", ownership.prove, name="prove-entry"),
    path(f"{ONE}letters/add/", ownership.add_letter, name="add-letter"),
    path(
        f"{ONE}letters/<uuid:letter>/approve/",
        ownership.approve_letter,
        name="approve-letter",
    ),
    path("stop/", stops.stops, name="stops"),
    path("stop/order/", stops.order_stop, name="order-stop"),
    path("stop/<uuid:order>/lift/", stops.lift_stop, name="lift-stop"),
]
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
    *scope_urls,
]
