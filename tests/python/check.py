"""Owns what programs read of the built site: feeds, calendars, open data and its schemas, the sitemap.

    python check.py FOLDER BASE_URL

Each kind is read with a library that others use too, so that a mistake of our own writer is not
read back by the same mistake. Nothing here asks the network.
"""

import csv
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from urllib.parse import unquote, urlsplit

import feedparser
import icalendar
import jsonschema

ABSOLUTE = re.compile(r"https?://[^/]+/")
# What a spreadsheet takes for a formula; a plain number may well begin with a sign.
FORMULA = re.compile(r"^[=+\-@\t\r](?![\d.,]+$)")


class Checks:
    """A site under check, and what was found wrong with it."""

    def __init__(self, folder: Path, base_url: str):
        self.folder = folder
        self.base_url = base_url.rstrip("/") + "/"
        self.failures: list[str] = []
        self.counts: dict[str, int] = {}

    def fail(self, path: Path, rule: str, detail: object) -> None:
        """Notes a failure; a long detail is cut, for it may quote a whole record."""
        shown = " ".join(str(detail).split())[:300]
        self.failures.append(f"/{path.relative_to(self.folder).as_posix()}  {rule}  {shown}")

    def count(self, what: str, number: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    def found(self, pattern: str) -> list[Path]:
        return sorted(self.folder.glob(pattern))

    def stands(self, address: str) -> bool:
        """Says whether an address on base_url is a file of the site; others are not ours to check."""
        if not address.startswith(self.base_url):
            return True
        path = unquote(urlsplit(address).path[len(urlsplit(self.base_url).path) :])
        file = self.folder / path
        return (file / "index.html").is_file() if path == "" or path.endswith("/") else file.is_file()


def check_feed(checks: Checks, path: Path) -> None:
    feed = feedparser.parse(path.read_bytes())
    if feed.bozo:
        checks.fail(path, "feed-bozo", feed.get("bozo_exception"))
    for field in ("id", "title", "updated"):
        if not feed.feed.get(field):
            checks.fail(path, "feed-incomplete", f"no {field}")
    if feed.feed.get("updated") and not feed.feed.get("updated_parsed"):
        checks.fail(path, "feed-date", feed.feed.updated)
    for link in feed.feed.get("links", []):
        if not ABSOLUTE.match(link.get("href", "")):
            checks.fail(path, "feed-link", link.get("href"))
    ids = [entry.get("id") for entry in feed.entries]
    for entry in feed.entries:
        name = entry.get("title") or entry.get("id") or "an entry without title"
        for field in ("id", "title", "updated"):
            if not entry.get(field):
                checks.fail(path, "entry-incomplete", f"no {field}: {name}")
        if entry.get("updated") and not entry.get("updated_parsed"):
            checks.fail(path, "entry-date", f"{entry.updated}: {name}")
        links = [link.get("href", "") for link in entry.get("links", [])]
        if not links:
            checks.fail(path, "entry-link", f"none: {name}")
        for link in links:
            if not ABSOLUTE.match(link):
                checks.fail(path, "entry-link", f"not absolute: {link}")
            elif not checks.stands(link):
                checks.fail(path, "entry-link", f"missing: {link}")
        if ids.count(entry.get("id")) > 1:
            checks.fail(path, "entry-id-twice", entry.get("id"))
    checks.count("feeds")
    checks.count("entries", len(feed.entries))


def check_calendar(checks: Checks, path: Path) -> None:
    raw = path.read_bytes()
    if re.search(rb"(?<!\r)\n", raw):
        checks.fail(path, "calendar-lines", "a line does not end in CR LF")
    for line in raw.split(b"\r\n"):
        if len(line) > 75:
            checks.fail(path, "calendar-lines", f"longer than 75 bytes: {line[:40]!r}…")
    # The library forgives a component that ends under another name; calendar programs do not.
    open_components: list[bytes] = []
    for edge, name in re.findall(rb"(?m)^(BEGIN|END):(.*?)\r?$", raw):
        if edge == b"BEGIN":
            open_components.append(name)
        elif not open_components or open_components.pop() != name:
            checks.fail(path, "calendar-nesting", f"END:{name.decode()} without its BEGIN")
    if open_components:
        checks.fail(path, "calendar-nesting", f"{open_components[-1].decode()} never ends")
    try:
        calendar = icalendar.Calendar.from_ical(raw)
    except ValueError as error:
        checks.fail(path, "calendar", error)
        return
    for field in ("PRODID", "VERSION"):
        if field not in calendar:
            checks.fail(path, "calendar-incomplete", f"no {field}")
    events = calendar.walk("VEVENT")
    seen: set[str] = set()
    for event in events:
        name = event.get("SUMMARY", event.get("UID", "an event without summary"))
        for field in ("UID", "DTSTAMP", "DTSTART"):
            if field not in event:
                checks.fail(path, "event-incomplete", f"no {field}: {name}")
        for field, problem in event.errors:
            checks.fail(path, "event-invalid", f"{field}: {problem}")
        if "DTSTART" in event and "DTEND" in event:
            start, end = event.decoded("DTSTART"), event.decoded("DTEND")
            if type(start) is not type(end) or end <= start:
                checks.fail(path, "event-end", f"from {start} to {end}: {name}")
        if str(event.get("UID")) in seen:
            checks.fail(path, "event-uid-twice", event.get("UID"))
        seen.add(str(event.get("UID")))
        if "URL" in event and not (ABSOLUTE.match(event["URL"]) and checks.stands(event["URL"])):
            checks.fail(path, "event-url", event["URL"])
    checks.count("calendars")
    checks.count("events", len(events))


def texts(value: object):
    """Yields every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)


def read_json(checks: Checks, path: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        checks.fail(path, "json", error)
        return None


def check_data(checks: Checks, path: Path) -> None:
    data = read_json(checks, path)
    schema_path = path.parent / "schema" / path.name
    if not schema_path.is_file():
        checks.fail(path, "no-schema", schema_path.name)
    elif data is not None and (schema := read_json(checks, schema_path)) is not None:
        check_schema(checks, path, data, schema_path, schema)
    for text in texts(data):
        if not checks.stands(text):
            checks.fail(path, "data-address", f"missing: {text}")
    checks.count("data sets")

    table = path.with_suffix(".csv")
    records = data.get(path.stem) if isinstance(data, dict) else None
    if table.is_file() and isinstance(records, list):
        rows = len(read_csv(checks, table)) - 1
        if rows != len(records):
            checks.fail(table, "csv-rows", f"{rows} rows, but {len(records)} records in {path.name}")
        checks.count("tables compared with their data set")


def check_schema(checks: Checks, path: Path, data: object, schema_path: Path, schema: object) -> None:
    if not isinstance(schema, dict) or "$schema" not in schema or not ({"properties", "$ref", "items"} & schema.keys()):
        checks.fail(schema_path, "schema-empty", "it names no `$schema`, or nothing that could fail")
        return
    validator = jsonschema.validators.validator_for(schema)
    try:
        validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        checks.fail(schema_path, "schema-invalid", error.message)
        return
    for error in validator(schema, format_checker=validator.FORMAT_CHECKER).iter_errors(data):
        checks.fail(path, "schema", f"{error.json_path}: {error.message}")


def read_csv(checks: Checks, path: Path) -> list[list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file, strict=True))
    except (csv.Error, UnicodeDecodeError) as error:
        checks.fail(path, "csv", error)
        return []


def check_csv(checks: Checks, path: Path) -> None:
    rows = read_csv(checks, path)
    if not rows:
        checks.fail(path, "csv", "not even a head can be read")
        return
    head = rows[0]
    if len(set(head)) != len(head) or not all(head):
        checks.fail(path, "csv-head", f"a column without a name of its own: {head}")
    for number, row in enumerate(rows, 1):
        if len(row) != len(head):
            checks.fail(path, "csv-columns", f"record {number} has {len(row)} columns, the head {len(head)}")
        for cell in row:
            if FORMULA.match(cell):
                checks.fail(path, "csv-formula", f"record {number}: {cell}")
            if not checks.stands(cell):
                checks.fail(path, "csv-address", f"record {number}: missing: {cell}")
    checks.count("tables")


def check_sitemap(checks: Checks, path: Path) -> None:
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        checks.fail(path, "sitemap", error)
        return
    places = [(place.text or "").strip() for place in root.iterfind(".//{*}loc")]
    if not places:
        checks.fail(path, "sitemap", "no address in it")
    for place in places:
        if not place.startswith(checks.base_url):
            checks.fail(path, "sitemap-outside", place)
        elif not checks.stands(place):
            checks.fail(path, "sitemap-missing", place)
        if places.count(place) > 1:
            checks.fail(path, "sitemap-twice", place)
    checks.count("addresses in the sitemap", len(places))


def main() -> int:
    if len(sys.argv) != 3:
        print("usage: python check.py FOLDER BASE_URL", file=sys.stderr)
        return 2
    checks = Checks(Path(sys.argv[1]), sys.argv[2])

    # What every site has: a check that finds nothing to read must not pass.
    for name in ("feed.xml", "meetings/calendar.ics", "data/meetings.json", "data/meetings.csv", "sitemap.xml"):
        if not (checks.folder / name).is_file():
            checks.fail(checks.folder / name, "missing", "every site has it")

    for path in checks.found("**/feed.xml"):
        check_feed(checks, path)
    for path in checks.found("**/*.ics"):
        check_calendar(checks, path)
    for path in checks.found("**/data/*.csv"):
        check_csv(checks, path)
    for path in checks.found("**/data/*.json"):
        check_data(checks, path)
    for path in checks.found("**/data/schema/*.json"):
        if not (path.parent.parent / path.name).is_file():
            checks.fail(path, "schema-without-data", path.name)
    for path in checks.found("sitemap.xml"):
        check_sitemap(checks, path)

    failures = list(dict.fromkeys(checks.failures))
    for failure in failures[:200]:
        print("FAIL", failure)
    if len(failures) > 200:
        print(f"… and {len(failures) - 200} more")
    counted = ", ".join(f"{number} {what}" for what, number in checks.counts.items())
    print(f"python: {counted}: {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
