"""REST: comments on tickets."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency.requests import KEYED, KEYED_ERRORS, OnceView, once
from accounts.signing_in.tokens import signed_in
from config.api.openapi import PAGE_QUERY, described
from config.ids import id_in_path
from config.paging import PageRequest
from tickets.api import by_id, live_ticket, parse_id, read_body
from tickets.comments import actions, permissions
from tickets.comments.errors import CommentNotFound
from tickets.comments.models import Comment
from tickets.comments.serializers import (
    CommentEditSerializer,
    CommentPageSerializer,
    CommentSerializer,
    CommentVersionSerializer,
    NewCommentSerializer,
)


def one_comment(comment: Comment, status: int = 200) -> Response:
    return Response(CommentSerializer(comment).data, status=status)


@by_id
class CommentListView(OnceView):
    @described(
        "What was said about a ticket",
        operation_id="comments_list",
        answer=CommentPageSerializer,
        errors=[400, 401, 404],
        parameters=PAGE_QUERY,
        description="Oldest first. A comment that was removed stays in its place, without its text.",
    )
    def get(self, request: Request, id: str) -> Response:
        page = PageRequest.read(request.query_params)
        comments = live_ticket(request, id).comments.select_related("question").oldest_first()
        return Response(page.of(comments, CommentSerializer, total=comments.count()))

    @described(
        "Comment on a ticket",
        body=NewCommentSerializer,
        answer=CommentSerializer,
        status=201,
        errors=[400, 401, 404, *KEYED_ERRORS],
        parameters=[KEYED],
        description="In every status, by anybody signed in. The ticket and its version stay as they are.",
    )
    def post(self, request: Request, id: str) -> HttpResponse:
        return once(request, partial(self.add, request, id, **read_body(NewCommentSerializer, request)))

    def add(self, request: Request, id: str, *, text: str, is_question: bool = False) -> Response:
        comment = actions.add_comment(signed_in(request), parse_id(id), text=text, is_question=is_question)
        return one_comment(comment, status=201)


@by_id
class CommentView(APIView):
    @described(
        "Edit one's own comment",
        body=CommentEditSerializer,
        answer=CommentSerializer,
        errors=[400, 401, 403, 404],
        description="The text before is kept. The same text changes nothing.",
    )
    def patch(self, request: Request, id: str) -> Response:
        body = read_body(CommentEditSerializer, request)
        return one_comment(actions.edit_comment(signed_in(request), id_in_path(id, CommentNotFound), **body))

    @described(
        "Remove a comment",
        answer=CommentSerializer,
        errors=[401, 403, 404],
        description="One's own, or as a manager any.",
    )
    def delete(self, request: Request, id: str) -> Response:
        return one_comment(actions.remove_comment(signed_in(request), id_in_path(id, CommentNotFound)))


@by_id
class QuestionView(APIView):
    @described(
        "Withdraw one's own question",
        answer=CommentSerializer,
        errors=[400, 401, 403, 404],
        description="The draft waits for its answer no longer. The comment stays.",
    )
    def delete(self, request: Request, id: str) -> Response:
        return one_comment(actions.withdraw_question(signed_in(request), id_in_path(id, CommentNotFound)))


@by_id
class CommentVersionsView(APIView):
    @described(
        "The earlier texts of a comment",
        answer=CommentVersionSerializer(many=True),
        errors=[401, 404],
        description="Oldest first. Of a comment that was removed only managers are told any.",
    )
    def get(self, request: Request, id: str) -> Response:
        user = signed_in(request)
        comment = actions.comment_for(user, id_in_path(id, CommentNotFound))
        versions = comment.versions.order_by("pk") if permissions.can_read_versions(user, comment) else []
        return Response(CommentVersionSerializer(versions, many=True).data)
