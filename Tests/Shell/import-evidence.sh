#!/bin/bash
# ccm-import where an IMPORT, or the system, takes away what it has to go by: no message is given to IMPORT twice, none is
# left where nobody looks, and what cannot be finished is told at each start, with an exit status too.
in_memory=yes
. "$(dirname "$0")/connector.lib"
programs ccm-import

# program TEXT: an IMPORT that does that, and notes that it ran.
program() { printf '#!/bin/sh\necho x >>"%s/ran"\n%s\n' "$tmp" "$1" >prog; chmod 755 prog; : >ran; chmod 666 ran; }
user=()
import() { LIMIT=30 run "${user[@]}" "$BIN/ccm-import" --post-office po --import-program "$tmp/prog" "$@" q; }
mkdir po; printf HUB >po/CCPOMBOX.000

# ---- For a user who is not root, what he may not read is illegible.
if [ "$(id -u)" != 0 ] || command -v setpriv >/dev/null; then
    [ "$(id -u)" != 0 ] || { chmod 755 "$tmp"; user=(setpriv --reuid 65534 --regid 65534 --clear-groups); }

    # Logs that cannot be made: IMPORT is never begun, and everything waits.
    ccm_queue q 7
    program 'rm IMPORT.CCM'
    mkdir q/log q/run; [ ${#user[@]} = 0 ] || chown -R 65534:65534 q
    chmod 500 q/log
    for i in 1 2 3; do
        import
        is "no log can be made, run $i: exit status" $status 74
    done
    is "no log can be made: IMPORT did not run" "$(cat ran)" ""
    is "no log can be made: all wait" "$(count q/in)" 7
    is "no log can be made: nothing is left in work and run" "$(leftovers q)$(names q/run)" ""
    chmod 700 q/log
    import
    is "logs can be made again" "$status $(misplaced q ccm 7 done)" "0 "

    # What IMPORT left cannot be read: nobody knows, a person has to look.
    for how in 'chmod 000 .' 'rm IMPORT.CCM; echo "***  no  ***" >CCMAIL.UND; chmod 000 CCMAIL.UND; exit 5' \
        'd=$PWD; cd ..; rm -rf $d; ln -s /tmp $d' 'd=$PWD; cd ..; rm -rf $d; : >$d' 'mkdir a a/b; chmod 000 a/b a .'; do
        ccm_queue q 2
        program "$how"
        [ ${#user[@]} = 0 ] || chown -R 65534:65534 q
        import
        import
        is "illegible ($how): IMPORT ran once" "$(cat ran)" x
        is "illegible ($how): quarantine" "$status $(misplaced q ccm 2 quarantine)" "0 "
    done
else
    skip "what may not be read" "for root with setpriv, or other users"
fi
user=()

# ---- The folder of logs goes away while IMPORT runs: the events of what was done are not lost in silence.
ccm_queue q 3
program 'rm IMPORT.CCM; rm -rf ../../log'
import
check "log removed: told" test $status -ne 0 -a -s err
program 'rm IMPORT.CCM'
import
is "log removed: done once" "$status $(misplaced q ccm 3 done)" "0 "
is "log removed: the events are there again" "$(fates q | sort | tr '\n' ' ')" "m1.ccm done m2.ccm done m3.ccm done "

# ---- What the dead have left cannot be finished: each start says so, with its exit status too, and does the rest.
ccm_queue q 1
program 'rm IMPORT.CCM'
mkdir -p q/work/dead/1.commit; : >q/work/dead/1.commit/src
for i in 1 2; do
    import
    is "a group that cannot be finished, run $i: exit status" $status 74
    check "a group that cannot be finished, run $i: told" grep -q 'recovery of work/dead' err
done
is "a group that cannot be finished: the others get through" "$(names q/done | tr '\n' ' ')" "m1.ccm "

# ---- Attempts from the future: the clock was set back. Nobody waits until then.
ccm_queue q 1
program 'exit 1'
import --retry 3600
touch -d '2040-01-01' q/work/attempts/*
import --retry 3600
is "an attempt in the future: tried again" "$(cat ran | tr '\n' ' ')" "x x "
import --retry 3600
is "an attempt just now: not tried again" "$(cat ran | tr '\n' ' ')" "x x "

# ---- What the dead have left in run: its own is cleared up; what EXPORT brought is for ccm-export, it may be mail.
ccm_queue q 1
program 'rm IMPORT.CCM'
dead=20211121T101010Z-host-1
mkdir -p q/run/iAbCdEf q/run/eAbCdEf
for run in iAbCdEf eAbCdEf iNever0; do ln -s $dead q/run/$run.owner; done
echo a copy >q/run/iAbCdEf/IMPORT.CCM; echo mail >q/run/eAbCdEf/EXPORT.CCM
import
is "runs of the dead" "$status $(names q/done | tr '\n' ' ')$(names q/run | tr '\n' ' ')$(cat q/run/eAbCdEf/EXPORT.CCM)" "0 m1.ccm eAbCdEf eAbCdEf.owner mail"
