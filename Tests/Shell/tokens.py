"""Messages with a token each, by which they are counted at the end, and what the storms do to processes."""
import collections
import os
import re


def token(number):
    return "TOK%06dEND" % number


def ccm(number, sender="Ann at HUB", recipients=("Bob at INTERNET",)):
    """A .ccm message with sizes."""
    text = "\r\n\r\n%s\r\n\r\n" % token(number)
    item = "Text item: \r\n%-11d\r\n%s" % (len(text), text)
    header = "From: %s\r\nDate: 6/2/98 8:39\r\n" % sender
    header += "".join("To: %s\r\n" % one for one in recipients) + "Subject: %06d\r\n" % number
    rest = "%sContents:\r\n%-11d\r\n%s\r\n\r\n" % (header, len(item), item)
    return "Message:\r\n%-11d\r\n%s" % (len(rest), rest)


def eml(number, recipients="Bob Example <bob@example.com>"):
    """An Internet message."""
    return ("From: Ann Example <ann@example.org>\r\nTo: %s\r\nDate: Tue, 2 Jun 1998 08:39:00 +0000\r\nSubject: %06d\r\n"
            "Message-ID: <n%d@example.org>\r\n\r\n%s\r\n" % (recipients, number, number, token(number)))


def unknown(name="Nobody"):
    """The Internet address of somebody whom the post office HUB does not have."""
    return "<IMCEACCMAIL-%s+20at+20HUB@ccmail.invalid>" % name


def tokens(path):
    """The numbers of the messages that a file holds, in its order."""
    with open(path, "rb") as file:
        return [int(t) for t in re.findall(rb"TOK(\d{6})END", file.read())]


def put(folder, name, text):
    """A file that is there at once."""
    with open(f"{folder}/.{name}", "w", newline="") as file:
        file.write(text)
    os.rename(f"{folder}/.{name}", f"{folder}/{name}")


def below(folder):
    """All files in a folder and its folders, but for reports."""
    for path, _, names in os.walk(folder):
        yield from (os.path.join(path, name) for name in names if not name.endswith(".report"))


def counted(*folders):
    """How many files in the folders hold each message."""
    return collections.Counter(t for folder in folders for path in below(folder) for t in set(tokens(path)))


def leftovers(queue):
    """Invocations that left something in a queue."""
    shared = ("strikes", "attempts", "deaths", "known")
    return [n for n in os.listdir(f"{queue}/work") if n not in shared] if os.path.isdir(f"{queue}/work") else []


def family(process):
    """A process and all that descend from it."""
    children = collections.defaultdict(list)
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                children[int(file.read().rsplit(")", 1)[1].split()[1])].append(int(name))
        except OSError:
            pass
    found, left = [], [process]
    while left:
        found.append(left.pop())
        left += children[found[-1]]
    return found


def send(number, processes):
    """A signal to processes, as far as they still are."""
    for process in processes:
        try:
            os.kill(process, number)
        except OSError:
            pass
