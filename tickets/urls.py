from django.urls import path

from tickets import api
from tickets.attachments import api as attachments
from tickets.canned import views as canned
from tickets.comments import api as comments
from tickets.comments import views as comment_pages
from tickets.events.api import EventsView
from tickets.following import api as following
from tickets.following import views as following_pages
from tickets.inbox import views as inbox
from tickets.links import api as links
from tickets.links import views as link_pages
from tickets.outbox import views as outbox
from tickets.review import views as review_mode
from tickets.saved_views import views as saved_views
from tickets.uploads import views as uploads
from tickets.views import bulk, deletion, download, edit, listing, new, review, ticket

api_urls = [
    path("tickets", api.TicketListView.as_view()),
    path("tickets/bulk", api.BulkView.as_view()),
    path("tickets/<str:id>", api.TicketView.as_view()),
    path("tickets/<str:id>/review", api.ReviewView.as_view()),
    path("tickets/<str:id>/restore", api.RestoreView.as_view()),
    path("tickets/<str:id>/history", api.HistoryView.as_view()),
    path("tickets/<str:id>/comments", comments.CommentListView.as_view()),
    path("tickets/<str:id>/links", links.LinkListView.as_view()),
    path("links/<str:id>", links.LinkView.as_view()),
    path("tickets/<str:id>/following", following.FollowingView.as_view()),
    path("tickets/<str:id>/attachments", attachments.AttachmentListView.as_view()),
    path("attachments/<str:id>", attachments.AttachmentView.as_view()),
    path("attachments/<str:id>/preview", attachments.PreviewView.as_view()),
    path("comments/<str:id>", comments.CommentView.as_view()),
    path("comments/<str:id>/question", comments.QuestionView.as_view()),
    path("comments/<str:id>/versions", comments.CommentVersionsView.as_view()),
    path("events", EventsView.as_view()),
]

app_name = "tickets"
urlpatterns = [
    path("tickets/", listing.ticket_list, name="list"),
    path("tickets/download/", download.download, name="download"),
    path("tickets/bulk/", bulk.bulk, name="bulk"),
    path("tickets/new/", new.new, name="new"),
    path("tickets/views/", saved_views.views, name="views"),
    path("tickets/views/<str:id>/", saved_views.view, name="view"),
    path("tickets/views/<str:id>/rename/", saved_views.rename, name="rename-view"),
    path("tickets/views/<str:id>/share/", saved_views.share, name="share-view"),
    path("tickets/views/<str:id>/forget/", saved_views.delete, name="delete-view"),
    path("tickets/similar/", new.similar, name="similar"),
    path("tickets/<str:number>/", ticket.show, name="ticket"),
    path("tickets/<str:number>/review/", review.review, name="review"),
    path("tickets/<str:number>/edit/", edit.edit, name="edit"),
    path("tickets/<str:number>/delete/", deletion.delete, name="delete"),
    path("tickets/<str:number>/restore/", deletion.restore, name="restore"),
    path("tickets/<str:number>/comments/", comment_pages.add, name="comment"),
    path("comments/preview/", comment_pages.preview, name="preview-comment"),
    path("comments/people/", comment_pages.people, name="people"),
    path("comments/<str:id>/edit/", comment_pages.edit, name="edit-comment"),
    path("comments/<str:id>/withdraw/", comment_pages.withdraw, name="withdraw-question"),
    path("comments/<str:id>/remove/", comment_pages.remove, name="remove-comment"),
    path("comments/<str:id>/versions/", comment_pages.versions, name="comment-versions"),
    path("tickets/<str:number>/attachments/", uploads.attach, name="attach"),
    path("attachments/<str:id>/remove/", uploads.remove, name="remove-attachment"),
    path("uploads/", uploads.uploads, name="uploads"),
    path("tickets/<str:number>/links/", link_pages.links, name="links"),
    path("tickets/<str:number>/links/<str:id>/remove/", link_pages.remove, name="remove-link"),
    path("tickets/<str:number>/following/", following_pages.following, name="following"),
    path("tickets/<str:number>/canned/", canned.offered, name="offered-texts"),
    path("canned/", canned.canned_texts, name="canned-texts"),
    path("canned/<str:id>/", canned.canned_text, name="canned-text"),
    path("canned/<str:id>/delete/", canned.delete, name="delete-canned-text"),
    path("review/", review_mode.mode, name="review-mode"),
    path("review/next/", review_mode.ahead, name="review-next"),
    path("review/take-back/", review_mode.take_back, name="review-take-back"),
    path("review/leave/", review_mode.leave, name="review-leave"),
    path("review/<str:number>/decide/", review_mode.decide, name="review-decide"),
    path("review/<str:number>/ask/", review_mode.ask, name="review-ask"),
    path("review/<str:number>/skip/", review_mode.skip, name="review-skip"),
    path("review/<str:number>/snooze/", review_mode.snooze, name="review-snooze"),
    path("review/<str:number>/duplicate/", review_mode.duplicate, name="review-duplicate"),
    path("review/<str:number>/hold/", review_mode.hold, name="review-hold"),
    path("mail/leave/<str:token>/", outbox.leave, name="leave-by-mail"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/count/", inbox.count, name="inbox-count"),
    path("inbox/preferences/", inbox.ways, name="inbox-ways"),
]
