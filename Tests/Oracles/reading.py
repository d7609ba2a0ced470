"""What the oracle scripts share: finding messages, reading header fields with Python's email
package, and the list of explained differences. Nothing here is taken from this project's programs:
the point of it is to be another opinion."""

import calendar
import email
import email.errors
import email.header
import email.policy
import email.utils
import os
import re

# ------------------------------------------------------------------ files

NOT_MAIL = re.compile(r"^(_|\.|COPYING|LICEN[CS]E|README|NOTICE)|_decoded_")
SUFFIXES = (".eml", ".msg", ".txt", "")
FIELD_LINE = re.compile(rb"^(From |[!-9;-~]+[ \t]*:)")
OLE_MAGIC = b"\xd0\xcf\x11\xe0"
SEPARATOR = re.compile(rb"^From [^\r\n]*\d\d:\d\d[^\r\n]* \d{4}\b", re.M)


def mail_files(arguments):
    """Pairs of the name to print (beginning with the name of the directory given) and the path."""
    for argument in arguments:
        argument = argument.rstrip("/") or "/"
        if not os.path.isdir(argument):
            yield os.path.basename(argument), argument
            continue
        top = os.path.basename(os.path.abspath(argument))
        for directory, directories, names in os.walk(argument):
            directories.sort()
            for name in sorted(names):
                path = os.path.join(directory, name)
                suffix = os.path.splitext(name)[1]
                if NOT_MAIL.search(name) or suffix not in SUFFIXES or not os.path.isfile(path):
                    continue
                yield os.path.join(top, os.path.relpath(path, argument)), path


def is_message(path, data):
    """A .txt or a file without extension is mail only if it begins like mail; a .msg may be Outlook's."""
    if data.startswith(OLE_MAGIC):
        return False
    return path.endswith((".eml", ".msg")) or FIELD_LINE.match(data) is not None


def is_mbox_of_several(data):
    return data.startswith(b"From ") and len(SEPARATOR.findall(data)) > 1


# ------------------------------------------------------------------ explained differences


class Explained:
    """Lines `- SUITE FILE: field: reason` of DIFFERENCES.md. FILE may leave out leading folders and
    may hold * and ?; field may be * too."""

    def __init__(self, path, suite):
        import fnmatch

        self.entries = []
        self.used = set()
        pattern = re.compile(r"^- %s (.+?): ([a-z-]+|\*): (.*)$" % re.escape(suite))
        if path and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                for line in file:
                    found = pattern.match(line.rstrip("\n"))
                    if found:
                        glob = re.compile(r"(?:.*/)?" + fnmatch.translate(found[1]))
                        self.entries.append((found[1], glob, found[2]))

    def __call__(self, name, field):
        hit = False
        for number, (_, glob, explained_field) in enumerate(self.entries):
            if explained_field in (field, "*") and glob.match(name):
                self.used.add(number)
                hit = True
        return hit

    def unused(self):
        return [f"{e[0]}: {e[2]}" for n, e in enumerate(self.entries) if n not in self.used]


def default_list():
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "DIFFERENCES.md")


