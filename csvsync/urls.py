from django.urls import path

from csvsync.api import exchange, runs
from csvsync.pages import views

api_urls = [
    path("csv/export/pending", exchange.ExportView.as_view()),
    path("csv/export", exchange.ExportByStatusView.as_view()),
    path("csv/auto-process", exchange.AutoProcessView.as_view()),
    path("csv/import", exchange.ImportView.as_view()),
    path("csv/runs", runs.RunListView.as_view()),
    path("csv/runs/<str:id>", runs.RunView.as_view()),
    path("csv/runs/<str:id>/apply", runs.ApplyView.as_view()),
    path("csv/runs/<str:id>/errors", runs.ErrorsView.as_view()),
    path("csv/runs/<str:id>/file", runs.FileView.as_view()),
    path("csv/runs/<str:id>/unreturned", runs.UnreturnedView.as_view()),
    path("automation/run-now", exchange.RunNowView.as_view()),
    path("automation/nightly", exchange.NightlyView.as_view()),
]

app_name = "csvsync"
urlpatterns = [
    path("exchange/", views.exchange, name="exchange"),
    path("exchange/upload/", views.upload, name="upload"),
    path("exchange/process/", views.process, name="process"),
    path("exchange/cycle/", views.cycle, name="cycle"),
    path("exchange/export/", views.export, name="export"),
    path("exchange/<str:id>/", views.run, name="run"),
    path("exchange/<str:id>/apply/", views.apply, name="apply"),
    path("exchange/<str:id>/errors/", views.errors, name="errors"),
    path("exchange/<str:id>/file/", views.file, name="file"),
    path("exchange/<str:id>/unreturned/", views.unreturned, name="unreturned"),
]
