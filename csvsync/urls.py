from django.urls import path

from csvsync import api

api_urls = [
    path("csv/export/pending", api.ExportView.as_view()),
    path("csv/auto-process", api.AutoProcessView.as_view()),
    path("csv/import", api.ImportView.as_view()),
    path("automation/run-now", api.RunNowView.as_view()),
    path("automation/nightly", api.NightlyView.as_view()),
]
