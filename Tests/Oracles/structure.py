#!/usr/bin/env python3
"""The structure that our reader finds in a message, compared with what other parsers found.

    Tests/Oracles/structure.py [--bodies] [--limit N] DIRECTORY...

Below each directory it takes as oracles
    X.json and X.crlf.json beside X.eml       stalwart's mail-parser, the second of the message with CRLF line ends
    X_decoded.xml beside X.msg                Apache mime4j, bodies in the files that it names
and compares the part tree (types, order, nesting), the decoded bodies, subject, from, to and cc,
date, and the parts' file names; with --bodies also which parts are taken for the text, the HTML
and the attachments (stalwart only).

Each difference is one line `SUITE FILE: field: at PART: oracle -> ours`; fields are tree type body
name subject from to cc date bodies program. Those listed in DIFFERENCES.md as `- stalwart FILE: field: reason`
or `- mime4j FILE: field: reason` are explained. The last line is
`N compared, N equal, N explained, N different`; exit 1 if any are different.

Our side is the program mimetree (in BIN, default .build/release): `mimetree FILE` prints, in UTF-8,
one JSON object for the file's one message, and exits 0:

    {"parts": [PART, ...],          every part, nested messages' parts too; parts[i].id == i, parts[0] is the root
     "from": [BOX], "to": [BOX], "cc": [BOX], "bcc": [BOX],     BOX = {"name": string|null, "address": string|null},
                                    groups flattened, encoded words decoded
     "subject": string|null,        decoded, unfolded
     "date": string|null,           ISO 8601 with the zone as in the message: 2002-08-22T18:26:25+07:00
     "textBody": [ID], "htmlBody": [ID], "attachments": [ID]}   of the outermost message; only for --bodies

    PART = {"id": N, "parent": N or -1, "children": [ID, ...],
            "type": "text/plain",   lower case, as it is treated: the default where none is declared
            "charset": string|null, "encoding": string|null, "disposition": string|null, "cid": string|null,
            "name": string|null,    Content-Disposition's filename, else Content-Type's name; decoded
            "data": string|null,    leaves: base64 of the bytes after the transfer decoding, null for others
            "text": string|null,    text leaves: the same as text, from its character set; line ends as they are
            "header": [[name, value], ...]}

The children of a multipart are its parts; of a message/rfc822 part, the nested message's root part
alone. A part of any other type has none. The oracles' shape is the same, so trees are compared as they are."""

import argparse
import base64
import collections
import datetime
import email
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

sys.dont_write_bytecode = True  # no __pycache__ in the source tree
import reading  # noqa: E402

TIME_LIMIT = 20


class Node:
    """A part: kind is multipart, message or leaf; type is None where the oracle saw none declared;
    body is bytes, a str, or None for not known; names are the plausible readings of its file name,
    empty for none."""

    def __init__(self, kind, type, body=None, names=(), children=(), number=None):
        if kind == "leaf" and re.match("multipart/|message/rfc822$", type or ""):
            type = None  # declared, but not read as such: what it is instead is nowhere declared
        self.kind, self.type, self.body, self.names = kind, type, body, list(names)
        self.children, self.number = list(children), number

    def __str__(self):
        if self.kind == "leaf":
            return self.type or "leaf"
        return f"{self.type or self.kind}({', '.join(map(str, self.children))})"

    def paths(self, path="1", result=None):
        """Part number -> path such as 1.2, for naming parts alike on both sides."""
        result = {} if result is None else result
        result[self.number] = path
        if self.kind == "multipart":
            for index, child in enumerate(self.children, 1):
                child.paths(f"{path}.{index}", result)
        return result


class Reading:
    """What one side read. Each field is the list of its plausible readings, None for not known."""

    def __init__(self, root, subjects=None, addresses=None, dates=None, bodies=None):
        self.root, self.subjects, self.dates, self.bodies = root, subjects, dates, bodies
        self.addresses = addresses or {}


def lines(body):
    """Line ends differ between checkouts, and Git has changed some of the oracles' files."""
    if isinstance(body, bytes):
        return body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return body.replace("\r\n", "\n").replace("\r", "\n")


def boxes(mailboxes):
    """A word alone is a name to one parser and an address to another."""
    result = []
    for box in mailboxes:
        name, address = box.get("name") or "", box.get("address") or ""
        if not address or (not name and "@" not in address):
            name, address = reading.fold_space(name or address), ""
        result.append((reading.fold_space(name), address))
    return reading.tidy(result)


