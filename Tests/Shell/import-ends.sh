#!/bin/bash
# A foreign IMPORT that takes its messages and then does not come to its end: it hangs, crashes, is killed, or goes into
# the background. Its input is still there, which proves nothing: no message is given to it twice, and no sender is told
# that it failed. Where import-reliable says that a second copy is refused, it is asked again.
in_memory=yes
. "$(dirname "$0")/connector.lib"
programs ccm-import

# An IMPORT that takes what it gets, and then does as HOW says.
cat >prog <<'SH'
#!/bin/bash
grep -ao 'The mark is <[0-9]*>' IMPORT.CCM | sed 's/The mark is //' >>"$PO/delivered"
eval "$HOW"
SH
chmod 755 prog
export PO=$tmp/po
import() {
    LIMIT=60 run env "HOW=$1" "$BIN/ccm-import" --quiet --retry 0 --import-time-limit 1 --environment HOW --environment PO \
        --post-office po --import-program "$tmp/prog" "${@:2}" q
}

hangs=('exec sleep 1000' 'kill -KILL $$' 'kill -SEGV $$' 'kill -TERM $$' 'exit 137' 'exit 139' "trap '' TERM; exec sleep 3"
    '(sleep 1000) & exit 1' 'setsid sleep 1000 </dev/null >/dev/null 2>&1 & exit 1' 'setsid sleep 1000 & exit 3'
    '(exec sleep 1000) & exit 4' '(exec sleep 1000) & exit 0' 'exit 0')
[ "$TEST_SIZE" = full ] || hangs=("${hangs[@]:0:6}" "${hangs[@]:8}")
for how in "${hangs[@]}"; do
    for batch in 1 5; do
        [ $batch = 1 ] || [ "$how" = "${hangs[0]}" ] || [ "$how" = "${hangs[1]}" ] || continue
        office po
        ccm_queue q 2
        for i in 1 2 3; do import "$how" --import-batch $batch; done
        name="'$how', $batch a run"
        is "$name: delivered once" "$(not_once po 2)" ""
        is "$name: a person has to look" "$status $(misplaced q ccm 2 quarantine)" "0 "
        is "$name: nobody is told that it failed" "$(names q/results)" ""
        is "$name: event 20041, once for each" "$(cat q/log/*.jsonl | grep -c '"id":20041')" 2
        [ "$how" != "${hangs[0]}" ] || check "$name: why" grep -q 'stopped at its time limit' q/quarantine/m1.ccm.report
    done
done

# ---- Code 1 says that it took nothing: it has its attempts, and then its sender is told.
office po
ccm_queue q 1
for i in 1 2 3 4; do import 'exit 1'; done
is "result code 1: three attempts, one report" "$(wc -l <po/delivered) $(misplaced q ccm 1 quarantine)$(names q/results)" "3 m1.eml"

# ---- One that refuses a second copy is asked again, until it comes to its end.
cat >prog <<'SH'
#!/bin/bash
for i in $(grep -ao 'The mark is <[0-9]*>' IMPORT.CCM | sed 's/The mark is //'); do
    grep -qx "$i" "$PO/delivered" || echo "$i" >>"$PO/delivered"
done
[ $(wc -l <"$PO/calls") -gt 1 ] || { echo x >>"$PO/calls"; eval "$HOW"; }
rm IMPORT.CCM
SH
for how in "${hangs[0]}" "${hangs[1]}"; do
    office po
    ccm_queue q 2
    for i in 1 2 3 4; do import "$how" --import-reliable yes; done
    is "'$how', reliable: asked again, done once" "$(not_once po 2)$(misplaced q ccm 2 "done")$(names q/results)" ""
done
leave
