#!/bin/bash
# Outlook's files through the programs: alone, in pipes, in a queue, damaged. What is in the messages is tested elsewhere.
. "$(dirname "$0")/lib.sh"
programs msg2eml tnef2eml eml2ccm ccm2eml ccmcheck ccm-convert
samples=$(realpath "$here/../../Samples/mail/outlook")

# ---- Each sample, to cc:Mail and back.
for file in "$samples"/*.msg "$samples"/*.dat; do
    name=${file##*/}
    case $name in *.msg) program=msg2eml ;; *) program=tnef2eml ;; esac
    run "$BIN/$program" "$file"
    case $name in
        defect-cut.msg)
            is "$name: refused" $status 65
            check "$name: nothing on standard output" test ! -s out
            check "$name: one line with file and offset" grep -qE "^$program: .*$name: offset [0-9]+: " err
            continue ;;
        defect-*) check "$name: what is wrong is said" grep -qE "^$program: .*$name: offset [0-9]+: " err ;;
        *) check "$name: nothing is said" test ! -s err ;;
    esac
    is "$name: exit status" $status 0
    check "$name: seven bits, and lines of CR LF" awk '/[^\r]$/ || /[\200-\377]/ { print; exit 1 }' out
    mv out first.eml
    run "$BIN/eml2ccm" -q first.eml
    is "$name: eml2ccm takes it" $status 0
    is "$name: ccmcheck finds nothing" "$("$BIN/ccmcheck" out | grep -v ' no-recipient: ')" ""
    mv out first.ccm
    run "$BIN/ccm2eml" -q first.ccm
    is "$name: ccm2eml takes it back" $status 0
    is "$name: the subject comes back" "$(grep -m 1 '^Subject:' out)" "$(grep -m 1 '^Subject:' first.eml)"
done

