from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts.record.sign_ins import watch_sign_outs  # it knows models, which are ready only now

        watch_sign_outs()
