#!/bin/bash
# Entries that cannot be claimed: directories of another user, files in a sticky directory, immutable ones, what is mounted.
# Each is passed over, told once a run and counted; everything else goes on, and it is taken as soon as that can be done.
if [ -z "${own_mounts:-}" ] && unshare -m true 2>/dev/null; then export own_mounts=yes; exec unshare -m "$0" "$@"; fi
. "$(dirname "$0")/lib.sh"
programs ccm-convert ccm-status ccm-audit ccm-import
[ "$(id -u)" = 0 ] || { skip "unclaimed" "no second user"; exit 0; }
require "unclaimed" setpriv python3
chmod 711 .
user=65534
cp -a "$BIN"/ccm-{convert,status,audit,import} . 2>/dev/null
mkdir po box; : >po/CCPOMBOX.000; chown $user po box
mkdir users; chown $user users; cd users || exit 1
# as COMMAND...: as another user.
as() { run setpriv --reuid=$user --regid=$user --clear-groups "$@"; }
# told N...: how often each name was told in the logs.
told() { local one; for one; do grep -h '"id":20023' q/log/*.jsonl | grep -c "\"name\":\"$one\""; done | tr '\n' ' '; }
unclaimed() { "$tmp/ccm-status" --json q | python3 -c 'import json,sys; print(json.load(sys.stdin)["unclaimed"])'; }
new() {
    rm -rf q; mkdir -p q/in
    chown -R $user q
    as "$tmp/ccm-convert" --no-sync -q q
}
# give N...: messages that anybody may read.
give() { local i; for i; do eml $i >q/in/m$i.eml; done; chmod 644 q/in/m*.eml; }

# A directory of another user, under names that come before and after all others.
new; mkdir q/in/Maildir q/in/0 q/in/zzz; give {1..20}
as "$tmp/ccm-convert" --no-sync --workers 2 q
is "a directory of another user" "$status $(names q/in | tr '\n' ' ')$(count q/done)" "0 0 Maildir zzz 20"
is "told once each" "$(told 0 Maildir zzz)$(grep -c 'cannot be claimed' "$tmp/err")" "1 1 1 3"
check "the summary counts them" grep -q ', 3 unclaimed;' "$tmp/err"
is "ccm-status counts them" "$(unclaimed)" 3
check "ccm-status for people" grep -q '3 unclaimed' <("$tmp/ccm-status" q)
check "ccm-status for Prometheus" grep -q '^ccmc_queue_unclaimed{.*} 3$' <("$tmp/ccm-status" --prometheus q)
give 21; as "$tmp/ccm-convert" --no-sync -q q
is "the next run goes on, too" "$status $(count q/done) $(told 0)" "0 21 2 "
as "$tmp/ccm-convert" --no-sync -q --strict q; is "with --strict" $status 65
as "$tmp/ccm-audit" -q q; is "sound" "$status$(cat out)" 0
chown $user q/in/0; rmdir q/in/zzz
as "$tmp/ccm-convert" --no-sync -q q
is "what can be claimed now is" "$status $(names q/in) $(names q/quarantine | head -1) $(unclaimed)" "0 Maildir 0 1"
is "no mark is left of the others" "$(ls -A q/work/strikes | wc -l)" 1

# A sticky directory.
new; chown 0 q/in; chmod 1777 q/in; give {1..5}; chown $user q/in/m[123].eml
as "$tmp/ccm-convert" --no-sync -q q
is "a sticky directory" "$status $(names q/in | tr '\n' ' ')$(count q/done) $(unclaimed)" "0 m4.eml m5.eml 3 2"
chown $user q/in/*; as "$tmp/ccm-convert" --no-sync -q q
is "a sticky directory: taken at last" "$status $(count q/in) $(count q/done) $(unclaimed) $(ls -A q/work/strikes | wc -l)" "0 0 5 0 0"

# Immutable files, and something mounted.
new; give {1..5}
if chattr +i q/in/m2.eml 2>/dev/null; then
    as "$tmp/ccm-convert" --no-sync -q q
    is "an immutable file" "$status $(names q/in) $(count q/done) $(unclaimed)" "0 m2.eml 4 1"
    run "$tmp/ccm-convert" --no-sync -q q; is "an immutable file: root" "$status $(names q/in)" "0 m2.eml"
    chattr -i q/in/m2.eml
    as "$tmp/ccm-convert" --no-sync -q q; is "no longer immutable" "$status $(count q/done) $(unclaimed)" "0 5 0"
else skip "an immutable file" "not here"; fi
if [ "${own_mounts:-}" ]; then
    new; give 1 2; mkdir q/in/mount; mount --bind po q/in/mount 2>/dev/null || mount --bind ../po q/in/mount
    run "$tmp/ccm-convert" --no-sync -q q
    is "where something is mounted" "$status $(names q/in) $(count q/done) $(unclaimed)" "0 mount 2 1"
    umount q/in/mount
fi

# `in` itself: nothing can be claimed, and that is no matter of one entry.
new; give 1 2; chown 0 q/in; chmod 755 q/in
as "$tmp/ccm-convert" --no-sync q
is "in may not be written" "$status $(count q/in) $(told m1.eml)" "74 2 0 "

# ccm-import, with --watch: told once, tried at each pass, and no pass follows at once on another.
cd "$tmp" || exit 1
printf '%s\n' 'post-office = ../po' 'import-program = ./import' 'import-interval = 1' >users/ccm.conf
printf '#!/bin/sh\nfor w; do case $w in /@*) rm "${w#/@}";; esac; done\n' >users/import; chmod 755 users/import users
cd users || exit 1
new; mkdir q/in/other; ccm 1 >q/in/m1.ccm; chmod 644 q/in/m1.ccm
setpriv --reuid=$user --regid=$user --clear-groups strace -f -qq -e trace=renameat2 -o "$tmp/users/q/trace" "$tmp/ccm-import" --config ccm.conf --watch --no-sync q >"$tmp/o" 2>"$tmp/watch" & pid=$!
for ((i = 0; i < 100; i++)); do [ -e q/done/m1.ccm ] && break; sleep 0.1; done
sleep 2.5
among "--watch: a message beside it is imported" "$(names q/done)" m1.ccm
is "--watch: told once" "$(grep -c 'other: cannot be claimed' "$tmp/watch")" 1
n=$(grep -c '"other"' q/trace)
check "--watch: tried a few times only ($n)" test "$n" -ge 1 -a "$n" -le 12
chown $user q/in/other
for ((i = 0; i < 100; i++)); do [ -e q/quarantine/other ] && break; sleep 0.1; done
is "--watch: claimed when that can be done" "$(names q/in)" ""
kill $(pgrep -P $pid) 2>/dev/null; wait $pid
leave
