"""No link of the product leads nowhere: every visitor follows what the pages offer, in both languages."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.journeys.conftest import GUEST, VISITORS, demo_client
from tests.journeys.crawl import crawl


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
