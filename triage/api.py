"""REST: asking for a severity, and how good the answers have been."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import IsManager
from config.api.openapi import described
from triage.quality.measures import measure_quality
from triage.serializers import QualitySerializer, SuggestionSerializer, TextSerializer
from triage.suggest import suggest_severity


class SuggestionView(APIView):
    @described("Suggest a severity", body=TextSerializer, answer=SuggestionSerializer, status=201, errors=[400, 401])
    def post(self, request: Request) -> Response:
        text = TextSerializer(data=request.data)
        text.is_valid(raise_exception=True)
        suggestion = suggest_severity(request.user, **text.validated_data)
        return Response(SuggestionSerializer(suggestion).data, status=201)


class QualityView(APIView):
    permission_classes = [IsManager]

    @described("How suggestions have fared", answer=QualitySerializer, errors=[401, 403])
    def get(self, request: Request) -> Response:
        return Response(QualitySerializer(measure_quality()).data)
