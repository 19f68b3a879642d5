"""REST: what is attached to tickets."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency.requests import KEYED, KEYED_ERRORS, OnceView, Settle, once_settled
from accounts.signing_in.tokens import TokenOrSessionAuthentication, signed_in
from config.api.openapi import described
from config.api.preconditions import IF_NONE_MATCH, has_tag
from config.ids import id_in_path
from tickets.api import by_id, live_ticket, parse_id, read_body
from tickets.attachments import actions, downloads
from tickets.attachments.errors import AttachmentNotFound, NoPreview, RangeNotSatisfiable
from tickets.attachments.models import Attachment, KeptFile
from tickets.attachments.serializers import AttachmentSerializer, NewAttachmentSerializer
from tickets.uploads.parsing import AttachmentParser

UPLOAD = {
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary"},
            "commentId": {"type": "string", "format": "uuid", "description": "One's own comment on this ticket."},
        },
        "required": ["file"],
    }
}
FILE = OpenApiResponse(OpenApiTypes.BINARY, description="The bytes, to be saved.")
PICTURE = OpenApiResponse(OpenApiTypes.BINARY, description="A picture of at most 1600 pixels a side.")
RANGES = [
    OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="One part, such as `bytes=0-99`; then 206."),
    OpenApiParameter("If-Range", str, OpenApiParameter.HEADER, description="The `ETag` of what one has begun with."),
    IF_NONE_MATCH,
]


def one_attachment(attachment: Attachment, status: int = 200) -> Response:
    return Response(AttachmentSerializer(attachment).data, status=status)


@by_id
class AttachmentListView(OnceView):
    parser_classes = [AttachmentParser]

    @described(
        "What is attached to a ticket",
        answer=AttachmentSerializer(many=True),
        errors=[401, 404],
        description="Oldest first, what was attached to its comments included.",
    )
    def get(self, request: Request, id: str) -> Response:
        attachments = live_ticket(request, id).attachments.present().oldest_first()
        return Response(AttachmentSerializer(attachments, many=True).data)

    @described(
        "Attach a file",
        body=UPLOAD,
        answer=AttachmentSerializer,
        status=201,
        errors=[400, 401, 403, 404, *KEYED_ERRORS],
        parameters=[KEYED],
        description="In every status, by anybody signed in. The ticket and its version stay as they are.",
    )
    def post(self, request: Request, id: str) -> HttpResponse:
        body = read_body(NewAttachmentSerializer, request)
        upload = body["file"]

        def attach(settle: Settle) -> Response:
            answers: list[Response] = []

            def conclude(attachment: Attachment) -> None:
                answers.append(one_attachment(attachment, HTTPStatus.CREATED))
                answers[0]["Location"] = f"/attachments/{attachment.pk}"
                settle(answers[0])

            actions.attach(
                signed_in(request),
                parse_id(id),
                file=upload.file,
                name=upload.name,
                comment_id=body.get("comment_id"),
                conclude=conclude,
            )
            return answers[0]

        return once_settled(request, attach)


class DownloadView(APIView):
    """A page shows pictures and links to files, and browsers fetch those with its session instead of a token."""

    authentication_classes = [TokenOrSessionAuthentication]


def unless_known[F: KeptFile](request: Request, file: F, make: Callable[[F], HttpResponseBase]) -> HttpResponseBase:
    """What `make` makes of the file, or that the client has it already."""
    tag = downloads.tag_of(file)
    if has_tag(request, tag):
        return Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    return make(file)


@by_id
class AttachmentView(DownloadView):
    @described(
        "The file of an attachment",
        operation_id="attachments_retrieve",
        answer=FILE,
        media_type="application/octet-stream",
        errors=[401, 404, 416],
        parameters=RANGES,
        not_modified=True,
        auth=["bearer"],
        partial=True,
        description="Always to be saved, under its name. The session of a browser serves as well as a token.",
    )
    def get(self, request: Request, id: str) -> HttpResponseBase:
        attachment = actions.attachment_for(signed_in(request), id_in_path(id, AttachmentNotFound))
        return unless_known(request, attachment, lambda attachment: self.sent(request, attachment))

    def sent(self, request: Request, attachment: Attachment) -> HttpResponseBase:
        try:
            return downloads.file_answer(request._request, attachment)
        except RangeNotSatisfiable:
            self.headers["Content-Range"] = f"bytes */{attachment.size}"
            raise

    @described(
        "Remove an attachment",
        answer=AttachmentSerializer,
        errors=[401, 403, 404],
        auth=["bearer"],
        description="What one has attached, or as a manager any.",
    )
    def delete(self, request: Request, id: str) -> Response:
        return one_attachment(actions.remove_attachment(signed_in(request), id_in_path(id, AttachmentNotFound)))


@by_id
class PreviewView(DownloadView):
    """Exempt from REQUESTS_PER_MINUTE: a page has many, which its browser asks for by itself.

    Who has chosen a picture for a comment sees it before that is sent; nobody else does.
    """

    throttle_classes = []

    @described(
        "The preview of a picture",
        operation_id="attachments_preview",
        answer=PICTURE,
        media_type=downloads.PREVIEW_TYPE,
        errors=[401, 404],
        parameters=[IF_NONE_MATCH],
        not_modified=True,
        auth=["bearer"],
        description="Upright, without metadata. The session of a browser serves as well as a token.",
    )
    def get(self, request: Request, id: str) -> HttpResponseBase:
        file = actions.picture_for(signed_in(request), id_in_path(id, AttachmentNotFound))
        return unless_known(request, file, self.sent)

    def sent(self, file: KeptFile) -> HttpResponseBase:
        if not file.has_preview:
            raise NoPreview
        return downloads.preview_answer(file)
