"""What Frictionless says of a Table Schema on tables, and whether it and a reader of XML take results that we write."""

import json
import sys
import xml.etree.ElementTree as ElementTree

from frictionless import Report, Resource, Schema


def rule(kind, field, note):
    """`word: enum`; the constraint's name stands in quotation marks in the note."""
    return f"{field}: {note.split(chr(34))[1].split()[0] if kind == 'constraint-error' else kind}"


def judge(path, schema):
    report = Resource(path=path, schema=Schema.from_descriptor(schema)).validate(limit_errors=100_000)
    counts = {}
    for kind, field, note in report.flatten(["type", "fieldName", "note"]):
        key = rule(kind, field, note)
        counts[key] = counts.get(key, 0) + 1
    return counts


def read_report(text):
    report = Report.from_descriptor(json.loads(text))
    return {"valid": report.valid, "said": report.stats["errors"], "listed": len(report.flatten(["type"]))}


def read_suites(text):
    suites = ElementTree.fromstring(text.encode())
    return {"cases": len(suites.findall(".//testcase")), "failures": len(suites.findall(".//failure"))}


asked = json.load(sys.stdin)
answer = {
    "tables": [judge(path, asked["schema"]) for path in asked["tables"]],
    "reports": [read_report(text) for text in asked["reports"]],
    "suites": [read_suites(text) for text in asked["suites"]],
}
json.dump(answer, sys.stdout)
