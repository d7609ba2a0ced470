#!/bin/bash
# The whole chain in a storm: Internet mail to cc:Mail, into a post office, out of it and back, two of each step, with
# repairing audits and pruning beside, killed at random. None is lost, none comes twice, each undeliverable one has one report, and
# the queues are sound. SEED makes it another storm.
in_memory=yes
. "$(dirname "$0")/connector.lib"
programs ccm-convert ccm-move ccm-import ccm-export ccm-audit ccm-prune ccpo-init ccpo-import
require "a storm" python3
export PYTHONDONTWRITEBYTECODE=1

case $TEST_SIZE in quick) seconds=8 ;; normal) seconds=30 ;; *) seconds=600 ;; esac
kinds="embedded foreign"
# Another file system; where none may be mounted, the one of /var/tmp may be another than that of the memory.
far=$tmp/far
mkdir far
if mount -t tmpfs -o size=64m none far 2>/dev/null; then
    trap 'umount "$tmp/far" 2>/dev/null; chmod -R u+rwX "$tmp" 2>/dev/null; rm -rf "$tmp"' EXIT
    kinds+=" moved"
elif [ "$(stat -c %d /var/tmp)" != "$(stat -c %d .)" ] && far=$(mktemp -d /var/tmp/ccmc-test.XXXXXX); then
    trap 'chmod -R u+rwX "$tmp" 2>/dev/null; rm -rf "$tmp" "$far"' EXIT
    kinds+=" moved"
else
    skip "between two file systems" "there is only one here"
fi
for kind in $kinds; do
    mkdir $kind
    case $kind in moved) set -- embedded $seconds "${SEED:-1}" "$far" ;; *) set -- $kind $seconds "${SEED:-1}" ;; esac
    (cd $kind && python3 "$here/storm.py" "$@" >../wrong.$kind 2>../told.$kind) &
done
wait
for kind in $kinds; do
    is "$kind, seed ${SEED:-1}: $(tail -n 1 told.$kind)" "$(cat wrong.$kind)" ""
    check "$kind: there was a storm" test "$(sed -n 's/.* \([0-9]*\) kills/\1/p' told.$kind)" -gt $((seconds * 2))
done
