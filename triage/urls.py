from django.urls import path

from triage import api, views

api_urls = [
    path("ai/severity-suggestion", api.SuggestionView.as_view()),
    path("ai/quality", api.QualityView.as_view()),
]

app_name = "triage"
urlpatterns = [
    path("triage/", views.quality, name="quality"),
    path("triage/tickets/", views.cases, name="cases"),
    path("triage/suggestion/", views.suggestion, name="suggestion"),
]
