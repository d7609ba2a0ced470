"""Judges non-delivery reports with Python's email package: delivery-report.py DIRECTORY CCM2EML

For each N.eml in the directory: its structure (RFC 6522), the fields of the report (RFC 3464), lines and characters, and
whether what it returns is what CCM2EML makes of N.ccm. Each fault is one line; nothing is said of a good report."""

import email
import email.policy
import os
import re
import subprocess
import sys

MESSAGE = {"reporting-mta", "arrival-date", "original-envelope-id", "dsn-gateway", "received-from-mta"}
RECIPIENT = {"original-recipient", "final-recipient", "action", "status", "remote-mta", "diagnostic-code",
             "last-attempt-date", "final-log-id", "will-retry-until"}


def decoded(text):
    """Unfolded, with its encoded words decoded."""
    return str(email.header.make_header(email.header.decode_header(re.sub(r"\r?\n(?=[ \t])", "", str(text)))))


def judge(raw, original):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    classic = email.message_from_bytes(raw)
    if message.get_content_type() != "multipart/report" or message.get_param("report-type") != "delivery-status":
        yield "it is " + message["Content-Type"]
        return
    parts = message.get_payload()
    types = [part.get_content_type() for part in parts]
    if types != ["text/plain", "message/delivery-status", "message/rfc822"]:
        yield "its parts are %s" % types
        return
    for part in [message] + parts:
        if part.defects:
            yield "defects: %s" % part.defects
    for name in "Return-Path From To Subject Date Message-ID Auto-Submitted MIME-Version".split():
        if len(message.get_all(name, [])) != 1:
            yield "%d fields %s" % (len(message.get_all(name, [])), name)
    if message["Return-Path"] != "<>" or message["Auto-Submitted"] != "auto-replied" or not message["Date"].datetime:
        yield "Return-Path, Auto-Submitted or Date"
    if not str(message["Subject"]).startswith("Undeliverable:"):
        yield "the subject is %r" % message["Subject"]
    for name in "From", "To":
        addresses = message[name].addresses
        if len(addresses) != 1 or "@" not in addresses[0].addr_spec:
            yield "%s: %s" % (name, message[name])
    if not re.fullmatch(r"<[!-;=?-~]+@[!-;=?-~]+>", message["Message-ID"].strip()):
        yield "Message-ID: %s" % message["Message-ID"]

    # What is returned, byte for byte.
    boundary = ("--" + message.get_param("boundary")).encode()
    body = raw.split(boundary)[3].split(b"\r\n\r\n", 1)[1][:-2]
    if body != original:
        yield "what it returns is not what ccm2eml makes"
    sent = email.message_from_bytes(original, policy=email.policy.default)
    if sent["Message-ID"] and (message["In-Reply-To"] or "").strip() != sent["Message-ID"].strip():
        yield "In-Reply-To: %s, and not %s" % (message["In-Reply-To"], sent["Message-ID"])

    # Lines and characters of all that is not returned.
    own = raw.replace(original, b"")
    if not raw.isascii() and "8bit" not in (message["Content-Transfer-Encoding"], parts[2]["Content-Transfer-Encoding"]):
        yield "eight bits that nothing announces"
    if not own.isascii():
        yield "eight bits of its own"
    for line in own.split(b"\r\n"):
        if len(line) > (998 if re.match(rb"Final-Recipient|To: | <|In-Reply-To|References", line) else 78):
            yield "a line of %d characters: %s" % (len(line), line[:60])
        if re.search(rb"[\0-\x08\x0a-\x1f\x7f]", line):
            yield "a control character: %r" % line

    # RFC 3464.
    groups = classic.get_payload()[1].get_payload()
    if not isinstance(groups, list) or len(groups) < 2:
        yield "no recipients"
        return
    if set(k.lower() for k in groups[0].keys()) - MESSAGE or not re.fullmatch(r"dns; [\w.-]+", groups[0]["Reporting-MTA"]):
        yield "fields about the message: %s" % groups[0].keys()
    text = re.sub(r"\s+", " ", parts[0].get_content())
    for group in groups[1:]:
        names = [name.lower() for name in group.keys()]
        if set(names) - RECIPIENT or len(names) != len(set(names)):
            yield "fields about a recipient: %s" % names
        if not re.fullmatch(r"(rfc822; \S+@\S+|unknown; \S+)", group["Final-Recipient"] or ""):
            yield "Final-Recipient: %s" % group["Final-Recipient"]
        if group["Action"] != "failed" or not re.fullmatch(r"5\.\d{1,3}\.\d{1,3}", group["Status"] or ""):
            yield "Action: %s, Status: %s" % (group["Action"], group["Status"])
        diagnostic = decoded(group["Diagnostic-Code"] or "")
        if group["Diagnostic-Code"] is None:
            if "No reason was given." not in text:
                yield "nothing is said of there being no reason"
        elif not diagnostic.startswith("x-ccmail; "):
            yield "Diagnostic-Code: %s" % diagnostic
        elif re.sub(r"\s+", " ", diagnostic[10:]) not in text:
            yield "the reason is not in the text: %s" % diagnostic
        for address in re.findall(r"rfc822; (\S+)", group["Final-Recipient"] or ""):
            if address not in text:
                yield "%s is not in the text" % address


directory, ccm2eml = sys.argv[1:]
for name in sorted(os.listdir(directory)):
    if not re.fullmatch(r"\d+\.eml", name):
        continue
    path = os.path.join(directory, name)
    made = subprocess.run([ccm2eml, "--quiet", path[:-3] + "ccm"], stdout=subprocess.PIPE, check=True).stdout
    with open(path, "rb") as file:
        for fault in judge(file.read(), made):
            print("%s: %s" % (name, fault))
