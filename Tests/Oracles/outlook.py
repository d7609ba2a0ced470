#!/usr/bin/env python3
"""What msg2eml and tnef2eml make of Outlook's files, compared with what others found in them.

    Tests/Oracles/outlook.py [--limit N] DIRECTORY...

Below each directory it takes as oracles
    X.json beside X.msg             msgreader: subject, sender, recipients, body, attachments (names, sizes, order)
    compound.py                     for each .msg: every file in it, those of messages within it too, byte for byte
    X.list and X.baseline           tnef: the files in X.tnef, byte for byte
    hmef/quick-contents             Apache POI: the files in quick-winmail.dat
    test-data/results               ytnef: the files in its winmail.dat files
What is written is read with Python's email package. Each difference is one line `SUITE FILE: field: oracle -> ours`;
fields are program subject sender recipients body attachments files. Those listed in DIFFERENCES.md as
`- outlook FILE: field: reason` are explained. The last line is `N compared, N equal, N explained, N different`; exit 1 if
any are different. --limit is the most lines to print. The programs are in BIN, default .build/release."""

import argparse
import email
import email.policy
import email.utils
import glob
import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True  # no __pycache__ in the source tree
import compound  # noqa: E402
import reading  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ.get("BIN") or os.path.join(HERE, "../../.build/release")
MADE = {"message.rtf", "appointment.ics", "meeting.ics", "task.ics"}


def convert(path):
    """The message that our program makes of a file; None, and what it said, when it makes none."""
    program = "msg2eml" if path.endswith(".msg") else "tnef2eml"
    try:
        run = subprocess.run([os.path.join(BIN, program), path], capture_output=True, timeout=60)
    except subprocess.TimeoutExpired:
        return None, "no answer within a minute"
    if run.returncode:
        return None, f"exit {run.returncode}: {run.stderr.decode(errors='replace').strip()[:200]}"
    message = email.message_from_bytes(run.stdout, policy=email.policy.default)
    message.written = run.stdout
    return message, ""


def leaves(message, inner=False):
    """Parts that hold something; those of messages within it with `inner`, such a message itself without."""
    for part in message.iter_parts() if message.is_multipart() else ():
        if part.get_content_type() == "message/rfc822":
            yield part
            if inner:
                yield from leaves(part.get_payload(0), True)
        elif part.is_multipart():
            yield from leaves(part, inner)
        else:
            yield part
    if not message.is_multipart():
        yield message


def content(part):
    if part.get_content_type() == "message/rfc822":
        return part.get_payload(0).as_bytes()
    return part.get_payload(decode=True) or b""


def files(message, inner=False):
    return [p for p in leaves(message, inner) if p.get_filename() or p.get_content_type().split("/")[0] not in ("text", "multipart")]


def tidy(text):
    """Text without what a mail reader does not show: kinds of line ends, blanks at the ends of lines and of the text."""
    text = (text or "").replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").replace("\0", "")
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def addresses(message, *fields):
    pairs = email.utils.getaddresses([str(value) for f in fields for value in message.get_all(f, [])])
    return [address.lower() for _, address in pairs]


def names(message):
    """File names of the attachments in order; those that we make ourselves are not in the oracle."""
    found = []
    for part in leaves(message):
        name = part.get_filename()
        if name in MADE or (part.get_content_type() == "text/vcard"):
            continue
        if name or part.get_content_type() == "message/rfc822":
            found.append((name or "", part))
    return found


class Differences:
    def __init__(self, limit):
        self.explained = reading.Explained(os.path.join(HERE, "DIFFERENCES.md"), "outlook")
        self.limit, self.counts = limit, {"equal": 0, "explained": 0, "different": 0}

    def file(self, name, found):
        """Tells of the differences of one file: pairs of field and text."""
        state = "equal"
        for field, text in found:
            if self.explained(name, field):
                state = "explained" if state == "equal" else state
                continue
            state = "different"
            if self.counts["different"] < self.limit:
                print(f"outlook {name}: {field}: {text}"[:600])
        self.counts[state] += 1

    def finish(self):
        c = self.counts
        print(f"{sum(c.values())} compared, {c['equal']} equal, {c['explained']} explained, {c['different']} different")
        return 1 if c["different"] else 0


# ------------------------------------------------------------------ oracles


def compare_json(oracle, message):
    subject = oracle.get("subject") or oracle.get("normalizedSubject") or ""
    ours = str(message.get("Subject") or "")
    if " ".join(subject.split()) != " ".join(ours.split()):
        yield "subject", f"{subject!r} -> {ours!r}"
    sender = oracle.get("sentRepresentingSmtpAddress") or oracle.get("senderSmtpAddress") or oracle.get("senderEmail") or ""
    if "@" in sender and sender.lower() not in addresses(message, "From", "Sender"):
        yield "sender", f"{sender!r} -> {message.get('From')!r}"
    wanted, have = [], []
    for kind in ("to", "cc", "bcc"):
        for one in oracle.get("recipients", []):
            address = one.get("smtpAddress") or one.get("email") or ""
            if one.get("recipType") == kind and "@" in address:
                wanted.append((kind, address.lower()))
        have += [(kind, a) for a in addresses(message, kind)]
    missing = [f"{k} {a}" for k, a in wanted if (k, a) not in have]
    if missing:
        yield "recipients", f"{missing} -> {have}"
    if oracle.get("body"):
        texts = [tidy(p.get_content()) for p in leaves(message) if p.get_content_type() == "text/plain"]
        # Several texts are one body to a reader.
        if tidy(oracle["body"]) not in texts:
            yield "body", f"{tidy(oracle['body'])[:200]!r} -> {[t[:200] for t in texts]!r}"
    wanted = [(a.get("fileName") or a.get("name") or "", a) for a in oracle.get("attachments", [])]
    have = names(message)
    # Messages are files of ours, with an extension.
    ours = [n[:-4] if n == w + ".eml" else n for (n, _), (w, _) in zip(have, wanted)]
    if len(have) != len(wanted) or ours != [n for n, _ in wanted]:
        yield "attachments", f"{[n for n, _ in wanted]} -> {[n for n, _ in have]}"
        return
    for (name, a), (_, part) in zip(wanted, have):
        size = a.get("contentLength")
        if size is not None and part.get_content_type() != "message/rfc822" and len(content(part)) != size:
            yield "attachments", f"{name}: {size} bytes -> {len(content(part))}"
        if "innerMsgContentFields" in a and part.get_content_type() == "message/rfc822":
            for field, text in compare_json(a["innerMsgContentFields"], part.get_payload(0)):
                yield field, f"in {name}: {text}"


