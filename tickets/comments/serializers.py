"""What the API reads and writes of comments. Shapes only; the rules are in actions.py, beside this."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.api.fields import FlagField, StrictSerializer, TimeField
from config.times import iso
from tickets.asking.models import State
from tickets.asking.reading import question_of
from tickets.comments import rendering
from tickets.comments.models import COMMENT_LENGTH, Comment
from tickets.serializers import VisibleTextField, visible_text
from tickets.texts.characters import unix_lines


@extend_schema_field(visible_text(COMMENT_LENGTH))
class CommentTextField(VisibleTextField):
    """Markdown, kept as sent but for its line ends, which are counted as they are kept."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=COMMENT_LENGTH, trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        return unix_lines(super().to_internal_value(data))


class NewCommentSerializer(StrictSerializer):
    text = CommentTextField()
    isQuestion = FlagField(source="is_question", required=False, allow_null=True)


class CommentEditSerializer(StrictSerializer):
    text = CommentTextField()


class CommentSerializer(serializers.Serializer[Comment]):
    id = serializers.UUIDField()
    ticketId = serializers.UUIDField(source="ticket_id")
    authorId = serializers.UUIDField(source="author_id")
    text = serializers.SerializerMethodField(help_text="In Markdown; null where it was removed.")
    html = serializers.SerializerMethodField(help_text="The text as HTML in which nothing runs; null likewise.")
    isQuestion = serializers.BooleanField(source="is_question")
    createdAt = TimeField(source="created_at")
    editedAt = TimeField(source="edited_at", allow_null=True)
    removedAt = TimeField(source="removed_at", allow_null=True)
    questionState = serializers.SerializerMethodField(
        help_text="Whether the draft waits for its author's answer to this; null where it never did."
    )
    waitsUntil = serializers.SerializerMethodField(help_text="When it ceases to; null where it never did.")

    @extend_schema_field(serializers.ChoiceField(choices=State.values, allow_null=True))
    def get_questionState(self, comment: Comment) -> str | None:  # noqa: N802 - as the field is called
        return question.state if (question := question_of(comment)) else None

    @extend_schema_field(TimeField(allow_null=True))
    def get_waitsUntil(self, comment: Comment) -> str | None:  # noqa: N802 - as the field is called
        return iso(question.waits_until) if (question := question_of(comment)) else None

    def get_text(self, comment: Comment) -> str | None:
        return None if comment.removed_at else comment.text

    def get_html(self, comment: Comment) -> str | None:
        return None if comment.removed_at else rendering.html_of(comment)


class CommentPageSerializer(serializers.Serializer[Any]):
    items = CommentSerializer(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    pageSize = serializers.IntegerField()


class CommentVersionSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    writtenAt = TimeField(source="written_at", help_text="When the comment got this text.")