# ------------------------------------------------------------------ stalwart


def stalwart(path):
    """A message has parts, each with headers, body and offsets; part 0 is the root and body names
    the shape: Text, Html (str), Binary, InlineBinary (list of byte values), Multipart (part
    numbers), Message (a message with parts of its own, numbered from 0)."""
    with open(path, encoding="utf-8") as file:
        message = json.load(file)
    root_headers = message["parts"][0]["headers"]
    addresses = {}
    for field in ("from", "to", "cc"):
        found = [h["value"] for h in root_headers if h["name"] == field]
        addresses[field] = [boxes(stalwart_boxes(value)) for value in found]
        if len(found) > 1:
            addresses[field].append(boxes([box for value in found for box in stalwart_boxes(value)]))
        if not found:
            addresses[field] = [[]]

    def values(name, shape):
        found = [h["value"] for h in root_headers if h["name"] == name]
        return [value.get(shape) if isinstance(value, dict) else None for value in found]

    subjects = [reading.fold_space(value or "") for value in values("subject", "Text")]
    dates = [stalwart_date(value) for value in values("date", "DateTime")]
    bodies = {"text": message["text_body"], "html": message["html_body"], "attachments": message["attachments"]}
    return Reading(stalwart_part(message, 0), subjects or [""], addresses, dates or [None], bodies)


def stalwart_boxes(value):
    if not isinstance(value, dict):
        return []
    value = value.get("Address", {})
    result = list(value.get("List", []))
    for group in value.get("Group", []):
        result += group["addresses"]
    return result


def stalwart_date(date):
    if date is None:
        return None
    zone = datetime.timedelta(hours=date["tz_hour"], minutes=date["tz_minute"])
    try:
        zone = datetime.timezone(-zone if date["tz_before_gmt"] else zone)
        clock = [date[key] for key in ("year", "month", "day", "hour", "minute", "second")]
        return datetime.datetime(*clock, tzinfo=zone).isoformat()
    except ValueError:
        return None


def stalwart_part(message, number):
    part = message["parts"][number]
    ((shape, body),) = part["body"].items()
    declared = names = None
    for header in part["headers"]:
        if header["name"] in ("content_type", "content_disposition") and isinstance(header["value"], dict):
            value = header["value"]["ContentType"]
            attributes = {a["name"]: a["value"] for a in value["attributes"] or []}
            if header["name"] == "content_type":
                declared = f"{value['c_type']}/{value['c_subtype']}".lower() if value["c_subtype"] else None
                names = names or attributes.get("name")
            else:
                names = attributes.get("filename") or names
    names = [reading.fold_space(names)] if names else []
    if shape == "Multipart":
        return Node("multipart", declared, None, names, [stalwart_part(message, n) for n in body], number)
    if shape == "Message":
        return Node("message", declared, None, names, [stalwart_part(body, 0)], number)
    return Node("leaf", declared, bytes(body) if isinstance(body, list) else body, names, (), number)


# ------------------------------------------------------------------ mime4j

TYPE = re.compile(r"\s*([\w!#$&^.+-]+)\s*/\s*([\w!#$&^.+-]+)")


def mime4j(path):
    """<message> and <body-part> hold a <header> of raw <field>s, then <multipart> (preamble,
    body-parts, epilogue), <message>, <text-body name=> or <binary-body name=>: those name files
    with the bytes after the transfer decoding, not converted to another character set. The tests of
    mime4j leave out the fields that its parser could not read."""
    tree = xml.etree.ElementTree.parse(path).getroot()
    header = mime4j_header(tree)
    addresses = {}
    for field in ("from", "to", "cc"):
        found = [value for _, value in reading.address_readings(header, field)]
        addresses[field] = [boxes([{"name": n, "address": a} for n, a in value]) for value in found]
    subjects = [value for _, value in reading.subject_readings(header)]
    dates = []
    for value in header.get_all("date", []):
        try:
            dates.append(email.utils.parsedate_to_datetime(value).isoformat())
        except (ValueError, TypeError):
            dates.append(None)
    return Reading(mime4j_part(tree, os.path.dirname(path)), subjects, addresses, dates or [None])


