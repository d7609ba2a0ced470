#!/usr/bin/env python3
"""Makes the files of this folder: .msg as Outlook saves it ([MS-CFB], [MS-OXMSG]) and winmail.dat as Exchange sends it
([MS-OXTNEF]). Everybody and everything in them is invented.

    Samples/mail/outlook/make.py [DIRECTORY]"""

import base64
import datetime
import os
import struct
import sys
import zlib

# ------------------------------------------------------------------ compound files

FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound(root, sector=512):
    """A compound file, of version 4 if its sectors have 4096 bytes; storages are dicts, streams are bytes."""
    numbers = sector // 4
    records, sectors, nexts, mini, mini_nexts = [], [], [], bytearray(), []

    def chain(data, size, keep, links):
        first = len(links)
        count = -(-len(data) // size)
        keep += [data[i * size : (i + 1) * size].ljust(size, b"\0") for i in range(count)]
        links += list(range(first + 1, first + count)) + [END]
        return first

    def add(name, value):
        index = len(records)
        records.append(None)
        child, start, size = FREE, 0, 0
        if isinstance(value, dict):
            children = [add(*pair) for pair in sorted(value.items(), key=lambda p: (len(p[0]), p[0].upper()))]
            # Siblings are a list to the right: a search tree too, if not a good one.
            for this, right in zip(children, children[1:] + [FREE]):
                records[this]["right"] = right
            child = children[0] if children else FREE
        else:
            size = len(value)
            if size >= 4096:
                start = chain(value, sector, sectors, nexts)
            elif size:
                start = len(mini_nexts)
                count = -(-size // 64)
                mini.extend(value.ljust(count * 64, b"\0"))
                mini_nexts.extend(list(range(start + 1, start + count)) + [END])
            else:
                start = END
        kind = 5 if index == 0 else 1 if isinstance(value, dict) else 2
        records[index] = {"name": name, "kind": kind, "right": FREE, "child": child, "start": start, "size": size}
        return index

    add("Root Entry", root)
    records[0]["size"] = len(mini)
    records[0]["start"] = chain(bytes(mini), sector, sectors, nexts) if mini else END
    table = struct.pack("<%dI" % len(mini_nexts), *mini_nexts)
    table = table.ljust(-(-len(table) // sector) * sector, b"\xff")
    mini_table = chain(table, sector, sectors, nexts) if table else END
    directory = b""
    for r in records:
        name = r["name"].encode("utf-16-le")[:62]
        directory += name.ljust(64, b"\0") + struct.pack("<HBBIII", len(name) + 2, r["kind"], 1, FREE, r["right"], r["child"])
        directory += bytes(36) + struct.pack("<IQ", r["start"], r["size"])
    directory = directory.ljust(-(-len(directory) // sector) * sector, b"\0")
    first = chain(directory, sector, sectors, nexts)
    # The table describes itself too, and the sectors that name those of it which the header has no room for.
    tables, lists = 1, 0
    while tables * numbers < len(nexts) + tables + lists:
        tables += 1
        lists = -(-max(0, tables - 109) // (numbers - 1))
    names = list(range(len(nexts), len(nexts) + tables))
    links = nexts + [TABLE] * tables + [TABLE - 1] * lists
    links += [FREE] * (tables * numbers - len(links))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack(
        "<HHHHHIH", 0x3E, 4 if sector > 512 else 3, 0xFFFE, 12 if sector > 512 else 9, 6, 0, 0
    )
    header += struct.pack("<IIIII", len(directory) // sector if sector > 512 else 0, tables, first, 0, 4096)
    header += struct.pack("<IIII", mini_table, len(table) // sector, len(nexts) + tables if lists else END, lists)
    header += struct.pack("<109I", *(names + [FREE] * 109)[:109])
    output = header.ljust(sector, b"\0") + b"".join(sectors) + struct.pack("<%dI" % len(links), *links)
    for i in range(lists):
        more = names[109 + (numbers - 1) * i :][: numbers - 1]
        last = END if i + 1 == lists else len(nexts) + tables + i + 1
        output += struct.pack("<%dI" % numbers, *more, *[FREE] * (numbers - 1 - len(more)), last)
    return output


# ------------------------------------------------------------------ properties

INT, BOOL, DOUBLE, TIME, TEXT, TEXT8, BIN, OBJECT = 3, 0xB, 5, 0x40, 0x1F, 0x1E, 0x102, 0xD
CODE_PAGES = {"cp1252": 1252, "cp932": 932, "utf-8": 65001}


def ticks(*date):
    return int((datetime.datetime(*date) - datetime.datetime(1601, 1, 1)).total_seconds()) * 10_000_000


def guid(number):
    return struct.pack("<IHH", number, 0, 0) + bytes.fromhex("c000000000000046")


MEETING = bytes.fromhex("90dad86e0b451b1098da00aa003f1305")
APPOINTMENT, TASK, ADDRESS, COMMON, PUBLIC = map(guid, (0x62002, 0x62003, 0x62004, 0x62008, 0x20329))


class Properties:
    """Properties of a message, a recipient or an attachment: id -> (type, value), names for those from 0x8000 on."""

    def __init__(self, values=(), charset="utf-16-le"):
        self.values, self.named, self.charset = dict(values), [], charset

    def text(self, id, value):
        self.values[id] = (TEXT if self.charset == "utf-16-le" else TEXT8, value.encode(self.charset))
        return self

    def add(self, id, type, value):
        self.values[id] = (type, value)
        return self

    def name(self, set, name, type, value):
        self.named.append((set, name, type, value))
        return self


def fixed(type, value):
    return struct.pack("<d" if type == DOUBLE else "<q" if type == TIME else "<i4x", value)


class Names:
    """The storage of names, one for the whole file."""

    def __init__(self):
        self.known = []

    def id(self, set, name):
        if (set, name) not in self.known:
            self.known.append((set, name))
        return 0x8000 + self.known.index((set, name))

    def storage(self):
        sets, entries, texts = [], b"", b""
        for index, (set, name) in enumerate(self.known):
            if set == PUBLIC:
                number = 2
            else:
                if set not in sets:
                    sets.append(set)
                number = 3 + sets.index(set)
            if isinstance(name, str):
                value, kind = len(texts), 1
                raw = name.encode("utf-16-le")
                texts += struct.pack("<I", len(raw)) + raw + bytes(-len(raw) % 4)
            else:
                value, kind = name, 0
            entries += struct.pack("<IHH", value, number << 1 | kind, index)
        return {"__substg1.0_00020102": b"".join(sets), "__substg1.0_00030102": entries, "__substg1.0_00040102": texts}


def storage(properties, names, header):
    entries, streams = b"", {}
    values = dict(properties.values)
    for set, name, type, value in properties.named:
        values[names.id(set, name)] = (type, value)
    for id, (type, value) in sorted(values.items()):
        tag = id << 16 | type
        if isinstance(value, list):
            raw = [text.encode("utf-16-le") for text in value]
            streams[f"__substg1.0_{tag | 0x1000:08X}"] = struct.pack("<%dI" % len(raw), *(len(r) + 2 for r in raw))
            for i, one in enumerate(raw):
                streams[f"__substg1.0_{tag | 0x1000:08X}-{i:08X}"] = one + b"\0\0"
            entries += struct.pack("<IIII", tag | 0x1000, 6, 4 * len(raw), 0)
        elif isinstance(value, (bytes, dict)):
            streams[f"__substg1.0_{tag:08X}"] = value
            size = 0xFFFFFFFF if isinstance(value, dict) else len(value) + (2 if type == TEXT else type == TEXT8)
            entries += struct.pack("<IIII", tag, 6, size, 0)
        else:
            entries += struct.pack("<II", tag, 6) + fixed(type, value)
    streams["__properties_version1.0"] = header + entries
    return streams


class Message:
    def __init__(self, message_class="IPM.Note", charset="utf-16-le"):
        self.charset = charset
        self.properties = Properties(charset=charset)
        self.properties.text(0x1A, message_class)
        self.recipients, self.attachments = [], []
        if charset != "utf-16-le":
            self.properties.add(0x3FFD, INT, CODE_PAGES[charset])

    def text(self, id, value):
        self.properties.text(id, value)
        return self

    def add(self, id, type, value):
        self.properties.add(id, type, value)
        return self

    def name(self, *rest):
        self.properties.name(*rest)
        return self

    def sender(self, name, address, type="SMTP", smtp=None):
        for ids in ((0x42, 0x64, 0x65, 0x5D02), (0xC1A, 0xC1E, 0xC1F, 0x5D01)):
            for id, value in zip(ids, (name, type, address, smtp)):
                if value:
                    self.text(id, value)
        return self

    def to(self, name, address, kind=1, type="SMTP", smtp=None):
        recipient = Properties(charset=self.charset).add(0xC15, INT, kind)
        recipient.text(0x3001, name).text(0x3002, type).text(0x3003, address)
        if smtp:
            recipient.text(0x39FE, smtp)
        self.recipients.append(recipient)
        return self

    def attach(self, name, data, **more):
        file = Properties(charset=self.charset).add(0x3705, INT, 1).add(0x3701, BIN, data).text(0x3707, name)
        file.text(0x3704, name[:8])
        for id, value in more.get("text", {}).items():
            file.text(id, value)
        self.attachments.append(file)
        return self

    def embed(self, name, inner, method=5):
        file = Properties(charset=self.charset).add(0x3705, INT, method).add(0x3701, OBJECT, inner).text(0x3001, name)
        self.attachments.append(file)
        return self

    def tree(self, names, top=True):
        counts = struct.pack("<8xIIII", len(self.recipients), len(self.attachments), len(self.recipients), len(self.attachments))
        tree = storage(self.properties, names, counts + (bytes(8) if top else b""))
        for i, one in enumerate(self.recipients):
            tree[f"__recip_version1.0_#{i:08X}"] = storage(one, names, bytes(8))
        for i, one in enumerate(self.attachments):
            inner = one.values[0x3701][1]
            if isinstance(inner, Message):
                one = Properties({**one.values, 0x3701: (OBJECT, inner.tree(names, False))}, one.charset)
            tree[f"__attach_version1.0_#{i:08X}"] = storage(one, names, bytes(8))
        return tree

    def msg(self, sector=512):
        names = Names()
        tree = self.tree(names)
        tree["__nameid_version1.0"] = names.storage()
        return compound(tree, sector)


# ------------------------------------------------------------------ TNEF


def attribute(level, id, data, checksum=None):
    sum16 = sum(data) & 0xFFFF if checksum is None else checksum
    return struct.pack("<BII", level, id, len(data)) + data + struct.pack("<H", sum16)


def padded(data):
    return data + bytes(-len(data) % 4)


def tnef_properties(properties, instance=0x8000):
    output, count = b"", 0
    entries = [(id, None, type, value) for id, (type, value) in sorted(properties.values.items())]
    entries += [(instance + i, (s, n), t, v) for i, (s, n, t, v) in enumerate(properties.named)]
    for id, name, type, value in entries:
        count += 1
        values = value if isinstance(value, list) else [value]
        output += struct.pack("<HH", type | (0x1000 if isinstance(value, list) else 0), id)
        if name:
            output += name[0]
            if isinstance(name[1], str):
                raw = name[1].encode("utf-16-le") + b"\0\0"
                output += struct.pack("<II", 1, len(raw)) + padded(raw)
            else:
                output += struct.pack("<II", 0, name[1])
        if type in (TEXT, TEXT8, BIN, OBJECT):
            output += struct.pack("<I", len(values))
            for one in values:
                if isinstance(one, Message):
                    one = guid(0x20307) + one.tnef()
                if isinstance(one, str):
                    one = one.encode("utf-16-le")
                if type in (TEXT, TEXT8):
                    one += b"\0\0" if type == TEXT else b"\0"
                output += struct.pack("<I", len(one)) + padded(one)
        else:
            output += fixed(type, value)[: 8 if type in (DOUBLE, TIME) else 4]
    return struct.pack("<I", count) + output


def tnef(self, checksum=None):
    output = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00089006, struct.pack("<I", 0x10000))
    output += attribute(1, 0x00069007, struct.pack("<II", 1252, 0))
    output += attribute(1, 0x00078008, b"IPM.Microsoft Mail.Note\0")
    output += attribute(1, 0x00069003, tnef_properties(self.properties), checksum)
    if self.recipients:
        rows = b"".join(tnef_properties(one) for one in self.recipients)
        output += attribute(1, 0x00069004, struct.pack("<I", len(self.recipients)) + rows)
    for one in self.attachments:
        output += attribute(2, 0x00069002, struct.pack("<HIIII", 1, 0xFFFFFFFF, 0, 0, 0))
        values = dict(one.values)
        if values[0x3701][0] == BIN:
            output += attribute(2, 0x0006800F, values.pop(0x3701)[1])
        output += attribute(2, 0x00069005, tnef_properties(Properties(values)))
    return output


Message.tnef = tnef

# ------------------------------------------------------------------ RTF


def lzfu(rtf):
    """Compressed RTF that says every byte itself."""
    packed = b"".join(b"\0" + rtf[i : i + 8] for i in range(0, len(rtf), 8))
    checksum = ~zlib.crc32(packed, 0xFFFFFFFF) & 0xFFFFFFFF
    return struct.pack("<II4sI", len(packed) + 12, len(rtf), b"LZFu", checksum) + packed


def plain_rtf(rtf):
    return struct.pack("<II4sI", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf


# ------------------------------------------------------------------ the files

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
SENT = ticks(1999, 3, 11, 15, 20)
X500 = "/o=Example/ou=Hub/cn=Recipients/cn=bokafor"


def note(text, subject):
    return Message().text(0x37, subject).text(0x1000, text).add(0x39, TIME, SENT).add(0xE06, TIME, SENT)


def with_html():
    html = '<html><body><p>Dear Ben,</p><p>here is <b>the plan</b>:</p><img src="cid:plan@example.com"></body></html>\r\n'
    message = note("Dear Ben,\r\n\r\nhere is the plan:\r\n", "The plan for the yard").sender("Ruth Adler", "ruth.adler@example.com")
    message.to("Ben Okafor", X500, 1, "EX", "ben.okafor@example.org").to("Jürg Müßig", "juerg.muessig@example.org", 2)
    message.to("Käthe Vogel", "kaethe.vogel@example.com", 3).add(0x1013, BIN, html.encode()).add(0x3FDE, INT, 65001)
    message.add(0x17, INT, 2).add(0x29, BOOL, 1).text(0x1035, "<19990311152000.1@example.com>")
    message.name(PUBLIC, "Keywords", TEXT, ["Yard", "Plans"])
    message.attach("plan.png", PNG, text={0x3712: "plan@example.com", 0x370E: "image/png"})
    return message.attach("Measures of the yard.txt", b"12 by 40 metres\r\n", text={0x370E: "text/plain"})


def in_rtf():
    rtf = rb"""{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fswiss\fcharset204 Arial Cyr;}}
{\*\htmltag19 <html>}{\*\htmltag50 <body>}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Gr\'fc\'dfe aus {\*\htmltag84 <b>}\htmlrtf {\b \htmlrtf0 K\'f6ln\htmlrtf }\htmlrtf0
{\*\htmltag92 </b>}\htmlrtf\par}\htmlrtf0
{\*\htmltag72 </p>}\f1 \'ef\'f0\'e8\'e2\'e5\'f2\f0 \u8364 ?{\*\htmltag58 </body>}{\*\htmltag27 </html>}}"""
    message = Message(charset="cp1252").text(0x37, "Grüße").add(0x39, TIME, SENT).add(0x1009, BIN, lzfu(rtf))
    return message.sender("Käthe Vogel", "kaethe.vogel@example.com").to("Jürg Müßig", "juerg.muessig@example.org")


def received():
    headers = """Microsoft Mail Internet Headers Version 2.0
Received: from mail.example.com by hub.example.org; Thu, 11 Mar 1999 15:20:00 +0000
From: =?iso-8859-1?Q?K=E4the_Vogel?= <kaethe.vogel@example.com>
To: "Okafor, Ben" <ben.okafor@example.org>
Subject: As it came
Date: Thu, 11 Mar 1999 16:19:58 +0100
Message-ID: <as.it.came@example.com>
X-Mailer: Example Mail 1.0
MIME-Version: 1.0
Content-Type: text/plain; charset=iso-8859-1

"""
    message = note("All of its header is kept.\r\n", "As it came").text(0x7D, headers.replace("\n", "\r\n"))
    return message.sender("Käthe Vogel", "kaethe.vogel@example.com").to("Okafor, Ben", "ben.okafor@example.org")


def nested():
    inner = note("The innermost.\r\n", "Third").sender("Ann Third", "ann.third@example.com").attach("three.bin", bytes(range(256)))
    middle = note("In the middle.\r\n", "Second").sender("Ann Second", "ann.second@example.com").embed("Third", inner)
    return note("The outermost.\r\n", "First").sender("Ann First", "ann.first@example.com").to("Ben Okafor", "ben.okafor@example.org").embed("Second", middle)


def ole():
    message = note("With a sheet in it.\r\n", "Object").sender("Ann Example", "ann@example.com")
    return message.embed("Sheet", {"Workbook": bytes(range(256)) * 20, "\x01CompObj": b"Sheet", "Pages": {"One": b"1"}}, 6)


def appointment():
    zone = struct.pack("<iiiH8HH8H", -60, 0, -60, 0, 0, 10, 0, 5, 3, 0, 0, 0, 0, 0, 3, 0, 5, 2, 0, 0, 0)
    start = (datetime.datetime(1999, 3, 16) - datetime.datetime(1601, 1, 1)).days * 1440
    recurrence = struct.pack("<HHHHHIIII", 0x3004, 0x3004, 0x200B, 1, 0, 0, 1, 0, 1 << 2)
    recurrence += struct.pack("<III", 0x2022, 10, 1) + struct.pack("<II", 1, start + 7 * 1440) + struct.pack("<I", 0)
    recurrence += struct.pack("<II", start, start + 70 * 1440) + struct.pack("<IIIIHI", 0x3006, 0x3009, 9 * 60, 10 * 60, 0, 0)
    message = note("Bring the plans.\r\n", "Yard meeting").sender("Ruth Adler", "ruth.adler@example.com")
    message.text(0x1A, "IPM.Schedule.Meeting.Request").to("Ben Okafor", "ben.okafor@example.org")
    message.name(APPOINTMENT, 0x820D, TIME, ticks(1999, 3, 16, 8)).name(APPOINTMENT, 0x820E, TIME, ticks(1999, 3, 16, 9))
    message.name(APPOINTMENT, 0x8208, TEXT, "Room 4, first floor".encode("utf-16-le")).name(APPOINTMENT, 0x8223, BOOL, 1)
    message.name(APPOINTMENT, 0x8233, BIN, zone).name(APPOINTMENT, 0x8216, BIN, recurrence)
    return message.name(MEETING, 0x23, BIN, bytes.fromhex("040000008200e00074c5b7101a82e008") + bytes(36) + b"1999")


def contact():
    message = Message("IPM.Contact").text(0x37, "Ben Okafor").text(0x3001, "Ben Okafor").text(0x3A06, "Ben").text(0x3A11, "Okafor")
    message.text(0x3A16, "Example; Yards").text(0x3A08, "+44 20 7946 0000").text(0x1000, "Met at the fair.\r\n")
    return message.name(ADDRESS, 0x8083, TEXT, "ben.okafor@example.org".encode("utf-16-le"))


def task():
    message = Message("IPM.Task").text(0x37, "Measure the yard").text(0x1000, "With the long tape.\r\n").add(0x3007, TIME, SENT)
    message.name(TASK, 0x8105, TIME, ticks(1999, 4, 1)).name(TASK, 0x8101, INT, 1)
    return message.name(TASK, 0x8102, DOUBLE, 0.5)


def not_delivered():
    message = Message("REPORT.IPM.Note.NDR").text(0x37, "Undeliverable: The plan").add(0x32, TIME, SENT).text(0x6820, "hub.example.org")
    message.sender("System Administrator", "postmaster@example.org")
    recipient = Properties().add(0xC15, INT, 1).text(0x3001, "Nobody").text(0x3002, "SMTP").text(0x3003, "nobody@example.org")
    message.recipients.append(recipient.text(0xC1B, "<hub.example.org #5.1.1>").add(0xC05, INT, 0))
    return message.embed("The plan", note("The plan.\r\n", "The plan").sender("Ruth Adler", "ruth.adler@example.com"))


def was_read():
    message = Message("REPORT.IPM.Note.IPNRN").text(0x37, "Read: The plan").add(0x39, TIME, SENT).text(0x49, "The plan")
    return message.sender("Ben Okafor", "ben.okafor@example.org").to("Ruth Adler", "ruth.adler@example.com").text(0x1046, "<19990311152000.1@example.com>")


def signed():
    entity = b"""Content-Type: multipart/signed; protocol="application/x-pkcs7-signature"; micalg=sha1; boundary="s"

--s
Content-Type: text/plain

Signed.
--s
Content-Type: application/x-pkcs7-signature; name="smime.p7s"
Content-Transfer-Encoding: base64

MAA=
--s--
""".replace(b"\n", b"\r\n")
    message = Message("IPM.Note.SMIME.MultipartSigned").text(0x37, "Signed").add(0x39, TIME, SENT).sender("Ruth Adler", "ruth.adler@example.com")
    return message.attach("smime.p7m", entity, text={0x370E: "multipart/signed"})


def draft():
    return note("Not sent yet.\r\n", "Draft").add(0xE07, INT, 8).to("Ben Okafor", "ben.okafor@example.org")


def japanese():
    rtf = rb"{\rtf1\ansi\ansicpg932\fromtext \deff0{\fonttbl{\f0\fmodern\fcharset128 MS Gothic;}}\f0 \'8e\'91\'97\'bf\'82\'f0\'91\'97\'82\'e8\'82\'dc\'82\'b7\par}"
    message = Message(charset="cp932").text(0x37, "資料").add(0x39, TIME, SENT).add(0x1009, BIN, plain_rtf(rtf))
    return message.sender("田中", "tanaka@example.com").to("鈴木", "suzuki@example.org").attach("表.txt", b"1\r\n")


def legacy():
    """As Exchange 4.0 sent it: no MAPI property at all."""
    sender = struct.pack("<HHHH", 4, 16 + 12 + 22, 12, 22) + b"Ann Example\0" + b"SMTP:ann@example.com\0\0"
    output = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00089006, struct.pack("<I", 0x10000))
    output += attribute(1, 0x00069007, struct.pack("<II", 1252, 0)) + attribute(1, 0x00078008, b"IPM.Microsoft Mail.Note\0")
    output += attribute(1, 0x00008000, sender) + attribute(1, 0x00018004, "Über alles Mögliche\0".encode("cp1252"))
    output += attribute(1, 0x00038005, struct.pack("<7H", 1996, 5, 7, 12, 30, 0, 2)) + attribute(1, 0x0004800D, struct.pack("<H", 1))
    output += attribute(1, 0x0002800C, b"The text of the message.\r\n\0")
    output += attribute(2, 0x00069002, struct.pack("<HIIII", 1, 0xFFFFFFFF, 0, 0, 0)) + attribute(2, 0x00018010, b"LETTER.TXT\0")
    return output + attribute(2, 0x00038013, struct.pack("<7H", 1996, 5, 6, 9, 0, 0, 1)) + attribute(2, 0x0006800F, b"Dear Sirs,\r\n")


def in_mail(winmail):
    text = """From: Ruth Adler <ruth.adler@example.com>
To: Ben Okafor <ben.okafor@example.org>
Cc: =?utf-8?Q?J=C3=BCrg_M=C3=BC=C3=9Fig?= <juerg.muessig@example.org>
Subject: The plan for the yard
Date: Thu, 11 Mar 1999 15:20:00 +0000
Message-ID: <19990311152000.1@example.com>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"
X-MS-TNEF-Correlator: <19990311152000.1@example.com>

--b
Content-Type: text/plain; charset=us-ascii

Dear Ben,

here is the plan:

--b
Content-Type: application/ms-tnef; name="winmail.dat"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="winmail.dat"

%s--b--
""" % base64.encodebytes(winmail).decode()
    return text.replace("\n", "\r\n").encode()


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    html = with_html().msg()
    # The chain of the first sector leads back to itself.
    table = struct.unpack_from("<I", html, 76)[0]
    circle = bytearray(html)
    struct.pack_into("<I", circle, (table + 1) * 512, 0)
    winmail = with_html().tnef()
    files = {
        "html-and-files.msg": html,
        "html-in-rtf.msg": in_rtf().msg(),
        "japanese-932.msg": japanese().msg(),
        "received-header.msg": received().msg(),
        "nested.msg": nested().msg(),
        "version-4.msg": with_html().msg(4096),
        "ole-object.msg": ole().msg(),
        "meeting-recurring.msg": appointment().msg(),
        "contact.msg": contact().msg(),
        "task.msg": task().msg(),
        "not-delivered.msg": not_delivered().msg(),
        "was-read.msg": was_read().msg(),
        "signed.msg": signed().msg(),
        "draft.msg": draft().msg(),
        "winmail.dat": winmail,
        "winmail-nested.dat": nested().tnef(),
        "winmail-report.dat": not_delivered().tnef(),
        "winmail-legacy.dat": legacy(),
        "winmail-in-mail.eml": in_mail(winmail),
        "defect-circle.msg": bytes(circle),
        "defect-cut.msg": html[: len(html) // 2],
        "defect-checksum.dat": with_html().tnef(checksum=1),
        "defect-cut.dat": winmail[: len(winmail) - 200],
        "defect-size.dat": struct.pack("<IHBII", 0x223E9F78, 1, 1, 0x00069003, 0x7FFFFFFF) + b"\xff" * 34,
    }
    for name, data in files.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)


if __name__ == "__main__":
    main()
