from django.urls import path

from accounts import api, views
from accounts.people.api import OwnPersonView, PeopleView, PersonView

api_urls = [
    path("auth/login", api.LoginView.as_view()),
    path("auth/me", api.MeView.as_view()),
    path("people", PeopleView.as_view()),
    path("people/me", OwnPersonView.as_view()),
    path("people/<str:id>", PersonView.as_view()),
]

app_name = "accounts"
urlpatterns = [
    path("login/", views.sign_in_page, name="login"),
    path("logout/", views.SignOutView.as_view(), name="logout"),
    path("preferences/", views.preferences, name="preferences"),
    path("preferences/password/", views.ChangePasswordView.as_view(), name="change-password"),
    path("password/", views.LostPasswordView.as_view(), name="lost-password"),
    path("password/<str:uidb64>/<str:token>/", views.NewPasswordView.as_view(), name="new-password"),
]