def mime4j_header(element):
    header = element.find("header")
    fields = [(field.text or "").strip("\n") for field in (header if header is not None else ())]
    return email.message_from_string("".join(field + "\n" for field in fields) + "\n")


def mime4j_part(element, directory):
    header = mime4j_header(element)
    declared = TYPE.match(header.get("content-type", ""))
    declared = f"{declared[1]}/{declared[2]}".lower() if declared else None
    names = reading.file_names(header)
    for child in element:
        if child.tag == "multipart":
            children = [mime4j_part(part, directory) for part in child if part.tag == "body-part"]
            return Node("multipart", declared, None, names, children)
        if child.tag == "message":
            return Node("message", declared, None, names, [mime4j_part(child, directory)])
        if child.tag in ("text-body", "binary-body"):
            with open(os.path.join(directory, child.get("name")), "rb") as file:
                return Node("leaf", declared, file.read(), names)
    return Node("leaf", declared, b"", names)


# ------------------------------------------------------------------ ours


class Failure(Exception):
    pass


def ours(path):
    try:
        done = subprocess.run([reading.program("mimetree"), path], capture_output=True, timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        raise Failure(f"more than {TIME_LIMIT} seconds")
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise Failure(f"exit {done.returncode}: {said}")
    try:
        answer = json.loads(done.stdout)
        return Reading(
            our_part(answer["parts"], 0),
            [reading.fold_space(answer["subject"] or "")],
            {field: [boxes(answer[field])] for field in ("from", "to", "cc")},
            [answer["date"]],
            {"text": answer.get("textBody"), "html": answer.get("htmlBody"), "attachments": answer.get("attachments")},
        )
    except (ValueError, KeyError, TypeError, IndexError) as problem:
        raise Failure(f"its JSON is not as expected: {problem!r}")


def our_part(parts, number):
    part = parts[number]
    if part["id"] != number:
        raise KeyError(f"part {number} has id {part['id']}")
    children = [our_part(parts, child) for child in part["children"]]
    names = [reading.fold_space(part["name"])] if part["name"] else []
    if part["type"].startswith("multipart/") and part["data"] is None:
        kind = "multipart"
    else:
        kind = "message" if children else "leaf"
    node = Node(kind, part["type"], None, names, children, number)
    if kind == "leaf":
        node.body = base64.b64decode(part["data"] or "")
        node.text = part["text"]
    return node


# ------------------------------------------------------------------ comparing


def compare(oracle, mine, with_bodies):
    yield from compare_parts(oracle.root, mine.root, "1")
    if oracle.subjects is not None and mine.subjects[0] not in oracle.subjects:
        yield "subject", "", oracle.subjects[0], mine.subjects[0]
    for field, found in oracle.addresses.items():
        if found and mine.addresses[field][0] not in found:
            yield field, "", str(found[0]), str(mine.addresses[field][0])
    if not same_date(oracle.dates, mine.dates[0]):
        yield "date", "", str(oracle.dates[0]), str(mine.dates[0])
    if with_bodies and oracle.bodies:
        here, there = oracle.root.paths(), mine.root.paths()
        for which in ("text", "html", "attachments"):
            one = [here.get(n, "?") for n in oracle.bodies[which]]
            other = [there.get(n, "?") for n in mine.bodies[which] or []]
            if one != other:
                yield "bodies", "", f"{which} {' '.join(one) or 'none'}", " ".join(other) or "none"


def same_date(dates, mine):
    """The same instant in the same zone. No date is agreed on if either side of the oracles' has none."""

    def value(text):
        moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        return moment, moment.utcoffset()

    for date in dates:
        if date is None or mine is None:
            if date is mine:
                return True
        elif value(date) == value(mine):
            return True
        elif value(date)[1] is None and value(date)[0] == value(mine)[0].replace(tzinfo=None):
            return True  # Python gives a date in the zone -0000 none
    return False


def compare_parts(one, other, path):
    """Descends as long as the two have the same shape; a difference in shape is said once, there."""
    if one.kind != other.kind or len(one.children) != len(other.children):
        yield "tree", path, str(one), str(other)
        return
    if one.type and other.type and one.type != other.type:
        yield "type", path, one.type, other.type
    if (one.names or other.names) and not set(one.names) & set(other.names):
        yield "name", path, one.names[0] if one.names else "none", other.names[0] if other.names else "none"
    if one.kind == "leaf" and one.body is not None:
        yield from compare_body(one.body, other, path)
    for index, (left, right) in enumerate(zip(one.children, other.children), 1):
        yield from compare_parts(left, right, f"{path}.{index}")


def compare_body(body, other, path):
    if isinstance(body, str):
        mine = other.text if other.text is not None else other.body.decode("utf-8", "replace")
    else:
        mine = other.body
    if body == mine or lines(body) == lines(mine):
        return
    body, mine = lines(body), lines(mine)
    start = 0
    while start < min(len(body), len(mine)) and body[start] == mine[start]:
        start += 1
    show = [f"{len(b)} long, from {start}: {b[start : start + 40]!r}" for b in (body, mine)]
    yield "body", path, *show


# ------------------------------------------------------------------ all of them


def oracles(directories):
    """(suite, name to print, message, oracle, its reader, whether the message gets CRLF line ends)"""
    for directory in directories:
        directory = directory.rstrip("/") or "/"
        top = os.path.basename(os.path.abspath(directory))

        def shown(path):
            return os.path.join(top, os.path.relpath(path, directory))

        for path in sorted(glob.glob(glob.escape(directory) + "/**/*.eml", recursive=True)):
            for suffix, crlf in ((".json", False), (".crlf.json", True)):
                oracle = path[:-4] + suffix
                if os.path.exists(oracle):
                    yield "stalwart", shown(path) + (" (CRLF)" if crlf else ""), path, oracle, stalwart, crlf
        for path in sorted(glob.glob(glob.escape(directory) + "/**/*.msg", recursive=True)):
            oracle = path[:-4] + "_decoded.xml"
            if os.path.exists(oracle):
                yield "mime4j", shown(path), path, oracle, mime4j, False


def differences(path, oracle, reader, crlf, with_bodies):
    expected = reader(oracle)
    try:
        if not crlf:
            return list(compare(expected, ours(path), with_bodies))
        with tempfile.NamedTemporaryFile(suffix=".eml") as copy, open(path, "rb") as file:
            copy.write(file.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
            copy.flush()
            return list(compare(expected, ours(copy.name), with_bodies))
    except Failure as failure:
        return [("program", "", "a tree", str(failure))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", nargs="+")
    parser.add_argument("--bodies", action="store_true", help="compare text, HTML and attachment lists too")
    parser.add_argument("--limit", type=int, default=0, help="print at most so many differences")
    parser.add_argument("--differences", default=reading.default_list(), help="the list of explained differences")
    arguments = parser.parse_args()
    if not os.access(reading.program("mimetree"), os.X_OK):
        print(f"structure.py: {reading.program('mimetree')}: not built", file=sys.stderr)
        return 69
    for path in arguments.directory:
        if not os.path.isdir(path):
            print(f"structure.py: {path}: no such directory", file=sys.stderr)
            return 66
    sys.setrecursionlimit(20000)  # nested messages
    explained = {s: reading.Explained(arguments.differences, s) for s in ("stalwart", "mime4j")}
    counts, fields, printed = collections.Counter(), collections.Counter(), 0
    for suite, name, path, oracle, reader, crlf in oracles(arguments.directory):
        found = differences(path, oracle, reader, crlf, arguments.bodies)
        plain = name.removesuffix(" (CRLF)")
        remaining = [d for d in found if not explained[suite](plain, d[0])]
        counts["compared"] += 1
        counts["different" if remaining else "explained" if found else "equal"] += 1
        for field, where, before, after in remaining:
            fields[suite, field] += 1
            printed += 1
            if not arguments.limit or printed <= arguments.limit:
                where = f"at {where}: " if where else ""
                print(reading.cut(f"{suite} {name}: {field}: {where}{before} -> {after}"))
    if arguments.limit and printed > arguments.limit:
        print(f"... and {printed - arguments.limit} more")
    for suite, list_ in explained.items():
        for entry in list_.unused():
            print(f"not needed any more in {os.path.basename(arguments.differences)}: {suite} {entry}")
    for (suite, field), count in sorted(fields.items()):
        print(f"{suite} {field:<10} {count:>5}")
    print(", ".join(f"{counts[key]} {key}" for key in ("compared", "equal", "explained", "different")))
    return 1 if counts["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
