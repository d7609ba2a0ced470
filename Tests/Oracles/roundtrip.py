#!/usr/bin/env python3
"""Internet message -> .ccm -> Internet message, judged by Python's email package.

    Tests/Oracles/roundtrip.py [--jobs N] [--limit N] [--option OPTION]... DIRECTORY...

Runs eml2ccm on every message below the directories and ccm2eml on what comes out, and compares:

    from to cc bcc   mailboxes: display name and address
    subject          decoded, white space folded
    date             the same instant, to the minute
    text             the inline text/plain bodies one after another; line ends and the line ends at
                     its end do not count; format=flowed is unflowed first; uuencoded blocks are
                     attachments
    count            number of attachments
    attachment       their bytes; where the original was not base64, line ends do not count
    name             their names; one without a name may come back with one
    html             bytes of the HTML bodies
    html-charset     and their character set, where it matters

Each difference is one line, `FILE: field: before -> after`. Those listed in DIFFERENCES.md as
`- roundtrip FILE: field: reason` are explained. Exit 1 when others remain or a program failed
(anything but exit 0, or 65 from eml2ccm; a signal; more than 20 seconds), else 0.

--option passes an option to both programs (--option=--plain). The programs are in BIN, default
.build/release. Messages that Python cannot read are counted and skipped."""

import argparse
import binascii
import collections
import datetime
import email
import email.generator
import hashlib
import io
import multiprocessing
import os
import quopri
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # no __pycache__ in the source tree
import reading  # noqa: E402

TIME_LIMIT = 20
FIELDS = "from to cc bcc subject date text count attachment name html html-charset".split()

# ------------------------------------------------------------------ what a message holds


class Attachment:
    def __init__(self, names, data, exact, kind):
        self.names = names  # plausible readings of its name
        self.kind = kind
        self.exact = exact  # False: its line ends are those of the transport
        self.size = len(data)
        self.digest = hashlib.sha256(data).hexdigest()
        self.loose = hashlib.sha256(line_ends(data)).hexdigest()

    def __str__(self):
        return f"{self.names[0] if self.names else '(no name)'} {self.kind} {self.size} bytes {self.digest[:8]}"


class Contents:
    """What the round trip has to keep."""

    def __init__(self, data):
        message = email.message_from_bytes(data)
        parts = list(leaves(message))
        self.charset = first_charset(parts)
        self.addresses = {f: reading.address_readings(message, f, self.charset) for f in ("from", "to", "cc", "bcc")}
        self.subject = reading.subject_readings(message, self.charset)
        self.dates = reading.date_readings(message)
        self.attachments, self.html = [], []
        self.loose_text = False  # flowed, or with uuencoded blocks: its blank lines and quoting marks may move
        self.flowed = False
        texts = []
        for part in parts:
            data = part_bytes(part)
            kind = part.get_content_type()
            names = reading.file_names(part, self.charset)
            attached = part.get_content_disposition() == "attachment" or bool(names)
            if kind.startswith("multipart/"):
                kind = "text/plain"  # no boundary, or it never came: all of it is text
            if kind == "text/plain" and not attached:
                texts.append(self.text(part, data))
            elif kind == "text/html" and not attached:
                self.html.append((line_ends(data), charset_of(part), data.isascii()))
            else:
                encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
                self.attachments.append(Attachment(names, data, encoding == "base64", kind))
        # every plausible reading of the whole: the same choice for each part
        depth = max(map(len, texts), default=1)
        self.texts = ["\n".join(t[min(n, len(t) - 1)].rstrip("\n") for t in texts) for n in range(depth)]
        self.texts = [text.rstrip("\n") for text in self.texts]

    def text(self, part, data):
        data = line_ends(data)
        if b"begin " in data:
            data, files = uudecoded(data)
            self.attachments += [Attachment([n], d, True, "uuencoded") for n, d in files]
            self.loose_text = self.loose_text or bool(files)
        found = reading.decodings(data, charset_of(part))
        if str(parameter(part, "format")).lower() == "flowed":
            self.flowed = True
            delete = str(parameter(part, "delsp")).lower() == "yes"
            found = [unflowed(text, delete) for text in found]
        return found


def leaves(message):
    """The parts that hold something, messages within messages not opened."""
    stack = [message]
    while stack:
        part = stack.pop()
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            stack.extend(reversed(part.get_payload()))
        else:
            yield part


