#!/bin/bash
# File systems that keep a file which is removed while somebody has it open, under another name (FUSE: .fuse_hidden..., NFS: .nfs...):
# no run leaves its directory for that, a start clears what is left, and nothing of it is taken for a result. Then errors that NFS has.
. "$(dirname "$0")/lib.sh"
programs ccm-convert ccm-audit ccm-status ccm-import ccm-export
convert=$BIN/ccm-convert

# left QUEUE: what is in its work but the folders that stay.
left() { leftovers "$1"; find "$1" \( -name '.fuse_hidden*' -o -name '.nfs*' \) -printf '%P '; }

# ---- As a killed machine left them, on any file system.
queue q 1; run "$convert" --no-sync -q q
for id in 20010203T040506Z-host-1 .gone-20010203T040506Z-host-2 .gone-.20010203T040506Z-host-3 .20010203T040506Z-host-4; do
    mkdir q/work/$id; : >q/work/$id/.fuse_hidden0000000100000001; : >q/work/$id/.nfs000000000000abcd00000001
    case $id in .gone*3) ;; *) : >q/work/$id/lock; : >q/work/$id/hand ;; esac
done
mkdir -p q/work/20010203T040506Z-host-5/1.commit/{src,out}
eml 2 >q/work/20010203T040506Z-host-5/1.commit/src/m2.eml
ccm 2 >q/work/20010203T040506Z-host-5/1.commit/out/m2.ccm; : >q/work/20010203T040506Z-host-5/1.commit/out/.nfs000000000000abcd00000002
: >q/work/20010203T040506Z-host-5/1.commit/events
eml 3 >q/in/m3.eml
run "$convert" --no-sync -q q
is "remains of removed files are cleared" "$status $(left q)$(accounted q 3)$(ls -A q/results | tr '\n' ' ')" "0 m1.ccm m2.ccm m3.ccm "
# A message is never removed, wherever it is found: this one waits again.
mkdir -p q/work/.gone-20010203T040506Z-host-6/1/src; eml 4 >q/work/.gone-20010203T040506Z-host-6/1/src/m4.eml
run "$convert" --no-sync -q q
is "a message in such a directory" "$status $(left q)$(accounted q 4)" "0 "

# ---- Errors of NFS: no RENAME_NOREPLACE, and stale handles at any rename.
if command -v strace >/dev/null; then
    queue q 3
    run strace -f -qq -o trace -e trace=renameat2 -e inject=renameat2:error=EINVAL "$convert" --no-sync -q q
    is "EINVAL" "$status $(accounted q 3)" "0 "
    bad=
    for ((i = 1; i <= 24; i++)); do
        queue q 3; garbage 3 200 >q/in/bad.eml
        run strace -f -qq -o trace -e trace=renameat2 -e inject=renameat2:error=ESTALE:when=$i "$convert" --no-sync -q --workers 1 q
        case $status in 0 | 75) ;; *) bad+="rename $i: status $status; " ;; esac
        run "$convert" --no-sync -q q
        [ "$status $(accounted q 3)$(names q/quarantine | tr '\n' ' ')" = "0 bad.eml bad.eml.report " ] || bad+="rename $i: $(accounted q 3); "
        run "$BIN/ccm-audit" -q q; [ $status = 0 ] || bad+="rename $i: $(cat out); "
    done
    is "ESTALE at each rename" "$bad" ""
else skip "errors of NFS" "no strace here"; fi

# ---- A real one.
require "FUSE" bindfs fusermount
[ -w /dev/fuse ] || { skip "FUSE" "no /dev/fuse"; exit 0; }
mkdir back m
bindfs --no-allow-other back m 2>err || bindfs back m 2>>err || { skip "FUSE" "no right to mount: $(head -1 err)"; exit 0; }
trap 'cd /; for one in m d; do fusermount -u "$tmp/$one" 2>/dev/null; done; chmod -R u+rwX "$tmp" 2>/dev/null; rm -rf "$tmp"' EXIT
cd m || exit 1

