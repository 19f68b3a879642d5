"""REST: signing in, and who one is."""

from __future__ import annotations

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.record.sign_ins import record_token
from accounts.serializers import CredentialsSerializer, SessionSerializer, UserSerializer
from accounts.signing_in.credentials import sign_in
from accounts.signing_in.tokens import issue_token, signed_in
from config.api.openapi import described


class LoginView(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]

    @described("Sign in", body=CredentialsSerializer, answer=SessionSerializer, status=201, errors=[400, 401, 429])
    def post(self, request: Request) -> Response:
        credentials = CredentialsSerializer(data=request.data)
        credentials.is_valid(raise_exception=True)
        user = sign_in(request._request, **credentials.validated_data)
        record_token(request._request, user)
        answer = SessionSerializer({"access_token": issue_token(user), "user": user})
        return Response(answer.data, status=201)


class MeView(APIView):
    @described("Who is signed in", answer=UserSerializer, errors=[401])
    def get(self, request: Request) -> Response:
        return Response(UserSerializer(signed_in(request)).data)
