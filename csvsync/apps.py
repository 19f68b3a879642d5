from django.apps import AppConfig


class CsvsyncConfig(AppConfig):
    name = "csvsync"