queue q 3; garbage 3 200 >q/in/bad.eml
for i in 1 2 3; do run "$convert" --no-sync -q q; is "FUSE: run $i leaves nothing" "$status $(left q)" "0 "; done
is "FUSE: all are through" "$(accounted q 3)" ""
eml 4 >q/in/m4.eml; run "$convert" --no-sync -q q -- sh -c 'cat; (trap "" TERM; exec setsid sleep 0.3) & exit 1'
run "$convert" --no-sync -q q
is "FUSE: a command that leaves its output open" "$status $(names q/failed | head -1) $(ls -A q/results | grep -c -v '^m[123].ccm$')" "0 m4.eml 0"
sleep 0.5; run "$convert" --no-sync -q q; is "FUSE: nothing is left of it" "$(left q)" ""
run "$BIN/ccm-audit" q; is "FUSE: sound" $status 0

# Several at once, killed: each message is in one place in the end.
queue q 0; n=0
rounds=12; [ "$TEST_SIZE" = quick ] && rounds=4; [ "$TEST_SIZE" = full ] && rounds=100
for ((k = 0; k < rounds; k++)); do
    for j in 1 2 3; do n=$((n + 1)); eml $n >q/in/.m; mv q/in/.m q/in/m$n.eml; done
    "$convert" --no-sync -q --workers 1 q 2>/dev/null & a=$!
    "$convert" --no-sync -q --workers 2 q 2>/dev/null & b=$!
    sleep 0.0$((RANDOM % 6 + 1)); kill -9 $a; wait $a; wait $b
done 2>/dev/null
for i in 1 2; do run "$convert" --no-sync -q q; done
is "FUSE: killed $rounds times" "$status $(accounted q $n)$(left q)" "0 "
run "$BIN/ccm-audit" -q q; is "FUSE: killed: sound" "$status $(head -c 300 out)" "0 "

# Without a cache there are no shared mappings: what is in hand is written, and read when its process has died.
if mkdir "$tmp/direct" "$tmp/d" && bindfs --no-allow-other -o direct_io "$tmp/direct" "$tmp/d" 2>"$tmp/err"; then
    queue "$tmp/d/q" 3
    for i in 1 2; do run "$convert" --no-sync -q "$tmp/d/q"; is "FUSE without a cache: run $i" "$status $(left "$tmp/d/q")" "0 "; done
    is "FUSE without a cache: all are through" "$(accounted "$tmp/d/q" 3)" ""
    eml 4 >"$tmp/d/q/in/m4.eml"
    # What has the message and its result open outlives the run: both stay under other names until it ends.
    for i in 1 2 3 4; do run "$convert" --no-sync -q "$tmp/d/q" -- sh -c 'kill -9 $PPID; sleep 0.6'; done
    is "FUSE without a cache: what is open is no message" "$(find "$tmp/d/q/in" -name '.?*')" ""
    sleep 1; run "$convert" --no-sync -q "$tmp/d/q"
    is "FUSE without a cache: three deaths" "$status $(names "$tmp/d/q/quarantine" | head -1) $(left "$tmp/d/q")" "0 m4.eml "
    fusermount -u "$tmp/d"
else skip "FUSE without a cache" "$(head -1 "$tmp/err")"; fi

# ccm-import and ccm-export keep files of their own.
mkdir po; : >po/CCPOMBOX.000
printf '#!/bin/sh\nfor w; do case $w in /@*) rm "${w#/@}";; esac; done\n' >import; printf '#!/bin/sh\nexit 0\n' >export; chmod +x import export
printf '%s\n' 'post-office = po' 'import-program = ./import' 'export-program = ./export' >ccm.conf
rm -rf i; mkdir -p i/in; ccm 1 >i/in/m1.ccm
for i in 1 2; do run "$BIN/ccm-import" --config ccm.conf --no-sync -q i; is "FUSE: ccm-import leaves nothing ($i)" "$status $(left i)$(ls -A i/run)" "0 "; done
is "FUSE: ccm-import" "$(names i/done | head -1)" m1.ccm
for i in 1 2; do run "$BIN/ccm-export" --config ccm.conf --no-sync -q e; is "FUSE: ccm-export leaves nothing ($i)" "$status $(left e)$(ls -A e/run)" "0 "; done
leave
