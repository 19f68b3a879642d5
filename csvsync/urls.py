from django.urls import path

from csvsync import api, runs_api

api_urls = [
    path("csv/export/pending", api.ExportView.as_view()),
    path("csv/export", api.ExportByStatusView.as_view()),
    path("csv/auto-process", api.AutoProcessView.as_view()),
    path("csv/import", api.ImportView.as_view()),
    path("csv/runs", runs_api.RunListView.as_view()),
    path("csv/runs/<str:id>", runs_api.RunView.as_view()),
    path("csv/runs/<str:id>/apply", runs_api.ApplyView.as_view()),
    path("csv/runs/<str:id>/errors", runs_api.ErrorsView.as_view()),
    path("csv/runs/<str:id>/file", runs_api.FileView.as_view()),
    path("csv/runs/<str:id>/unreturned", runs_api.UnreturnedView.as_view()),
    path("automation/run-now", api.RunNowView.as_view()),
    path("automation/nightly", api.NightlyView.as_view()),
]
