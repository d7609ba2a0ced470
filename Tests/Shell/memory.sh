#!/bin/bash
# A dump of any size needs no more memory than its largest message: at most 64 MiB here. The dump is made on the fly,
# 64 MiB of it, or 4 GiB with TEST_SIZE=full.
. "$(dirname "$0")/lib.sh"
programs mboxsplit ccmsplit eml2ccm ccm2eml ccm-convert
require "memory" python3 gzip
case $TEST_SIZE in quick) mib=16 ;; full) mib=4096 ;; *) mib=64 ;; esac
limit=65536
LIMIT=$((60 + mib * 2))

# peak COMMAND...: runs it, writes its exit status and peak memory in KiB to `peak`.
peak() {
    python3 -c 'import os, sys
pid = os.posix_spawnp("timeout", ["timeout"] + sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
open("peak", "w").write("%d %d\n" % (os.waitstatus_to_exitcode(status), usage.ru_maxrss))' $LIMIT "$@"
}

# dump.py KIND MIB FILE: so many MiB of messages, small ones and some of a megabyte, each with a line that begins like
# a separator. The number of messages goes into FILE.
cat >dump.py <<'PY'
import os, random, sys
kind, mib = sys.argv[1], int(sys.argv[2])
out = sys.stdout.buffer
r = random.Random(1)
line = b"A line of the text that fills a message, with a few words in it, and no more."
total = n = 0
while total < mib << 20:
    n += 1
    lines = [line] * r.choice((3, 20, 60, 200, 12000 if n % 50 == 0 else 10))
    lines[-1] = b"From here on nothing is said; the mark is %d." % n
    if kind == "mbox":
        block = (b"From ann@example.org Tue Jun  2 08:39:00 1998\nFrom: Ann Example <ann@example.org>\nTo: bob@example.com\n"
                 b"Date: Tue, 2 Jun 1998 08:39:00 +0000\nSubject: Number %d\n\n%s\n\n" % (n, b"\n".join(lines)))
    else:
        text = b"\r\n\r\n" + b"\r\n".join(lines[:240]) + b"\r\n\r\n"
        item = b"Text item: \r\n%-11d\r\n%s" % (len(text), text)
        if len(lines) > 1000:
            data = b"Message:\r\n12\r\nFrom: x\r\n" * 40000
            item += b"File item: DATA.BIN 5/6/97 3:10PM\r\n%-11d\r\n%s" % (len(data), data)
        rest = (b"From: Ann Example at HUB\r\nDate: 6/2/98 8:39\r\nTo: Bob at HUBPO2\r\nSubject: Number %d\r\nContents:\r\n%-11d\r\n%s\r\n\r\n"
                % (n, len(item), item))
        block = b"Message:\r\n%-11d\r\n%s" % (len(rest), rest)
    out.write(block)
    total += len(block)
out.flush()
open(sys.argv[3], "w").write("%d\n" % n)
PY
dump() { python3 dump.py "$1" $mib made; }

# verdict NAME: of the last `peak`.
verdict() {
    read -r status kib <peak
    is "$1: exit status" "$status" 0
    check "$1: $mib MiB in $((kib / 1024)) MiB of memory" test "$kib" -le $limit
}

# eat DIR: removes the files that the splitter has finished (a later one is there), until `stop` is; counts them in `eaten`.
cat >eat.py <<'PY'
import os, sys, time
d, n = sys.argv[1], 0
while True:
    last = os.path.exists("stop")
    names = sorted(f for f in os.listdir(d) if f[0] == "P")
    for f in names if last else names[:-1]:
        os.unlink(os.path.join(d, f)); n += 1
    if last: break
    time.sleep(0.02)
open("eaten", "w").write("%d\n" % n)
PY

# split PROGRAM KIND FILTER: the dump through a splitter into a directory that a consumer empties.
split() {
    local name="$1, $2${3:+ | $3}"
    rm -rf parts stop; mkdir parts
    python3 eat.py parts & eater=$!
    dump "$2" | ${3:-cat} | peak "$BIN/$1" --directory parts --prefix P -
    : >stop; wait $eater
    verdict "$name"
    is "$name: messages" "$(cat eaten)" "$(cat made)"
}
split mboxsplit mbox "gzip -1"
split mboxsplit mbox ""
split ccmsplit ccm "gzip -1"
split ccmsplit ccm ""

# A size near the beginning that is wrong, and large: no reason to hold all the rest.
for kind in mbox ccm; do
    [ $kind = mbox ] && program=eml2ccm || program=ccm2eml
    if [ $kind = mbox ]; then dump mbox | sed 's/^Subject: Number 3$/&\nContent-Length: 99999999999/'; else
        printf 'Message:\r\n99999999999\r\nFrom: Ann Example at HUB\r\nTo: Bob at HUBPO2\r\nContents:\r\n%-11d\r\n' 0; dump ccm
    fi | peak "$BIN/$program" --mbox - 2>err | grep -acE '^(Message:|From .* [0-9]{4}$)' >found
    verdict "$program, a size that is wrong"
    check "$program, a size that is wrong: messages" test "$(cat found)" -ge "$(cat made)"
done

# Converters in a pipe.
dump mbox | peak "$BIN/eml2ccm" --mbox - | grep -ac '^Message:' >found
verdict "eml2ccm --mbox"
is "eml2ccm --mbox: messages" "$(cat found)" "$(cat made)"
dump ccm | peak "$BIN/ccm2eml" --mbox - | grep -ac '^From ' >found
verdict "ccm2eml --mbox"
is "ccm2eml --mbox: messages" "$(cat found)" "$(cat made)"
# What needs the dump as a file, and thousands of files after it, has less of it.
[ $mib -gt 1024 ] && mib=1024
dump ccm >whole.ccm
peak "$BIN/ccmcheck" --quiet whole.ccm >/dev/null
read -r status kib <peak
among "ccmcheck: exit status" "$status" 0 65
check "ccmcheck: $mib MiB in $((kib / 1024)) MiB of memory" test "$kib" -le $limit

# A dump as one file of a queue, and a queue of many files.
mkdir -p q/in; mv whole.ccm q/in/
peak "$BIN/ccm-convert" --no-sync --to eml --workers 1 q 2>err
verdict "ccm-convert, one dump"
is "ccm-convert, one dump: results" "$(find q/results -type f | wc -l)" "$(cat made)"
mv q/results next; rm -rf q; mkdir q; mv next q/in
peak "$BIN/ccm-convert" --no-sync --workers 2 q 2>err
verdict "ccm-convert, many files"
is "ccm-convert, many files: done" "$(find q/done -type f ! -name '*.report' | wc -l)" "$(cat made)"
