"""Tickets, their history and what belongs to them.

tickets/actions.py writes them, and tickets/backfill those that come with a past.
"""

from tickets.asking.models import Question as Question
from tickets.attachments.models import Attachment as Attachment
from tickets.canned.models import CannedText as CannedText
from tickets.comments.models import Comment as Comment
from tickets.comments.models import CommentText as CommentText
from tickets.comments.models import CommentVersion as CommentVersion
from tickets.comments.models import LastLook as LastLook
from tickets.comments.models import Mention as Mention
from tickets.following.models import FollowChoice as FollowChoice
from tickets.inbox.models import ChosenWay as ChosenWay
from tickets.inbox.models import Told as Told
from tickets.links.models import TicketLink as TicketLink
from tickets.models.audit import Audit as Audit
from tickets.models.audit import Erasure as Erasure
from tickets.models.audit import SealedBlock as SealedBlock
from tickets.models.creation import TicketSequence as TicketSequence
from tickets.models.expressions import UTCYear as UTCYear
from tickets.models.history import HistoryEntry as HistoryEntry
from tickets.models.history import HistoryQuerySet as HistoryQuerySet
from tickets.models.search_text import TicketText as TicketText
from tickets.models.ticket import DESCRIPTION_LENGTH as DESCRIPTION_LENGTH
from tickets.models.ticket import DUE_SOON as DUE_SOON
from tickets.models.ticket import REASON_LENGTH as REASON_LENGTH
from tickets.models.ticket import TITLE_LENGTH as TITLE_LENGTH
from tickets.models.ticket import Ticket as Ticket
from tickets.models.ticket import TicketQuerySet as TicketQuerySet
from tickets.review.models import Lease as Lease
from tickets.review.models import SetAside as SetAside
from tickets.review.models import Sitting as Sitting
from tickets.saved_views.models import SavedView as SavedView
from tickets.uploads.models import Upload as Upload
