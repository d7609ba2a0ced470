#!/bin/bash
# How IMPORT and EXPORT are started, and what becomes of one that does not behave: a test for each article of the
# Microsoft Knowledge Base about it.
. "$(dirname "$0")/lib.sh"
. "$here/programs.lib"

# ---- Q164695, Q181186: the path has blanks, or names longer than 8.3; the programs do not find their parameters, and
# prompt for ever with the processor at 95 %.
office
program prompting <<'SH'
until read answer; do echo "Enter post office directory:"; done
SH
inbox q 1
start=$SECONDS
hand prompting --import-time-limit 1 --import-reliable yes
is "Q164695: a prompt for ever ends at its time limit" "$status $((SECONDS - start <= 8))" "0 1"
has "Q164695: an event says so" "$(event q 59)" "m1.ccm: IMPORT: stopped at its time limit (Enter post office.*); attempt 1 of 3"
is "Q164695: the message waits" "$(where_are q)" "in m1.ccm; "
check "Q164695: what it printed is bounded" [ "$(stat -c %s q/log/*.out)" -le 1048576 ]

inbox q 1
hand prompting --import-time-limit 1
is "Q164695: nobody knows what it had done: not again" "$status $(where_are q) $(count q/results)" "0 quarantine m1.ccm;  0"

inbox q 1
program asking <<'SH'
echo "Password?"; read password || { echo "no answer"; exit 3; }
SH
run timeout 5 "$import" --config ccm.conf --import-program ./asking q
is "Q164695: a single prompt is answered by the end of its input" "$status $(where_are q)" "78 in m1.ccm; "

program taking <<'SH'
case $PWD in */run/[ie]??????) ;; *) exit 3 ;; esac
[ "$file" = IMPORT.CCM ] && take
SH
mkdir -p "a long directory name/Post Office Data.directory"
mv po/CCPOMBOX.000 "a long directory name/Post Office Data.directory/"
deep="a long directory name/queue with blanks"
inbox "$deep" 1
run "$import" --config ccm.conf --post-office "a long directory name/Post Office Data.directory" --import-program ./taking "$deep"
is "Q181186: blanks and long names in all paths" "$status $(where_are "$deep") $(imported 1)" "0 done m1.ccm;  1"
has "Q181186: the post office is one word" "$(tail -n 1 calls)" "/D$tmp/a long directory name/Post Office Data.directory /@IMPORT.CCM"
run "$import" --config ccm.conf --post-office "a long directory name/Post Office Data.directory" --import-program ./taking --check "$deep"
has "Q181186: --check warns of them" "$(cat out)" "^warning .*post office: .* in its path is no name for DOS"
is "Q181186: but nothing is wrong" "$status" 0

# ---- Q294947: the programs are not on the PATH: events 43, 86, 85, and nobody knows why.
office
inbox q 1
run "$import" --config ccm.conf --import-program no-such-import q
is "Q294947: IMPORT is not there: exit status, message" "$status $(where_are q)" "69 in m1.ccm; "
has "Q294947: event 43 names it" "$(event q 43)" "IMPORT could not be executed: no-such-import: .*No such file or directory"
run "$export" --config ccm.conf --export-program no-such-export e
has "Q294947: EXPORT is not there: event 65" "$status $(event e 65)" "^69 .*no-such-export.*No such file or directory"
run "$import" --config ccm.conf --import-program no-such-import --check q
has "Q294947: --check says it before" "$status $(cat out)" "no-such-import. is not found"
is "Q294947: --check ends with 78" "$status" 78
run "$import" --config ccm.conf --import-program 'env no-such-program' q
is "Q294947: a wrapper does not find it" "$status $(where_are q)" "69 in m1.ccm; "
: >plain; run "$import" --config ccm.conf --import-program ./plain q
has "Q294947: it may not be executed" "$status $(event q 43)" "plain: .*Permission denied"

# ---- Q190275, Q233164: the resource file is missing; event 65, result code 1.
program unresourced <<'SH'
echo 'R0002 Resource file not found: C:\WINNT\IE.RI.'; exit 1
SH
rm -rf e; fetch unresourced
has "Q190275: the event has what the program said" "$status $(event e 68)" '^75 .*R0002 Resource file not found: C:.WINNT.IE.RI'
fetch unresourced --check
has "Q233164: --check finds it" "$(cat out)" '^wrong .*mailbox: .*R0002 Resource file not found'
is "Q233164: --check ends with 78" "$status" 78

# ---- Q187769, Q165404: the virtual machine of DOS faults now and then, or for one message.
program faulting <<'SH'
grep -q 'mark is <2>' "$file" && kill -SEGV $$
take
SH
inbox q 1 2 3
hand faulting --import-reliable yes
is "Q187769: one message meets a fault, the others go on" "$status $(where_are q)" "0 in m2.ccm; done m1.ccm m3.ccm; "
has "Q187769: the event names the signal" "$(event q 59)" "m2.ccm: IMPORT: killed by signal 11"
hand faulting --import-reliable yes; hand faulting --import-reliable yes
is "Q165404: at last it is put aside, and nothing was imported twice" "$(where_are q)$(imported 1)$(imported 2)$(imported 3)" "done m1.ccm m3.ccm; quarantine m2.ccm; 101"
is "Q165404: its sender is told once" "$(count q/results)" 1