def program(name):
    """Where the programs are: BIN, as for the shell tests."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return os.path.join(os.path.abspath(os.environ.get("BIN") or os.path.join(root, ".build", "release")), name)


def cut(text, length=200):
    text = re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", lambda c: "\\x%02x" % (ord(c[0]) & 0xFF), text)
    return text if len(text) <= length else text[: length - 3] + "..."


# ------------------------------------------------------------------ character sets

# Labels that mail uses for more than they mean, and labels that Python does not know.
SUPERSETS = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "euc-kr": "cp949", "ksc5601": "cp949",
    "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "sjis": "cp932", "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext", "big5": "big5hkscs",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "ansi_x3.4-1968": "cp1252",
    "iso-8859-9": "cp1254", "iso-8859-8-i": "iso-8859-8", "iso-8859-6-i": "iso-8859-6", "tis-620": "cp874",
    "windows-874": "cp874", "x-mac-roman": "mac_roman", "macintosh": "mac_roman", "unicode-1-1-utf-7": "utf-7",
    "utf8": "utf-8", "x-unknown": "cp1252", "unknown-8bit": "cp1252",
}


def decodings(data, label):
    """Every plausible reading of these bytes, the likeliest first: a message that mislabels its
    text, or does not label it, has no one true reading."""
    label = (label or "").strip().strip("\"'").lower()
    readings = []
    for name in (label, SUPERSETS.get(label), "utf-8", "cp1252", "latin-1"):
        if not name:
            continue
        try:
            text = data.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
        if text not in readings:
            readings.append(text)
        if data.isascii() and name == "utf-8":
            break
    for name in (SUPERSETS.get(label), label):
        try:
            text = data.decode(name, "replace") if name else None
        except (LookupError, ValueError):
            continue
        if text is not None and text not in readings:
            readings.append(text)
    return readings


# ------------------------------------------------------------------ header fields

FACTORY = email.policy.default.header_factory


def fold_space(text):
    return " ".join(text.split())


def raw_fields(message, name):
    """The field bodies as they stand in the message, unfolded; bytes beyond ASCII as surrogates."""
    return [re.sub(r"\r?\n|\r", "", value).strip(" \t") for key, value in message.raw_items() if key.lower() == name]


def plain_readings(value, charset):
    """A field body with its unencoded 8-bit bytes read in each plausible way."""
    if value.isascii():
        return [value]
    data = value.encode("utf-8", "surrogateescape")
    return [text for text in decodings(data, charset)]


def decode_words(value):
    """RFC 2047, the old way: anything that is not right stays as it is."""
    try:
        pieces = email.header.decode_header(value)
    except (email.errors.HeaderParseError, ValueError):
        return value
    text = []
    for piece, label in pieces:
        if isinstance(piece, bytes):
            # decode_header gives unencoded runs as raw-unicode-escape
            piece = decodings(piece, label)[0] if label else piece.decode("raw-unicode-escape", "replace")
        text.append(piece)
    return "".join(text)


def new_words(value):
    return str(FACTORY("subject", value))


def old_addresses(value):
    return [(fold_space(decode_words(name)), address) for name, address in email.utils.getaddresses([value])]


def new_addresses(value):
    """With Python's structured parser. A name in a comment counts as the display name, as it does
    for every mail program; the structured parser leaves comments out."""
    names = {address: name for name, address in old_addresses(value) if name}
    result = []
    for mailbox in FACTORY("to", value).addresses:
        address = mailbox.addr_spec if mailbox.username or mailbox.domain else ""
        name = mailbox.display_name or names.get(address, "")
        result.append((fold_space(name), address))
    return result


def tidy(addresses):
    """Sorted, domains in lower case, without empty ones."""
    result = []
    for name, address in addresses:
        local, at, domain = address.rpartition("@")
        address = local + at + domain.lower() if at else address
        address = "" if address == "<>" else address
        if name == address:
            name = ""
        if name or address:
            result.append((name, address))
    return sorted(result)


def readings(values, readers, charset=None):
    """[(reader's name, what it read)]: one entry for each reader and plausible reading."""
    result = []
    for name, reader in readers:
        for choice in range(5):
            read = []
            more = False
            try:
                for value in values:
                    choices = plain_readings(value, charset)
                    more = more or choice + 1 < len(choices)
                    read.append(reader(choices[min(choice, len(choices) - 1)]))
            except Exception:  # Python's own parser has bugs; the other reader then decides
                continue
            result.append((name, read))
            if not more:
                break
    return result


def address_readings(message, name, charset=None):
    found = readings(raw_fields(message, name), (("new", new_addresses), ("old", old_addresses)), charset)
    return [(reader, tidy(one for value in values for one in value)) for reader, values in found]


def subject_readings(message, charset=None):
    # of several Subject fields, any may be the one that counts
    values = raw_fields(message, "subject")
    found = []
    for value in values or [""]:
        found += readings([value], (("new", new_words), ("old", decode_words)), charset)
    return [(reader, fold_space(value[0])) for reader, value in found]


KNOWN_ZONE = re.compile(r"[+-]\d\d:?\d\d\b|\b(GMT|UTC?|Z|[ECMP][SD]T)\b", re.I)


def date_readings(message):
    """[(instant in seconds, wall clock)] of each Date field that can be read. The instant is None
    where the field names no zone, or one that Python takes for UTC because it does not know it."""
    result = []
    for value in raw_fields(message, "date"):
        try:
            parts = email.utils.parsedate_tz(value)
            if parts is None:
                continue
            if 100 <= parts[0] < 200:  # counted from 1900, and written with four digits: 0102
                parts = (parts[0] + 1900,) + parts[1:]
            clock = calendar.timegm(parts[:6] + (0, 1, 0))
            known = parts[9] is not None and KNOWN_ZONE.search(value)
            result.append((clock - parts[9] if known else None, clock))
        except Exception:
            continue
    return result


def file_names(part, charset=None):
    """Plausible readings of a part's file name; none if it has none."""
    try:
        name = part.get_filename()
    except Exception:
        name = None
    if not name or not name.strip():
        return []
    name = str(name)
    found = []
    for value in plain_readings(name, charset):
        for reader in (decode_words, lambda v: v):
            text = fold_space(reader(value))
            if text not in found:
                found.append(text)
    return found
