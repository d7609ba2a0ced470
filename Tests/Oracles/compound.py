"""A reader of Outlook's .msg files of its own, slow and short: another opinion on what is in them. Nothing here is taken
from this project's programs."""

import struct

END = 0xFFFFFFFA


class Compound:
    """The directory of a compound file: entries as dicts, in `root["children"]` and below."""

    def __init__(self, data):
        self.data = data
        if data[:8] != bytes.fromhex("d0cf11e0a1b11ae1"):
            raise ValueError("not a compound file")
        self.size = 1 << struct.unpack_from("<H", data, 30)[0]
        first, cutoff, mini, lists = (struct.unpack_from("<I", data, at)[0] for at in (48, 56, 60, 68))
        tables = [n for n in struct.unpack_from("<109I", data, 76) if n <= END]
        while lists <= END and len(tables) < 100000:
            numbers = struct.unpack("<%dI" % (self.size // 4), self.sector(lists))
            tables += [n for n in numbers[:-1] if n <= END]
            lists = numbers[-1]
        self.next = [n for t in tables for n in struct.unpack("<%dI" % (self.size // 4), self.sector(t))]
        directory = self.chain(first)
        records = [directory[at : at + 128] for at in range(0, len(directory) - 127, 128)]
        self.mini_next = struct.unpack("<%dI" % (len(self.chain(mini)) // 4), self.chain(mini)) if mini <= END else ()
        start, size = struct.unpack_from("<II", records[0], 116)
        self.mini = self.chain(start)[:size] if start <= END else b""
        self.cutoff = cutoff
        self.records = records
        self.seen = set()
        self.root = self.entry(0)

    def sector(self, number):
        at = (number + 1) * self.size
        return self.data[at : at + self.size].ljust(self.size, b"\0")

    def chain(self, number):
        parts, seen = [], set()
        while number <= END and number not in seen and number < len(self.next):
            seen.add(number)
            parts.append(self.sector(number))
            number = self.next[number]
        return b"".join(parts)

    def stream(self, record):
        number, size = struct.unpack_from("<II", record, 116)
        if size >= self.cutoff:
            return self.chain(number)[:size]
        parts, seen = [], set()
        while number < len(self.mini_next) and number not in seen:
            seen.add(number)
            parts.append(self.mini[number * 64 : number * 64 + 64])
            number = self.mini_next[number]
        return b"".join(parts)[:size]

    def entry(self, index):
        record = self.records[index]
        length = struct.unpack_from("<H", record, 64)[0]
        entry = {"name": record[: max(0, length - 2)].decode("utf-16-le", "replace"), "kind": record[66], "children": []}
        if record[66] == 2:
            entry["data"] = self.stream(record)
            return entry
        waiting = [struct.unpack_from("<I", record, 76)[0]]
        while waiting:
            child = waiting.pop()
            if child >= len(self.records) or child in self.seen:
                continue
            self.seen.add(child)
            waiting += struct.unpack_from("<II", self.records[child], 68)
            entry["children"].append(self.entry(child))
        return entry


class Message:
    """A message: subject, body and the like as text or None, recipients, attachments and the messages within it."""

    def __init__(self, storage):
        self.storage = storage
        self.streams = {e["name"].upper(): e["data"] for e in storage["children"] if "data" in e}
        self.subject = self.text("0037") or self.text("0E1D")
        self.body = self.text("1000")
        self.html = self.data("1013")
        self.message_class = self.text("001A") or ""
        self.sender = next((a for a in map(self.text, ("5D02", "0065", "5D01", "0C1F")) if a and "@" in a and not a.startswith("/")), None)
        self.sender_name = self.text("0042") or self.text("0C1A")
        self.headers = self.text("007D")
        parts = sorted((e for e in storage["children"] if e["kind"] == 1), key=lambda e: e["name"])
        self.recipients = [Message.plain(e) for e in parts if e["name"].startswith("__recip")]
        self.files, self.embedded, self.objects = [], [], []
        for part in (e for e in parts if e["name"].startswith("__attach")):
            inner = next((e for e in part["children"] if e["name"].upper().endswith("3701000D")), None)
            if inner is None:
                data = next((e["data"] for e in part["children"] if e["name"].upper().endswith("37010102")), None)
                if data is not None:
                    self.files.append(data)
            elif any(e["name"].startswith("__properties") for e in inner["children"]):
                self.embedded.append(Message(inner))
            else:
                self.objects.append(inner)

    @classmethod
    def plain(cls, storage):
        self = cls.__new__(cls)
        self.streams = {e["name"].upper(): e["data"] for e in storage["children"] if "data" in e}
        self.name = self.text("3001")
        self.address = next((a for a in map(self.text, ("39FE", "3003")) if a and "@" in a and not a.startswith("/")), None)
        return self

    def data(self, tag):
        for type in ("0102", "001E", "001F"):
            data = self.streams.get(f"__SUBSTG1.0_{tag}{type}")
            if data:
                return data
        return None

    def text(self, tag):
        data = self.streams.get(f"__SUBSTG1.0_{tag}001F")
        if data is not None:
            return data.decode("utf-16-le", "replace").rstrip("\0")
        data = self.streams.get(f"__SUBSTG1.0_{tag}001E")
        return None if data is None else data.decode("latin-1").rstrip("\0")

    def all_files(self):
        """The data of its files, and of those of the messages within it."""
        return self.files + [data for inner in self.embedded for data in inner.all_files()]


def read(path):
    """The message in a .msg file."""
    with open(path, "rb") as file:
        return Message(Compound(file.read()).root)
