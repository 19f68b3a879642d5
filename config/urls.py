"""The whole site map."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.urls import api_urls as accounts_api
from config.site import docs, home, pages
from config.site.security_txt import security_txt
from csvsync.urls import api_urls as csvsync_api
from tickets.urls import api_urls as tickets_api
from triage.urls import api_urls as triage_api

handler400 = "config.exception_handler.handler400"
handler403 = "config.exception_handler.handler403"
handler404 = "config.exception_handler.handler404"
handler500 = "config.exception_handler.handler500"

urlpatterns = [
    # REST. Paths have no trailing slash; one is taken off before it comes here (config/site/middleware.py).
    *accounts_api,
    *tickets_api,
    *csvsync_api,
    *triage_api,
    path("docs", docs.SwaggerView.as_view(), name="docs"),
    path("docs-json", docs.SchemaView.as_view(), name="docs-json"),
    # Pages.
    path("", RedirectView.as_view(pattern_name="home", http_method_names=["get"]), name="root"),
    path("desk/", home.home, name="home"),
    path("desk/", include("accounts.urls")),
    path("desk/", include("tickets.urls")),
    path("desk/", include("csvsync.urls")),
    path("desk/", include("triage.urls")),
    path("admin/", admin.site.urls),
    path("favicon.ico", pages.icon),
    path(".well-known/security.txt", security_txt, name="security-txt"),
]
