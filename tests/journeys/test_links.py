"""No link of the product leads nowhere: every visitor follows what the pages offer, in both languages."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.journeys.conftest import GUEST, VISITORS, demo_client
from tests.journeys.crawl import crawl

# What is marked as Ukrainian (minutes, quotations), and what stands in a field to be sent back.
CITED = re.compile(r'<(article|q|li|p)\b[^>]*lang="uk".*?</\1>| value="[^"]*"', re.DOTALL)
UKRAINIAN_FIGURE = re.compile(r"\b\d+,\d\d?(?=\D)|\b\d\d\.\d\d\.\d{4}\b|\d\u00a0(?:\d{3}\b|%|грн)")


@pytest.mark.parametrize("language", ["uk", "en"])
@pytest.mark.parametrize("visitor", VISITORS)
def test_links_of_every_visitor_lead_somewhere(demo_day: Flask, visitor: str, language: str) -> None:
    client = demo_client(demo_day, visitor)
    client.set_cookie("lang", language)
    start = "/" if visitor == GUEST else "/home"
    visits = list(crawl(demo_day, client, start, has_files=language == "uk"))
    dead = [f"{visit.status} {visit.url} from {visit.came_from}" for visit in visits if visit.status not in (200, 302)]
    assert dead == []
    assert len({visit.kind for visit in visits}) >= 8, "hardly anything was reached"
    page = f'<html class="govuk-template" lang="{language}"'
    wrong = [visit.url for visit in visits if visit.body and page not in visit.body]
    assert wrong == []
    if language == "en":
        # Letters and entries of the journal are cited as they were written; everything else speaks English figures.
        spoken = [(visit.url, CITED.sub("", visit.body)) for visit in visits if not visit.url.startswith("/journal")]
        assert [(url, found[0]) for url, body in spoken if (found := UKRAINIAN_FIGURE.search(body))] == []
