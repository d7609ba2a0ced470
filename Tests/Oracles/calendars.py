#!/usr/bin/env python3
"""Whether the calendars and the cards that msg2eml and tnef2eml make say to others what they should.

    Tests/Oracles/calendars.py [--limit N] [DIRECTORY...]

Series in many zones, made here as Outlook stores them, are converted and expanded by dateutil: their occurrences have to
be those that were meant. Invitations are read by icalendar, in winmail.dat files too. So are the calendars of all
Outlook files below each DIRECTORY, and their cards by vobject: what RFC 5545, 5546 and 2426 require has to be there.

The three libraries come from PyPI, into an environment of the test's own; PYTHON names a Python that has them. Where they
cannot be had the test is skipped, exit 77. Each fault is one line; the last line is `N calendars, N cards, N faults`. Exit
1 if there is a fault. --limit is the most lines to print. The programs are in BIN, default .build/release."""

import argparse
import datetime
import email
import email.policy
import io
import os
import struct
import subprocess
import sys
import warnings

sys.dont_write_bytecode = True  # no __pycache__ in the source tree
HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ.get("BIN") or os.path.join(HERE, "../../.build/release")
ENVIRONMENT = os.path.join(HERE, "../../.build/oracle-python")
sys.path.insert(0, os.path.join(HERE, "../../Samples/mail/outlook"))
import make  # noqa: E402


def with_libraries():
    """Goes on in a Python that has the libraries; exit 77 where none can be had."""
    try:
        import dateutil, icalendar, vobject  # noqa: E401, F401

        return
    except ImportError:
        pass
    python = os.environ.get("PYTHON") or os.path.join(ENVIRONMENT, "bin/python")
    if os.environ.get("CALENDARS_TRIED"):
        print("no python-dateutil, icalendar and vobject here, and PyPI does not give them")
        sys.exit(77)
    if not os.path.exists(python):
        install = [[sys.executable, "-m", "venv", ENVIRONMENT]]
        install += [[python, "-m", "pip", "-q", "install", "python-dateutil", "icalendar", "vobject"]]
        for command in install:
            try:
                if subprocess.run(command, capture_output=True, timeout=300).returncode:
                    break
            except (OSError, subprocess.TimeoutExpired):
                break
    os.environ["CALENDARS_TRIED"] = "yes"
    if not os.path.exists(python):
        print("no python-dateutil, icalendar and vobject here, and no environment can be made")
        sys.exit(77)
    os.execv(python, [python] + sys.argv)


# ------------------------------------------------------------------ series

EPOCH = datetime.datetime(1601, 1, 1)
DAY = datetime.timedelta(days=1)
# Minutes west of UTC, the change to winter and to summer (month, week, hour) or None, and the name that Python knows.
ZONES = {
    "Berlin": (-60, (10, 5, 3), (3, 5, 2), "Europe/Berlin"),
    "New York": (300, (11, 1, 2), (3, 2, 2), "America/New_York"),
    "Sydney": (-600, (4, 1, 3), (10, 1, 2), "Australia/Sydney"),
    "Kolkata": (-330, None, None, "Asia/Kolkata"),
    "Honolulu": (600, None, None, "Pacific/Honolulu"),
    "Tokyo": (-540, None, None, "Asia/Tokyo"),
    "Auckland": (-720, (4, 1, 3), (9, 5, 2), "Pacific/Auckland"),
}


def minutes(time):
    return int((time - EPOCH).total_seconds()) // 60


def zone_bytes(bias, winter, summer):
    def change(at):
        return struct.pack("<8H", 0, at[0], 0, at[1], at[2], 0, 0, 0) if at else bytes(16)

    return struct.pack("<iii", bias, 0, -60 if summer else 0) + b"\0\0" + change(winter) + b"\0\0" + change(summer)


def last_day(year, month):
    return (datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)).day


