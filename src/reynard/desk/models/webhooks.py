"""Receivers of what happens to tickets, and how sending to them went. What waits for them is in models/outbox."""

from django.db import models

from reynard.desk.models.catalog import Category


class Webhook(models.Model):
    """Somebody who is told of events. Written by actions/webhooks only."""

    class Encoding(models.TextChoices):
        HEX = "hex"
        BASE64 = "base64"

    name = models.CharField(max_length=100, unique=True)
    url = models.TextField()  # as rules/webhook_targets.url gives it
    secret = models.CharField(max_length=100)
    identity = models.CharField(max_length=36)  # a UUID; ids of deliveries are made from it
    events = models.JSONField()  # names of rules/webhook_events
    categories = models.ManyToManyField(Category, related_name="+")  # none for all
    active = models.BooleanField(default=True)
    off_because = models.TextField(blank=True, default="")  # where the desk itself switched it off
    failing_since = models.DateTimeField(null=True)  # the first failure since the last success
    show_cf_changes = models.BooleanField(default=False)
    envelope = models.BooleanField(default=False)  # {"event": …, "ticket": {…}} instead of the ticket (W-02)
    signature_encoding = models.CharField(max_length=6, choices=Encoding, default=Encoding.HEX)  # W-01
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)  # nobody sees it any more; removed with its deliveries bit by bit


class WebhookAttempt(models.Model):
    """One request to a receiver and its answer. Kept as long as the delivery it belongs to."""

    delivery = models.ForeignKey("desk.OutboxEntry", on_delete=models.CASCADE, related_name="requests")
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    request_headers = models.JSONField()
    body_sha256 = models.CharField(max_length=64)
    body_bytes = models.PositiveIntegerField()
    status = models.PositiveIntegerField(null=True)  # None: no answer
    response_headers = models.JSONField()
    response = models.TextField(blank=True)  # the beginning of the answer's body
    error = models.TextField(blank=True)  # a sentence; "" for a success