inbox q 1 2 3
hand faulting
is "Q187769: nobody knows what others got: not again, and nobody is told" "$status $(where_are q) $(count q/results)" \
    "0 quarantine m1.ccm m2.ccm m3.ccm;  0"
has "Q187769: the event says so" "$(event q 20041)" "killed by signal 11"

# ---- Q152500: the OS/2 program hangs. Q183590: it ends with a memory error.
program hanging <<'SH'
trap '' TERM
sleep 60 & wait; sleep 60
SH
rm -rf e; start=$SECONDS
fetch hanging --export-time-limit 1
is "Q152500: EXPORT that hangs is ended" "$status $((SECONDS - start <= 12))" "75 1"
has "Q152500: event 68" "$(event e 68)" "stopped at its time limit"
is "Q152500: nothing of it is left" "$(names e/in e/run)$(pgrep -f "$tmp/hanging")" ""
cat >os2 <<'SH'
#!/bin/sh
case $1 in '/?') echo 'Import2 5.12'; exit 0;; esac
echo 'SYS0008: There is not enough memory available'; exit 8
SH
chmod +x os2
inbox q 1
hand os2 --check
has "Q183590: --check shows that it is the program of OS/2" "$(cat out)" "^ok .*IMPORT: says: Import2 5.12"
has "Q183590: and warns of it" "$(cat out)" "^warning .*IMPORT: this is the program for OS/2"
hand os2
has "Q183590: a result code that nobody knows is told" "$(event q 59)" "m1.ccm: IMPORT: result code 8 (SYS0008: There is not enough memory available); attempt 1"

# ---- Q168465, Q194905: a program that does not fit the post office.
program old <<'SH'
echo "Could not access the post office."; exit 1
SH
sed -i "s/PROGRAM 8.50.00.14/EXPORT 6.01.00.5/" old
rm -rf e; fetch old
has "Q168465: event 68" "$status $(event e 68)" "^75 .*result code 1.*Could not access the post office."
fetch old --check
has "Q168465: --check shows the version" "$(cat out)" "^ok .*EXPORT: says: EXPORT 6.01.00.5 Copyright"
has "Q194905: and warns of the one that damages attachments" "$(cat out)" "^warning .*EXPORT: this version damages attachments"
program silent <<'SH'
exit 0
SH
sed -i '/PROGRAM/d' silent
run "$import" --config ccm.conf --import-program ./silent --check q
has "Q168465: a program that does not say its version" "$(cat out)" "^warning .*does not say its version"

# ---- Q248195, Q251360, Q251018: release 8.5 wants the programs of 32 bits, and is damaged by the others.
office
mkdir -p bin32
program IMPORT32.EXE <<'SH'
take
SH
program EXPORT32.EXE <<'SH'
[ "$list" ] || give
SH
sed -i 's/PROGRAM/IMPORT/' IMPORT32.EXE; sed -i 's/PROGRAM/EXPORT/' EXPORT32.EXE
mv IMPORT32.EXE EXPORT32.EXE bin32
inbox q 1; rm -rf e; ccm 2 >box/2.ccm
run "$import" --config ccm.conf --environment PATH="$tmp/bin32:$PATH" --import-program IMPORT32.EXE q
is "Q251360: IMPORT32 by its name on the PATH" "$status $(where_are q)$(imported 1)" "0 done m1.ccm; 1"
run "$export" --config ccm.conf --environment PATH="$tmp/bin32:$PATH" --export-program EXPORT32.EXE e
is "Q251018: EXPORT32 by its name on the PATH" "$status $(count e/results)" "0 1"
run "$export" --config ccm.conf --environment PATH="$tmp/bin32:$PATH" --export-program EXPORT32.EXE --check e
has "Q248195: --check shows which one it is" "$(cat out)" "^ok .*EXPORT: says: EXPORT 8.50.00.14"
has "Q248195: and where" "$(cat out)" "^ok .*EXPORT: $tmp/bin32/EXPORT32.EXE"

# ---- Q137394: a PATH of more than 126 characters crashes the programs.
program env <<'SH'
env | sed 's/=.*//' | sort | tr '\n' ' ' >"$BOX/environment"; take
SH
inbox q 1
printf 's3cret\n' >password; chmod 600 password
printf -v long '%4000s' ''; long=${long// /x}
run env LONG="$long" LD_LIBRARY_PATH=/x COLUMNS=80 CCM_MINE=1 HOME=/ LANG=C "$import" --config ccm.conf --import-program ./env --password-file password --environment CCM_MINE q
is "Q137394: the program's environment" "$(cat box/environment)" "BOX CCM_MINE CCM_PASSWORD HOME LANG LC_ALL PATH PWD TEMP TMP TMPDIR TZ "
inbox q 2
run "$import" --config ccm.conf --import-program "$tmp/env" --environment PATH=/usr/bin:/bin q
is "Q137394: its PATH may be a short one" "$status $(where_are q)" "0 done m2.ccm; "
