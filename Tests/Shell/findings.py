#!/usr/bin/env python3
"""Makes messages that each provoke a finding, named for it: RULE.eml and the like for the way to cc:Mail into the first
directory, RULE.ccm for the way back into the second. Those that the sample mail provokes are not here."""

import importlib.util
import os
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("make", os.path.join(HERE, "../../Samples/mail/outlook/make.py"))
make = importlib.util.module_from_spec(spec)
spec.loader.exec_module(make)

there, back, programs = sys.argv[1:4]
FROM = "From: Ann Example <ann@example.com>\n"
TO = "To: ben@example.org\n"
DATE = "Date: Tue, 2 Jun 1998 08:39:00 +0000\n"
HEADER = FROM + TO + DATE + "Subject: s\n"


def crlf(text):
    return text.replace("\n", "\r\n").encode("utf-8")


def eml(rule, text):
    data = text if isinstance(text, bytes) else crlf(text)
    with open(os.path.join(there, rule + ".eml"), "wb") as file:
        file.write(data)
    return data


def outlook(rule, data, kind="dat"):
    with open(os.path.join(there, f"{rule}.{kind}"), "wb") as file:
        file.write(data)


def ccm(rule, data):
    with open(os.path.join(back, rule + ".ccm"), "wb") as file:
        file.write(data)


def size(number):
    return str(number).ljust(11)


def message(header, items, contents="Contents:"):
    """A message whose sizes are right."""
    header, items = crlf(header), items if isinstance(items, bytes) else crlf(items)
    rest = header + crlf(f"{contents}\n{size(len(items))}\n") + items + b"\r\n\r\n"
    return crlf(f"Message:\n{size(len(rest))}\n") + rest


def text(body, title=""):
    return f"Text item: {title}\n{size(len(crlf(body)))}\n{body}"


def multipart(*parts, end="--b--\n", kind="mixed"):
    inner = "".join(f"--b\n{part}\n" for part in parts)
    return f'{HEADER}MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary="b"\n\n{inner}{end}'


def der(tag, *contents):
    content = b"".join(contents)
    length = bytes([len(content)]) if len(content) < 128 else struct.pack(">BH", 0x82, len(content))
    return bytes([tag]) + length + content


# ---- To cc:Mail.
eml("content-type", HEADER + "Content-Type: nonsense\n\nx\n")
eml("unknown-transfer-encoding", HEADER + "Content-Transfer-Encoding: rot13\n\nx\n")
eml("multipart-without-parts", HEADER + "Content-Type: multipart/mixed; boundary=b\n\nx\n")
eml("divided-name", HEADER.replace("Ann Example", "Example, Ann") + "\nx\n")
eml("sender-without-address", HEADER.replace("Ann Example <ann@example.com>", "Support, ann@example.com") + "\nx\n")
eml("header-line-without-name", FROM + "no field at all\n" + TO + DATE + "\nx\n")
eml("epilogue", multipart("\nx", end="--b--\n\nWhat a gateway appended here.\n"))
eml("uuencoding", HEADER + "\nbegin 644 a.txt\n#8~)C\n`\nend\n")
eml("wrong-charset", crlf(HEADER + "Content-Type: text/plain; charset=shift_jis\n\n") + b"\x82\xa0\xff\xfe\x81\r\n")
eml("text-attached", HEADER + "\n" + "A line of seventy characters, more or less, that fills a text up to it.\n" * 1700)
eml("title-cut", multipart("\nx", "Content-Description: " + "A title that goes on " * 4 + "\n\ny"))
eml("too-many-parts", multipart(*["\n"] * 20001))
eml("too-many-recipients", FROM + "To: " + ",\n ".join(f"r{i}@example.org" for i in range(50001)) + "\n" + DATE + "\nx\n")
eml("items-divided", multipart("\nx", *[f"Content-Disposition: attachment; filename=f{i}.bin\n\n{i}" for i in range(25)]))
eml("html-filter", HEADER + "Content-Type: text/html\n\n<p>x\n")
eml(
    "display-only",
    "X-Sender: ann@example.com\nX-Receiver: ben@example.org\n"
    + HEADER.replace(TO, "To: ben@example.org, IMCEACCMAIL-Carl+20at+20Hub@ccmail.invalid\n")
    + "\nx\n",
)
content = b"Content-Type: text/plain\r\n\r\nsigned\r\n"
signed = der(
    0x30,
    bytes.fromhex("06092a864886f70d010702"),
    der(
        0xA0,
        der(
            0x30,
            b"\2\1\1",
            der(0x31),
            der(0x30, bytes.fromhex("06092a864886f70d010701"), der(0xA0, der(4, content))),
            der(0x31),
        ),
    ),
)
eml(
    "signature-unchecked",
    HEADER
    + "MIME-Version: 1.0\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n"
    + "Content-Transfer-Encoding: base64\n\n"
    + make.base64.b64encode(signed).decode()
    + "\n",
)

