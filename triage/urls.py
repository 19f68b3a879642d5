from django.urls import path

from triage import api

api_urls = [
    path("ai/severity-suggestion", api.SuggestionView.as_view()),
    path("ai/quality", api.QualityView.as_view()),
]
