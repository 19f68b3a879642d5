from django.urls import path

from tickets import api

api_urls = [
    path("tickets", api.TicketListView.as_view()),
    path("tickets/<str:id>", api.TicketView.as_view()),
    path("tickets/<str:id>/review", api.ReviewView.as_view()),
    path("tickets/<str:id>/restore", api.RestoreView.as_view()),
    path("tickets/<str:id>/history", api.HistoryView.as_view()),
]