def parameter(part, name):
    try:
        return part.get_param(name) or ""
    except Exception:
        return ""


def charset_of(part):
    try:
        return part.get_content_charset() or ""
    except Exception:
        return ""


def first_charset(parts):
    for part in parts:
        label = charset_of(part)
        if label and label not in ("us-ascii", "ascii"):
            return label
    return None


def line_ends(data):
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n")


def part_bytes(part):
    if not part.is_multipart():
        if str(part.get("content-transfer-encoding", "")).strip().lower() == "quoted-printable":
            # RFC 2045, 6.7 (3): blanks at the end of a line were added on the way and are removed.
            # Python leaves them in.
            raw = part._payload.encode("ascii", "surrogateescape")
            return quopri.decodestring(re.sub(rb"[ \t]+(?=\r?\n|$)", b"", raw))
        payload = part.get_payload(decode=True)
        return payload if payload is not None else b""
    # A message within the message: Python has parsed it, so it is written again. Both sides go
    # through this, so what Python's writer changes does not matter.
    out = io.BytesIO()
    generator = email.generator.BytesGenerator(out, mangle_from_=False, maxheaderlen=0, policy=email.policy.compat32)
    for inner in part.get_payload():
        generator.flatten(inner)
    data = out.getvalue()
    if str(part.get("content-transfer-encoding", "")).strip().lower() == "base64":
        try:
            data = binascii.a2b_base64(data)
            inner = email.message_from_bytes(data)
            out = io.BytesIO()
            email.generator.BytesGenerator(out, mangle_from_=False, maxheaderlen=0).flatten(inner)
            data = out.getvalue()
        except binascii.Error:
            pass
    return data


UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} (\S[^\n]*)\n", re.M)


def uudecoded(text):
    """The text without its well-formed uuencoded blocks, and those as (name, bytes)."""
    files, kept, position = [], [], 0
    for begin in UU_BEGIN.finditer(text):
        if begin.start() < position:
            continue
        data, here, ended = bytearray(), begin.end(), False
        while here < len(text) and not ended:
            end = text.find(b"\n", here)
            end = len(text) if end < 0 else end
            line = text[here:end]
            here = min(end + 1, len(text))
            if line.rstrip() == b"end":
                ended = True
            elif line.strip() in (b"", b"`"):
                continue
            else:
                try:
                    data += binascii.a2b_uu(line)
                except binascii.Error:
                    # some encoders leave out or add padding: the length is in the first character
                    length = ((line[0] - 32) & 63) * 4 // 3 + 3
                    try:
                        data += binascii.a2b_uu(line[:length].ljust(length))
                    except binascii.Error:
                        break
        if ended:
            kept.append(text[position : begin.start()])
            position = here
            files.append((begin[1].decode("utf-8", "replace").strip(), bytes(data)))
    kept.append(text[position:])
    return b"".join(kept), files


def unflowed(text, delete_space):
    """RFC 3676."""
    result, open_depth = [], None
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        line = line[depth:]
        if line.startswith(" "):
            line = line[1:]
        signature = line == "-- "
        flows = line.endswith(" ") and not signature
        content = line[:-1] if flows and delete_space else line
        if open_depth == depth and not signature:
            result[-1] += content
        else:
            result.append((">" * depth + " " if depth else "") + content)
        open_depth = depth if flows else None
    return "\n".join(result)


def loosely(text):
    """A text that was flowed or lost blocks: quoting marks as a depth, no blank lines."""
    lines = []
    for line in text.split("\n"):
        marks = re.match(r"(?: ?>)*", line)[0]
        content = line[len(marks) :].strip()
        if content or marks.strip():
            lines.append((marks.count(">"), content))
    return lines


# ------------------------------------------------------------------ comparing


def agree(before, after):
    """Some plausible reading is the same in both. One reader's empty reading is no proof: it may
    be what it does with a field that it does not understand."""
    return any(value == read and (value or reader == other) for reader, value in before for other, read in after)


def show_addresses(found):
    return ", ".join(f"{n} <{a}>" if n else f"<{a}>" for n, a in found[0][1]) if found else "(unreadable)"