def missing_files(wanted, message):
    """The data of which no part of the message is a copy."""
    have = [content(p) for p in leaves(message, True)]
    rest = []
    for data in wanted:
        if data in have:
            have.remove(data)
        elif not data.strip() or data.strip() not in message.written:
            # Messages and signed entities stand in it as they are.
            rest.append(data)
    return rest


def compare_msg(path, message):
    try:
        oracle = compound.read(path)
    except (ValueError, IndexError, RecursionError, KeyError, __import__("struct").error):
        return
    lost = missing_files(oracle.all_files(), message)
    if lost:
        yield "files", f"not in ours: {[len(data) for data in lost]} bytes"


def compare_list(path, message):
    stem = os.path.basename(path)[: -len(".tnef")]
    folder = os.path.join(os.path.dirname(path), "../baselines")
    with open(path[:-5] + ".list", encoding="latin-1") as file:
        listed = [line for line in file.read().split("\n") if line]
    for name in listed:
        baseline = os.path.join(folder, name + ".baseline")
        if not os.path.exists(baseline):
            found = glob.glob(os.path.join(folder, re.sub(r"[^A-Za-z0-9.-]", "?", name) + ".baseline"))
            if not found:
                continue
            baseline = found[0]
        with open(baseline, "rb") as file:
            data = file.read()
        if name.startswith(stem + "-body."):
            yield from compare_body(name, data, message)
        elif missing_files([data], message):
            yield "files", f"{name}, {len(data)} bytes -> {[len(content(p)) for p in leaves(message, True)]}"


def compare_body(name, data, message):
    """RTF that only wraps HTML or text is unwrapped by ours: a body is there then."""
    bodies = [content(p) for p in leaves(message)]
    if data in bodies or any(data.strip() == b.strip() for b in bodies):
        return
    if re.search(rb"\\from(html1|text)", data[:1024]):
        if not any(p.get_content_type() in ("text/plain", "text/html") and content(p).strip() for p in leaves(message)):
            yield "body", f"{name} -> nothing"
        return
    yield "body", f"{name}, {len(data)} bytes -> {[len(b) for b in bodies]}"


def compare_folder(folder, pattern, message):
    wanted = {}
    for path in sorted(glob.glob(os.path.join(folder, pattern))):
        with open(path, "rb") as file:
            wanted[os.path.basename(path)] = file.read()
    have = {p.get_filename() for p in leaves(message)}
    for name, data in wanted.items():
        if name in have and missing_files([data], message):
            yield "files", f"{name}, {len(data)} bytes: not in ours"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("directories", nargs="+")
    arguments = parser.parse_args()
    if not os.access(os.path.join(BIN, "msg2eml"), os.X_OK):
        print(f"no msg2eml in {BIN}")
        return 77
    differences = Differences(arguments.limit)
    found = 0
    for directory in arguments.directories:
        for folder, folders, entries in os.walk(directory.rstrip("/")):
            folders.sort()
            for entry in sorted(entries):
                path = os.path.join(folder, entry)
                if not entry.endswith((".msg", ".tnef", "winmail.dat")) and not re.search(r"winmail.*\.dat$", entry):
                    continue
                with open(path, "rb") as file:
                    start = file.read(8)
                if start[:4] not in (b"\xd0\xcf\x11\xe0", b"\x78\x9f\x3e\x22"):
                    continue
                found += 1
                name = os.path.relpath(path, os.path.dirname(directory.rstrip("/")))
                message, why = convert(path)
                if message is None:
                    differences.file(name, [("program", why)])
                    continue
                results = []
                if entry.endswith(".msg"):
                    results += compare_msg(path, message)
                    if os.path.exists(path[:-4] + ".json"):
                        with open(path[:-4] + ".json", encoding="utf-8") as file:
                            results += compare_json(json.load(file), message)
                if os.path.exists(path[:-5] + ".list"):
                    results += compare_list(path, message)
                if entry == "quick-winmail.dat":
                    results += compare_folder(os.path.join(folder, "quick-contents"), "quick.*", message)
                if "ytnef" in name:
                    results += compare_folder(os.path.join(folder, "results"), "*", message)
                differences.file(name, results)
    if not found:
        print("no file of Outlook's in these folders")
        return 77
    return differences.finish()


if __name__ == "__main__":
    sys.exit(main())
