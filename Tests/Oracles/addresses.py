#!/usr/bin/env python3
"""Whom a message is from and to, judged by GMime, and whether a second trip changes anything.

    Tests/Oracles/addresses.py [--jobs N] [--limit N] [--option OPTION]... DIRECTORY...

Runs eml2ccm on every message below the directories, ccm2eml on what comes out, and both once more:

    from to cc bcc   each address that GMime finds in the original stands in the .ccm and in the same
                     field of the message that comes back, and no word without an `@` has become a
                     recipient there
    ccm              the second .ccm is that of the first trip, byte for byte
    eml              so is the second message

Each difference is one line, `FILE: field: before -> after`. Those listed in DIFFERENCES.md as
`- addresses FILE: field: reason` are explained. Exit 1 when others remain, 77 when GMime's library is
not here."""

import argparse
import collections
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import gmime  # noqa: E402
import reading  # noqa: E402

TIME_LIMIT = 20


def run(name, data, *options):
    done = subprocess.run(
        [reading.program(name), *settings.option, *options], input=data, capture_output=True, timeout=TIME_LIMIT)
    return done.returncode, done.stdout


def back(ccm):
    """The messages of a .ccm file, one after the other."""
    status, message = run("ccm2eml", ccm)
    if status == 0:
        return [message]
    with tempfile.TemporaryDirectory() as directory:
        status, _ = run("ccm2eml", ccm, "--directory", directory)
        if status != 0:
            return None
        messages = []
        for name in sorted(os.listdir(directory)):
            with open(os.path.join(directory, name), "rb") as file:
                messages.append(file.read())
        return messages


def usable(address):
    return re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", address) is not None


def compare(data, ccm, messages):
    before = gmime.addresses(data)
    after = collections.defaultdict(list)
    for message in messages:
        for field, found in gmime.addresses(message).items():
            after[field] += [address.lower() for address in found]
    text = ccm.decode("cp850").lower()
    for field, found in before.items():
        # An address beyond ASCII comes back in A-labels or as a group, and has tests of its own.
        wanted = {a.lower() for a in found if usable(a) and a.isascii()}
        missing = sorted(a for a in wanted if a not in after[field])
        if missing:
            yield field, ", ".join(missing), ", ".join(after[field]) or "nobody"
        absent = sorted(a for a in wanted if a not in text)
        if absent and len(messages) == 1:
            yield field, ", ".join(absent), "not in the .ccm"
        phantoms = [a for a in after[field] if "@" not in a and a not in [b.lower() for b in found]]
        if phantoms and field != "from":
            yield field, "nobody of this name", ", ".join(phantoms)


def difference(one, other):
    """Where two byte strings begin to differ."""
    at = next((i for i in range(min(len(one), len(other))) if one[i] != other[i]), min(len(one), len(other)))
    start = max(0, at - 30)
    return one[start : at + 50].decode("utf-8", "replace"), other[start : at + 50].decode("utf-8", "replace")


def check(item):
    """(name, category, [(field, before, after)])"""
    name, path = item
    with open(path, "rb") as file:
        data = file.read()
    if not reading.is_message(path, data) or reading.is_mbox_of_several(data):
        return name, "not mail", []
    status, ccm = run("eml2ccm", data)
    if status != 0:
        return name, "refused", []
    messages = back(ccm)
    if messages is None:
        return name, "different", [("program", "ccm2eml", "refuses what eml2ccm wrote")]
    differences = list(compare(data, ccm, messages))
    again = b"".join(run("eml2ccm", message)[1] for message in messages)
    if again != ccm:
        differences.append(("ccm", *difference(ccm, again)))
    third = back(again)
    if third != messages:
        differences.append(("eml", *difference(b"".join(messages), b"".join(third or []))))
    return name, "different" if differences else "equal", differences


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", nargs="+")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    parser.add_argument("--limit", type=int, default=0, help="print at most so many differences")
    parser.add_argument("--option", action="append", default=[], help="an option for both programs")
    parser.add_argument("--differences", default=reading.default_list(), help="the list of explained differences")
    global settings
    settings = parser.parse_args()
    if not gmime.available:
        print("libgmime-3.0 is not here")
        return 77
    explained = reading.Explained(settings.differences, "addresses")
    categories, fields = collections.Counter(), collections.Counter()
    printed = 0
    with multiprocessing.get_context("fork").Pool(settings.jobs) as pool:
        for name, category, differences in pool.imap(check, reading.mail_files(settings.directory), chunksize=8):
            remaining = [d for d in differences if not explained(name, d[0])]
            if differences and not remaining:
                category = "explained"
            categories[category] += 1
            for field, before, after in remaining:
                fields[field] += 1
                printed += 1
                if not settings.limit or printed <= settings.limit:
                    print(reading.cut(f"{name}: {field}: {before} -> {after}", 300))
    for entry in explained.unused():
        print(f"not needed any more in {os.path.basename(settings.differences)}: {entry}")
    for category, count in sorted(categories.items()):
        print(f"{category:<12} {count:>6}")
    print("addresses.py: " + (", ".join(f"{n} in {f}" for f, n in sorted(fields.items())) or "no difference"))
    return 1 if fields else 0


if __name__ == "__main__":
    sys.exit(main())
