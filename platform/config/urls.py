from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.account.urls")),
    path("", include("workflows.urls")),
    path("w/<slug:workspace>/", include("exposure.urls")),
]
