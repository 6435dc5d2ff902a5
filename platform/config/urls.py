from django.urls import include, path

from exposure.views.about import about_our_probes

urlpatterns = [
    path("about-our-probes/", about_our_probes, name="about-our-probes"),
    path("accounts/", include("tenants.sign_in_urls")),
    path("api/v1/", include("tenants.api.urls")),
    path("api/v1/w/<slug:workspace>/", include("exposure.api.urls")),
    path("api/v1/w/<slug:workspace>/", include("workflows.api.urls")),
    path("", include("tenants.urls")),
    path("", include("workflows.urls")),
    path("w/<slug:workspace>/", include("exposure.urls")),
]
handler500 = "common.faults.server_error"