# ---- Outlook's files.
meeting = make.appointment()
meeting.properties.values = {
    id: value for id, value in meeting.properties.values.items() if id not in (0xC1A, 0xC1F, 0x42, 0x65, 0x5D01, 0x5D02)
}
meeting.recipients = []
outlook("calendar-people", meeting.tnef())
broken = make.appointment()
broken.properties.named = [
    (set, name, kind, b"\4\x30\4\x30\xff\xff" if name == 0x8216 else value) for set, name, kind, value in broken.properties.named
]
outlook("recurrence", broken.tnef())
outlook("rtf-damaged", make.note("x", "s").add(0x1009, make.BIN, make.lzfu(b"{\\rtf1 text}")[:-4]).tnef())
outlook("tnef-garbage", make.with_html().tnef() + b"\7" * 20)
lost = bytearray(make.with_html().msg())
start = struct.unpack_from("<I", lost, 48)[0]
struct.pack_into("<i", lost, (start + 1) * 512 + 128 + 68, 0xFFFFF0)
outlook("entry-lost", bytes(lost), "msg")

# ---- From cc:Mail.
PEOPLE = "From: Ann Example at HUB\nDate: 6/2/98 08:39\nTo: Ben Okafor at HUB\nSubject: s\n"
plain = message(PEOPLE, text("x\n"))
ccm("blank-before-colon", message(PEOPLE.replace("From:", "From :"), text("x\n")))
ccm("byte-order-mark", b"\xef\xbb\xbf" + plain)
ccm("utf-16", plain.decode("ascii").encode("utf-16"))
ccm("cr-line-ends", plain.replace(b"\r\n", b"\r"))
ccm("date", message(PEOPLE.replace("6/2/98 08:39", "some day"), text("x\n")))
ccm("odd-year", message(PEOPLE.replace("6/2/98", "6/2/100"), text("x\n")))
ccm("rtf-text", message(PEOPLE, text("{\\rtf1\\ansi some text\\par}\n")))
ccm("second-field", message("From: Carl at HUB\n" + PEOPLE, text("x\n")))
ccm("size-missing", message(PEOPLE, "Text item: \nx\n"))
counted = "Text item: \n{}\nsome text that is long enough\n"
ccm("size-counted-differently", message(PEOPLE, counted.format(size(len(crlf(counted.format(size(0))))))))
ccm("more-findings", message(PEOPLE + "Odd: x\n" * 1001, text("x\n")))
ccm("too-many-header-lines", message(PEOPLE + "To: B at HUB\n" * 200001, text("x\n")))
ccm("too-many-items", message(PEOPLE, text("") * 100001))
ccm("envelope", plain)
many = FROM + "To: " + ",\n ".join(f"recipient{i}@example.org" for i in range(300)) + "\n" + DATE + "\nx\n"
parts = subprocess.run([programs + "/eml2ccm", "-q"], input=crlf(many), stdout=subprocess.PIPE, check=True).stdout
ccm("divided", parts[parts.index(b"Message:", 1) :])
