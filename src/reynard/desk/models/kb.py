"""The knowledge base: articles in sections, for contacts or for staff alone (knowledge-base.md)."""

from typing import Any

from django.db import models
from django.db.models import Index

from reynard.desk.models.catalog import Category


class KbState(models.Model):
    """One row (id 1). `version` is another one after every change of the knowledge base, for entity tags."""

    version = models.PositiveBigIntegerField(default=1)


class Language(models.Model):
    name = models.CharField(max_length=100, unique=True)
    enabled = models.BooleanField(default=True)
    visible = models.BooleanField(default=True)


class Section(models.Model):
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="subsections")
    categories = models.ManyToManyField(Category, related_name="kb_sections", blank=True)


class Article(models.Model):
    """`contents` is clean HTML; addresses in it may be relative to the desk."""

    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="articles", db_index=False)
    language = models.ForeignKey(Language, on_delete=models.PROTECT)
    title = models.CharField(max_length=255)
    slug = models.CharField(max_length=255)
    contents = models.TextField()
    tags = models.TextField(blank=True, default="")  # comma-separated, in the order they were given
    internal = models.BooleanField(default=False)  # for staff alone
    needs_login = models.BooleanField(default=False)  # of external ones: not for strangers
    views = models.PositiveBigIntegerField(default=0)
    last_updated_at = models.DateTimeField()
    related: Any = models.ManyToManyField("self", symmetrical=False, blank=True)

    class Meta:
        indexes = [Index(fields=["section", "id"], name="article_section")]


class ArticleAttachment(models.Model):
    """A file of an article. The bytes are stored once per content, under their SHA-256 (desk/files)."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="attachments")
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64, db_index=True)