def compare(before, after):
    """Yields (field, before, after)."""
    for field in ("from", "to", "cc", "bcc"):
        one, other = before.addresses[field], after.addresses[field]
        if field == "from" and not any(value for _, value in one):
            continue  # a message must have a sender, so it gets one
        if not agree(one, other):
            yield field, show_addresses(one), show_addresses(other)
    if not agree(before.subject, after.subject):
        yield "subject", before.subject[0][1], after.subject[0][1]
    if before.dates and not same_date(before.dates, after.dates):
        yield "date", show_date(before.dates), show_date(after.dates)
    yield from compare_text(before, after)
    yield from compare_attachments(before.attachments, after.attachments)
    yield from compare_html(before.html, after.html)


def show_date(dates):
    if not dates:
        return "none"
    instant, clock = dates[0]
    moment = datetime.datetime.fromtimestamp(clock if instant is None else instant, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%d %H:%M") + (" in no known zone" if instant is None else " UTC")


def same_date(before, after):
    for instant, clock in before:
        for other, other_clock in after:
            if instant is not None and other is not None:
                if instant // 60 == other // 60:
                    return True
            elif clock // 60 == other_clock // 60:
                return True
    return False


def compare_text(before, after):
    if any(one == other for one in before.texts for other in after.texts):
        return
    if before.flowed or before.loose_text or after.loose_text:
        if any(loosely(one) == loosely(other) for one in before.texts for other in after.texts):
            return
    one, other = before.texts[0].split("\n"), after.texts[0].split("\n")
    for number in range(max(len(one), len(other))):
        left = one[number] if number < len(one) else None
        right = other[number] if number < len(other) else None
        if left != right:
            where = f"line {number + 1} of {len(one)}"
            yield "text", f"{where} {around(left, right)}", f"of {len(other)} {around(right, left)}"
            return


def around(line, other):
    """The part of the line where the two differ."""
    if line is None:
        return "(none)"
    start = 0
    while other is not None and start < min(len(line), len(other)) and line[start] == other[start]:
        start += 1
    start = max(0, start - 10)
    return repr(("..." if start else "") + line[start : start + 50])


def compare_attachments(before, after):
    if len(before) != len(after):
        yield "count", f"{len(before)}: {'; '.join(map(str, before))}", f"{len(after)}: {'; '.join(map(str, after))}"
    left = list(after)
    missing = []

    def take(one, tests):
        for test in tests:
            for other in left:
                if test(one, other):
                    left.remove(other)
                    return other
        return None

    def exactly(one, other):
        return one.digest == other.digest

    def near(one, other):
        return not (one.exact and other.exact) and one.loose == other.loose

    def named(one, other):
        return not one.names or bool(set(one.names) & set(other.names))

    def both(same):
        return lambda one, other: same(one, other) and named(one, other)

    for one in before:
        other = take(one, (both(exactly), both(near), exactly, near))
        if other is None:
            missing.append(one)
        elif not named(one, other):
            yield "name", one.names[0], other.names[0] if other.names else "(none)"
    for one in missing:
        other = take(one, (lambda a, b: bool(a.names) and named(a, b), lambda a, b: a.kind == b.kind))
        yield "attachment", str(one), str(other) if other else "(none)"
    if len(before) == len(after):
        return
    for other in left:
        yield "attachment", "(none)", str(other)


def compare_html(before, after):
    one, other = sorted(before), sorted(after)
    if [h[0] for h in one] != [h[0] for h in other]:
        yield "html", show_html(one), show_html(other)
        return
    for left, right in zip(one, other):
        if not left[2] and left[1] and left[1] != right[1]:
            yield "html-charset", left[1], right[1]


def show_html(bodies):
    return f"{len(bodies)} of {[len(h[0]) for h in bodies]} bytes"


# ------------------------------------------------------------------ one message


class Failure(Exception):
    pass


def run(arguments, data=None, allowed=(0,)):
    try:
        done = subprocess.run(arguments, input=data, capture_output=True, timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        raise Failure(f"{os.path.basename(arguments[0])}: more than {TIME_LIMIT} seconds")
    if done.returncode not in allowed:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
        what = f"signal {-done.returncode}" if done.returncode < 0 else f"exit {done.returncode}"
        raise Failure(f"{os.path.basename(arguments[0])}: {what}: {said}")
    return done


def back_again(ccm):
    """The messages that ccm2eml makes. Recipients that are too many for one header make several
    messages of one: those go to a directory."""
    done = run([settings.ccm2eml, *settings.option], ccm, allowed=(0, 64, 65))
    if done.returncode == 0:
        return [done.stdout]
    with tempfile.TemporaryDirectory() as directory:
        run([settings.ccm2eml, *settings.option, "--directory", directory], ccm)
        results = []
        for name in sorted(os.listdir(directory)):
            with open(os.path.join(directory, name), "rb") as file:
                results.append(file.read())
        return results


def merged(results):
    """One message again: the recipients of all, everything else of the first."""
    contents = Contents(results[0])
    for more in map(Contents, results[1:]):
        for field in ("to", "cc", "bcc"):
            mine, theirs = dict(contents.addresses[field]), dict(more.addresses[field])
            contents.addresses[field] = [(r, sorted(mine[r] + theirs.get(r, []))) for r in mine]
    return contents


def check(item):
    """(name, category, [(field, before, after)])"""
    name, path = item
    with open(path, "rb") as file:
        data = file.read()
    if not reading.is_message(path, data):
        return name, "not mail", []
    if reading.is_mbox_of_several(data):
        return name, "an mbox of several messages", []
    try:
        done = run([settings.eml2ccm, *settings.option, path], allowed=(0, 65))
        if done.returncode == 65:
            if done.stdout:
                return name, "failed", [("program", "eml2ccm: exit 65", "with output")]
            return name, "refused", [("refused", done.stderr.decode("utf-8", "replace").strip(), "")]
        results = back_again(done.stdout)
        if not results:
            raise Failure("ccm2eml: no message")
    except Failure as failure:
        return name, "failed", [("program", str(failure), "")]
    try:
        before = Contents(data)
    except Exception as problem:
        return name, "unreadable for Python", [("python", repr(problem), "")]
    try:
        after = merged(results)
    except Exception as problem:
        return name, "failed", [("program", "result unreadable for Python", repr(problem))]
    differences = list(compare(before, after))
    return name, "different" if differences else "equal", differences


# ------------------------------------------------------------------ all of them


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", nargs="+")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    parser.add_argument("--limit", type=int, default=0, help="print at most so many differences")
    parser.add_argument("--option", action="append", default=[], help="an option for both programs")
    parser.add_argument("--differences", default=reading.default_list(), help="the list of explained differences")
    global settings
    settings = parser.parse_args()
    settings.eml2ccm = reading.program("eml2ccm")
    settings.ccm2eml = reading.program("ccm2eml")
    for path in (settings.eml2ccm, settings.ccm2eml):
        if not os.access(path, os.X_OK):
            print(f"roundtrip.py: {path}: not built", file=sys.stderr)
            return 69
    for path in settings.directory:
        if not os.path.exists(path):
            print(f"roundtrip.py: {path}: no such file or directory", file=sys.stderr)
            return 66
    explained = reading.Explained(settings.differences, "roundtrip")
    files = list(reading.mail_files(settings.directory))
    categories, fields, known = collections.Counter(), collections.Counter(), collections.Counter()
    printed = failures = remaining = 0
    with multiprocessing.get_context("fork").Pool(settings.jobs) as pool:
        for name, category, differences in pool.imap(check, files, chunksize=8):
            if category == "different":
                unexplained = [d for d in differences if not explained(name, d[0])]
                known.update(d[0] for d in differences if d not in unexplained)
                fields.update(d[0] for d in unexplained)
                remaining += len(unexplained)
                category = "different" if unexplained else "explained"
                differences = unexplained
            elif category == "failed":
                failures += 1
            categories[category] += 1
            for field, before, after in differences:
                printed += 1
                if not settings.limit or printed <= settings.limit:
                    arrow = "" if category in ("refused", "failed") and not after else f" -> {after}"
                    print(reading.cut(f"{name}: {field}: {before}{arrow}"))
    if settings.limit and printed > settings.limit:
        print(f"... and {printed - settings.limit} more")
    for entry in explained.unused():
        print(f"not needed any more in {os.path.basename(settings.differences)}: {entry}")
    order = ["equal", "explained", "different", "refused", "failed"]
    print()
    for category in order + sorted(c for c in categories if c not in order):
        print(f"{category:<28} {categories[category]:>6}")
    for field in [f for f in FIELDS if fields[f] or known[f]]:
        print(f"difference in {field:<14} {fields[field]:>6}   explained {known[field]:>6}")
    return 1 if remaining or failures else 0


if __name__ == "__main__":
    sys.exit(main())
