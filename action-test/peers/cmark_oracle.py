"""Reads a JSON list of Markdown texts and writes, for each, the tags and the text that GitHub's own parser makes of it."""
import html.parser
import json
import sys

import cmarkgfm


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []
        self.text = ""

    def handle_starttag(self, tag, attributes):
        self.tags.append([tag, [name for name, _ in attributes]])

    def handle_data(self, data):
        self.text += data


def read(markdown):
    reader = Reader()
    options = cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE
    reader.feed(cmarkgfm.github_flavored_markdown_to_html(markdown, options=options))
    return {"tags": reader.tags, "text": reader.text}


json.dump([read(markdown) for markdown in json.load(sys.stdin)], sys.stdout)
