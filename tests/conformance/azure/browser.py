"""A browser without a screen: goes to a page, and sends the form that posts itself."""

import html
import re
import sys

import requests


def main():
    page = requests.get(sys.argv[1], timeout=30)
    form = re.search(r'<form method="post" action="([^"]*)"', page.text)
    if form is None:  # the redirect was followed: the answer came in the query
        return
    pairs = re.findall(r'name="([^"]*)" value="([^"]*)"', page.text)
    fields = {name: html.unescape(value) for name, value in pairs}
    requests.post(html.unescape(form[1]), data=fields, timeout=30)


main()
