from django.urls import path

from csvsync import api, runs_api, views

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