def nth(year, month, weekday, week):
    """The date of the nth weekday, from Monday, of a month; 5 is the last one."""
    days = [d for d in range(1, last_day(year, month) + 1) if datetime.date(year, month, d).weekday() == weekday]
    return datetime.date(year, month, days[-1] if week == 5 else days[week - 1])


def monthly(start, step, count, day_of):
    found, month = [], start.year * 12 + start.month - 1
    while len(found) < count:
        found.append(day_of(month // 12, month % 12 + 1))
        month += step
    return found


# How a series recurs: the bytes of its rule, its first day, and its days by arithmetic of ours.
def patterns():
    start = datetime.date(2019, 10, 24)  # both hemispheres change their clocks soon
    yield "daily", struct.pack("<HHHIII", 0x200A, 0, 0, 0, 1440, 0), start, [start + DAY * i for i in range(12)]
    yield "every third day", struct.pack("<HHHIII", 0x200A, 0, 0, 0, 3 * 1440, 0), start, [start + DAY * 3 * i for i in range(9)]
    days = [start + DAY * i for i in range(60)]
    yield "workdays", struct.pack("<HHHIIII", 0x200A, 1, 0, 0, 1, 0, 0x3E), start, [d for d in days if d.weekday() < 5][:15]
    # Weeks that begin on Sunday: Thursday of the first, then Sunday and Thursday of each second.
    week = lambda d: (d - datetime.date(2019, 10, 20)).days // 7
    chosen = [d for d in days if d.weekday() in (6, 3) and week(d) % 2 == 0]
    yield "every second week", struct.pack("<HHHIIII", 0x200B, 1, 0, 0, 2, 0, 0x11), start, chosen[:8]
    first = datetime.date(2019, 10, 30)
    by_day = lambda y, m: datetime.date(y, m, min(30, last_day(y, m)))
    yield "the 30th", struct.pack("<HHHIIII", 0x200C, 2, 0, 0, 1, 0, 30), first, monthly(first, 1, 8, by_day)
    first = datetime.date(2019, 10, 31)
    yield "the last day", struct.pack("<HHHIIII", 0x200C, 2, 0, 0, 1, 0, 31), first, monthly(first, 1, 8, lambda y, m: datetime.date(y, m, last_day(y, m)))
    first = nth(2019, 10, 4, 5)
    yield "last Friday", struct.pack("<HHHIIIII", 0x200C, 3, 0, 0, 1, 0, 1 << 5, 5), first, monthly(first, 1, 8, lambda y, m: nth(y, m, 4, 5))
    first = datetime.date(2019, 10, 28)
    yield "yearly", struct.pack("<HHHIIII", 0x200D, 2, 0, 0, 12, 0, 28), first, monthly(first, 12, 4, lambda y, m: datetime.date(y, m, 28))


def series(name, zone, rule, days, time, by_count, deleted=(), whole=False):
    """An appointment that is on `days` at `time` of a zone; those in `deleted` are left out."""
    at = lambda day: datetime.datetime.combine(day, time)
    first, last = at(days[0]), datetime.datetime.combine(days[-1], datetime.time())
    data = struct.pack("<HH", 0x3004, 0x3004) + rule
    data += struct.pack("<III", 0x2022 if by_count else 0x2021, len(days), 0)
    data += struct.pack("<I", len(deleted)) + b"".join(struct.pack("<I", minutes(datetime.datetime.combine(d, datetime.time()))) for d in deleted)
    data += struct.pack("<I", 0) + struct.pack("<II", minutes(datetime.datetime.combine(days[0], datetime.time())), minutes(last))
    offset = time.hour * 60 + time.minute
    data += struct.pack("<IIIIHII", 0x3006, 0x3009, offset, offset + 60, 0, 0, 0)
    utc = first.replace(tzinfo=zoneinfo(ZONES[zone][3])).astimezone(datetime.timezone.utc)
    message = make.Message("IPM.Appointment").text(0x37, name).add(0x39, make.TIME, make.SENT)
    stamp = lambda t: make.ticks(*t.timetuple()[:6])
    length = DAY if whole else datetime.timedelta(hours=1)
    message.name(make.APPOINTMENT, 0x820D, make.TIME, stamp(utc)).name(make.APPOINTMENT, 0x820E, make.TIME, stamp(utc + length))
    message.name(make.APPOINTMENT, 0x8223, make.BOOL, 1).name(make.APPOINTMENT, 0x8216, make.BIN, data)
    if whole:
        message.name(make.APPOINTMENT, 0x8215, make.BOOL, 1)
    return message.name(make.APPOINTMENT, 0x8233, make.BIN, zone_bytes(*ZONES[zone][:3])).msg()


def zoneinfo(name):
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def occurrences(text, limit):
    """The first occurrences of the series in a calendar, by dateutil; without a zone in whole days."""
    from dateutil import rrule, tz

    lines = text.replace("\r\n ", "").split("\r\n")
    event = [line for line in lines[lines.index("BEGIN:VEVENT") :] if line.startswith(("DTSTART", "RRULE", "EXDATE"))]
    zone = tz.tzical(io.StringIO(text)).get("Local") if "BEGIN:VTIMEZONE" in text else None
    rules = rrule.rrulestr("\n".join(event).replace(";VALUE=DATE", ""), tzids=lambda name: zone, forceset=True)
    return [t for _, t in zip(range(limit), rules)]


def check_series(faults):
    count = 0
    for zone in ZONES:
        for name, rule, first, days in patterns():
            for time, by_count, whole in (
                (datetime.time(9), False, False), (datetime.time(20, 30), False, False), (datetime.time(0), False, False),
                (datetime.time(23, 30), True, False), (datetime.time(0), False, True),
            ):
                gone = days[1:3]
                what = f"{zone}, {name}, {time}{', whole days' if whole else ''}"
                text = calendar_of(convert("msg2eml", series(what, zone, rule, days, time, by_count, gone, whole)))
                found = occurrences(text, len(days) + 5)
                wanted = [datetime.datetime.combine(d, time) for d in days if d not in gone]
                if not whole:
                    own = zoneinfo(ZONES[zone][3])
                    found = [t.astimezone(datetime.timezone.utc) for t in found]
                    wanted = [t.replace(tzinfo=own).astimezone(datetime.timezone.utc) for t in wanted]
                count += 1
                if found != wanted:
                    odd = [str(t) for t in set(found) ^ set(wanted)]
                    faults.append(f"{what}: {len(found)} occurrences instead of {len(wanted)}: {sorted(odd)[:4]}")
    return count


# ------------------------------------------------------------------ calendars and cards


def convert(program, data):
    run = subprocess.run([os.path.join(BIN, program), "-q"], input=data, capture_output=True, timeout=60)
    return run.stdout


def leaves(data):
    message = email.message_from_bytes(data, policy=email.policy.default)
    return [p for p in message.walk() if not p.is_multipart()]


def texts(data, type):
    return [(p, p.get_payload(decode=True).decode()) for p in leaves(data) if p.get_content_type() == type]


def calendar_of(data):
    found = texts(data, "text/calendar")
    return found[0][1] if found else ""


def check_calendar(what, part, text, faults):
    import icalendar

    calendar = icalendar.Calendar.from_ical(text)
    method = str(calendar.get("METHOD") or "")
    if method != (part.get_param("method") or ""):
        faults.append(f"{what}: METHOD {method!r}, in its Content-Type {part.get_param('method')!r}")
    identifiers = set()
    for component in calendar.walk():
        if component.name not in ("VEVENT", "VTODO"):
            continue
        identifiers.add(str(component.get("UID")))
        missing = [n for n in ("UID", "DTSTAMP") if n not in component]
        # A task that tells no time at all has none to be stamped with: the clock would be made up.
        if "DTSTAMP" in missing and not method and component.name == "VTODO" and not any(n in component for n in ("DTSTART", "DUE")):
            missing.remove("DTSTAMP")
        if method:
            missing += [n for n in ("ORGANIZER", "ATTENDEE", "SEQUENCE") if n not in component and not (n == "SEQUENCE" and method == "REPLY")]
        if component.name == "VEVENT" and not method and "DTSTART" not in component:
            missing.append("DTSTART")
        if missing:
            faults.append(f"{what}: a {component.name} without {missing}")
        people = component.get("ATTENDEE") or []
        if method == "REPLY" and isinstance(people, list) and len(people) > 1:
            faults.append(f"{what}: {len(people)} people answer at once")
        if component.errors:
            faults.append(f"{what}: {component.errors[:2]}")
    if len(identifiers) != 1:
        faults.append(f"{what}: {len(identifiers)} identifiers in one calendar")


def check_card(what, text, faults):
    import vobject

    card = vobject.readOne(text)
    try:
        card.validate(raiseException=True)
    except Exception as error:
        faults.append(f"{what}: {error}")


def check_invitations(faults):
    """What a winmail.dat asks, wrapped in a message as it came, and by itself."""
    count = 0
    for kind, method in (("IPM.Schedule.Meeting.Request", "REQUEST"), ("IPM.Schedule.Meeting.Resp.Pos", "REPLY"), ("IPM.Schedule.Meeting.Canceled", "CANCEL"), ("IPM.TaskRequest", "REQUEST")):
        message = make.Message(kind).text(0x37, "Measure the yard")
        if "Meeting" in kind:
            message.name(make.APPOINTMENT, 0x820D, make.TIME, make.ticks(2019, 6, 3, 7)).name(make.APPOINTMENT, 0x820E, make.TIME, make.ticks(2019, 6, 3, 8))
        wrapped = convert("ccm2eml", convert("eml2ccm", make.in_mail(message.tnef())))
        parts = texts(wrapped, "text/calendar")
        count += 1
        if len(parts) != 1:
            faults.append(f"{kind} in a message: {len(parts)} calendars")
            continue
        check_calendar(f"{kind} in a message", *parts[0], faults)
        for wanted in (f"METHOD:{method}", "ORGANIZER", "ATTENDEE", "mailto:ruth.adler@example.com", "mailto:ben.okafor@example.org", "DTSTAMP:19990311T152000Z"):
            if wanted not in parts[0][1].replace("\r\n ", ""):
                faults.append(f"{kind} in a message: no {wanted}")
        alone = calendar_of(convert("tnef2eml", message.tnef()))
        if "METHOD" in alone or "DTSTAMP:1970" in alone:
            faults.append(f"{kind} alone: something is made up")
    return count


def check_files(directories, faults):
    calendars = cards = 0
    for directory in directories:
        for folder, folders, names in os.walk(directory):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(folder, name)
                try:
                    with open(path, "rb") as file:
                        data = file.read()
                except OSError:
                    continue
                program = {b"\xd0\xcf\x11\xe0": "msg2eml", b"\x78\x9f\x3e\x22": "tnef2eml"}.get(data[:4])
                if not program:
                    continue
                converted = convert(program, data)
                for part, text in texts(converted, "text/calendar"):
                    if part.get_filename() in ("appointment.ics", "meeting.ics", "task.ics"):
                        calendars += 1
                        check_calendar(name, part, text, faults)
                for part, text in texts(converted, "text/vcard"):
                    cards += 1
                    check_card(name, text, faults)
    return calendars, cards


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("directories", nargs="*")
    arguments = parser.parse_args()
    if not os.access(os.path.join(BIN, "msg2eml"), os.X_OK):
        print(f"no msg2eml in {BIN}")
        return 77
    warnings.simplefilter("ignore")
    faults = []
    calendars = check_series(faults) + check_invitations(faults)
    more, cards = check_files(arguments.directories, faults)
    for fault in faults[: arguments.limit]:
        print(fault)
    print(f"{calendars + more} calendars, {cards} cards, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    with_libraries()
    sys.exit(main())
