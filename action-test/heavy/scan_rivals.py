"""
What picklescan, modelscan and fickling say of each file of a folder, as their command lines would: standard output is
`{"versions": {tool: version}, "verdicts": {file: {tool: verdict}}}`, where a verdict is `refused`, `clean`, `error` (it
could not be read) or `skipped` (not looked at). The first argument is the folder. Nothing is loaded.
"""

import contextlib
import io
import json
import logging
import os
import resource
import signal
import sys
import zipfile
from importlib.metadata import version

from fickling import cli as fickling
from fickling import scan_zip_archive
from modelscan.modelscan import ModelScan
from modelscan.settings import DEFAULT_SETTINGS
from picklescan.scanner import scan_file_path

LONGEST_SECONDS = 30
MOST_MEMORY = 8 << 30


def picklescan(path):
    result = scan_file_path(path)
    if result.issues_count > 0:
        return "refused"
    if result.scan_err:
        return "error"
    return "clean" if result.scanned_files > 0 else "skipped"


def modelscan(path):
    scan = ModelScan(settings=DEFAULT_SETTINGS)
    scan.scan(path)
    if scan.issues.all_issues:
        return "refused"
    if scan.errors:
        return "error"
    return "clean" if scan.scanned else "skipped"


def fickling_verdict(path):
    if zipfile.is_zipfile(path):
        results = scan_zip_archive(path, graceful=True).values()
        if any(not result.is_safe and not result.errors for result in results):
            return "refused"
        if any(result.errors for result in results):
            return "error"
        return "clean" if results else "skipped"
    return {0: "clean", 1: "refused"}.get(fickling.main(["fickling", "-s", "--json-output", os.devnull, path]), "error")


TOOLS = {"picklescan": picklescan, "modelscan": modelscan, "fickling": fickling_verdict}


def too_long(*_):
    raise TimeoutError


def verdict(tool, path):
    signal.alarm(LONGEST_SECONDS)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return tool(path)
    except (Exception, SystemExit):
        return "error"
    finally:
        signal.alarm(0)


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, too_long)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    logging.disable(logging.CRITICAL)
    folder = sys.argv[1]
    paths = sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)
    verdicts = {os.path.relpath(path, folder): {name: verdict(tool, path) for name, tool in TOOLS.items()} for path in paths}
    json.dump({"versions": {tool: version(tool) for tool in TOOLS}, "verdicts": verdicts}, sys.stdout)
