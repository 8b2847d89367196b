"""A person's browser: opens the device page that the arguments name, logs in as Ada and allows what is asked."""

import html.parser
import sys
import urllib.parse

import requests


class Form(html.parser.HTMLParser):
    """The first form that posts, and what it has hidden."""

    def __init__(self, page):
        super().__init__()
        self.action, self.fields, self._inside = None, {}, False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "form" and self.action is None:
            self.action, self._inside = values.get("action"), True
        elif tag == "input" and self._inside and values.get("type") == "hidden":
            self.fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag):
        self._inside = self._inside and tag != "form"


def allow(address):
    browser = requests.Session()
    # The recorder leaves out what a browser asks.
    browser.headers["x-browser"] = "yes"
    page = browser.get(address)
    for fields in ({"username": "ada", "password": "pw"}, {"accept": "Yes"}):
        form = Form(page.text)
        page = browser.post(urllib.parse.urljoin(page.url, form.action), data=form.fields | fields)
    assert page.status_code == 200 and "/device/status" in page.url, (page.status_code, page.url)


if __name__ == "__main__":
    allow(sys.argv[1])