# ---- Several files.
run "$BIN/msg2eml" "$samples/draft.msg" "$samples/task.msg"
is "two files without a place: exit status" $status 64
check "two files without a place: nothing on standard output" test ! -s out
run "$BIN/msg2eml" --mbox "$samples/draft.msg" "$samples/task.msg"
is "two files as an mbox" "$status $(grep -c '^From ' out)" "0 2"
run "$BIN/msg2eml" -q --partial --directory made "$samples"/*.msg
is "a folder with a damaged file: exit status" $status 65
is "a folder with a damaged file: the others are there" "$(count made)" "$(($(ls "$samples"/*.msg | wc -l) - 1))"
gzip -c "$samples/draft.msg" >draft.gz
run "$BIN/msg2eml" draft.gz
check "packed with gzip" grep -q '^X-Unsent: 1' out

# ---- What nobody may believe: memory that a file claims, and messages in messages without end.
(ulimit -v 400000; exec "$BIN/tnef2eml" -q "$samples/defect-size.dat" >out 2>err)
is "49 bytes that claim 2 GB: exit status in 400 MB" $? 0
require "deep nesting" python3
cat >deep.py <<'PYTHON'
import struct
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import make
message = make.note("The last.\r\n", "0")
for i in range(1, 100):
    message = make.note("Another.\r\n", str(i)).embed(str(i), message)
open("deep.dat", "wb").write(message.tnef())
rows = make.attribute(1, 0x00069004, struct.pack("<I", 0xFFFFFFFF) + struct.pack("<I", 0) * 200000)
open("rows.dat", "wb").write(struct.pack("<IH", 0x223E9F78, 1) + rows)
big = bytes(range(251)) * 40000
open("big.msg", "wb").write(make.note("x", "Big").attach("big.bin", big).msg())
open("big.bin", "wb").write(big)
PYTHON
check "the maker of samples works" python3 deep.py "$samples"
run "$BIN/msg2eml" big.msg
check "10 MB, and a table of sectors with a table of its own" sh -c 'tr -d "\r" <out | sed -n "/^Content-Disposition/,/^--=/p" | sed "1,3d;/^--=/d" | base64 -d | cmp - big.bin'
run "$BIN/tnef2eml" deep.dat
is "a hundred messages in one another: exit status" $status 0
check "a hundred messages in one another: what is left out is said" grep -q 'not read' err
(ulimit -v 400000; exec timeout 60 "$BIN/tnef2eml" -q rows.dat >out 2>err)
is "200000 recipients who are nobody: exit status in 400 MB" $? 0

# Chains of tables that end with 0, and not with the sign for it; an OLE object in TNEF.
cat >chains.py <<'PYTHON'
import struct
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import make
big = bytearray(open("big.msg", "rb").read())
first, count = struct.unpack_from("<II", big, 68)
assert count > 0
end = (first + count) * 512 + 508
assert struct.unpack_from("<I", big, end)[0] == make.END
struct.pack_into("<I", big, end, 0)
open("big-0.msg", "wb").write(big)
small = bytearray(make.draft().msg())
struct.pack_into("<I", small, 68, 0)
open("small-0.msg", "wb").write(small)
message = make.note("x", "Object")
data = make.guid(0xB) + make.compound({"Workbook": bytes(range(256)) * 20})
message.attachments.append(make.Properties().add(0x3705, make.INT, 6).add(0x3701, make.OBJECT, data).text(0x3001, "Sheet"))
open("object.dat", "wb").write(message.tnef())
PYTHON
check "the maker of chains works" python3 chains.py "$samples"
run "$BIN/msg2eml" big.msg
cp out big.eml
run "$BIN/msg2eml" big-0.msg
is "a chain of tables that ends with 0: exit status, and what is said" "$status $(cat err)" "0 "
attached() { tr -d '\r' <"$1" | sed -n '/^Content-Disposition/,/^--=/p' | sed '1,3d;/^--=/d' | base64 -d; }
check "a chain of tables that ends with 0: all is there" sh -c "$(declare -f attached); attached out | cmp - big.bin"
run "$BIN/msg2eml" small-0.msg
is "no chain of tables, told as 0" "$status $(cat err) $(grep -c '^X-Unsent: 1' out)" "0  1"
run "$BIN/tnef2eml" object.dat
check "an OLE object in TNEF is an OLE object" grep -q "^Content-Type: application/x-ole-storage" out
run "$BIN/msg2eml" "$samples/ole-object.msg"
check "an OLE object in .msg is of the same type" grep -q "^Content-Type: application/x-ole-storage" out

# ---- In a queue, told by their content.
mkdir -p q/in e/in
cp "$samples/html-and-files.msg" q/in/a.msg
cp "$samples/winmail.dat" q/in/b
cp "$samples/winmail-in-mail.eml" q/in/c.eml
cp "$samples/defect-cut.msg" q/in/d.msg
cp q/in/a.msg q/in/b e/in
run "$BIN/ccm-convert" --no-sync -q q
is "a queue: exit status" $status 0
is "a queue: results" "$(names q/results | tr '\n' ' ')" "a.ccm b.ccm c.ccm "
is "a queue: what is damaged" "$(names q/quarantine | tr '\n' ' ')" "d.msg d.msg.report "
for one in a b c; do check "a queue: $one has its file" grep -q '12 by 40 metres' q/results/$one.ccm; done
check "a winmail.dat that was opened is no file any more" sh -c '! grep -qi "file item: winmail" q/results/c.ccm'
run "$BIN/ccm-convert" --no-sync -q --to eml e
is "a queue, to Internet messages" "$(names e/results | tr '\n' ' ')" "a.eml b.eml "
mkdir f f/in
cp "$samples/winmail.dat" f/in
run "$BIN/ccm-convert" --no-sync -q --from msg f
is "a file of another kind than was said" "$(names f/quarantine | head -n 1)" winmail.dat

# ---- A damaged winmail.dat stays beside what could be read of it, and is not opened twice.
{ sed '/^Content-Type: application.ms-tnef/,$d' "$samples/winmail-in-mail.eml"
    printf 'Content-Type: application/ms-tnef; name="winmail.dat"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    head -c 1500 "$samples/winmail.dat" | base64 | sed 's/$/\r/'; printf -- '--b--\r\n'; } >cut.eml
for turn in 1 2; do
    run "$BIN/eml2ccm" cut.eml
    is "a cut winmail.dat, turn $turn: its picture is there once" "$(grep -ac 'File item: PLAN' out)" 1
    is "a cut winmail.dat, turn $turn: it stays, once" "$(grep -aci 'File item: winmail' out)" 1
    cp out cut.ccm
    "$BIN/ccm2eml" -q cut.ccm >cut.eml
done
run "$BIN/ccm2eml" -q cut.ccm
cp out cut.eml
run "$BIN/eml2ccm" -q cut.eml
check "a cut winmail.dat comes back as it was" cmp out cut.ccm
# One in a cc:Mail file that another program wrote is opened, too.
{ printf 'File item: WINMAIL.DAT\r\n%-11d\r\n' "$(size "$samples/winmail.dat")"; cat "$samples/winmail.dat"; } >item
{ printf 'From: Ann at HUB\r\nTo: Bob at HUB\r\nSubject: Old\r\nContents:\r\n%-11d\r\n' "$(size item)"; cat item; } >contents
{ printf 'Message:\r\n%-11d\r\n' "$(size contents)"; cat contents; } >old.ccm
run "$BIN/ccm2eml" -q old.ccm
check "a winmail.dat in a cc:Mail file is opened" grep -q 'filename="plan.png"' out
check "a winmail.dat in a cc:Mail file that was opened is no file any more" sh -c '! grep -qi winmail out'
