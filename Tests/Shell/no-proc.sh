#!/bin/bash
# Where /proc is not mounted, as in some chroots, each program says so and ends with 71 (EX_OSERR), and touches nothing.
in_memory=yes
. "$(dirname "$0")/lib.sh"
programs eml2ccm ccm2eml msg2eml tnef2eml ccmsplit mboxsplit ccmcheck ccm-convert ccm-import ccm-export ccm-move ccm-status ccm-replay \
    ccm-audit ccpo-init ccpo-import ccpo-export
require "without /proc" unshare
unshare -m sh -c 'umount -l /proc && ! test -e /proc/self' 2>/dev/null || { skip "without /proc" "it cannot be unmounted here"; exit 0; }
queue q 1
for one in "$BIN"/*; do
    name=${one##*/}
    case $name in eml2ccm | ccm2eml | msg2eml | tnef2eml | ccmsplit | mboxsplit | ccmcheck | ccm-* | ccpo-*) ;; *) continue ;; esac
    [ -f "$one" ] && [ -x "$one" ] || continue
    run unshare -m sh -c 'umount -l /proc; exec "$@"' sh "$one" q
    is "$name: how it ends" $status 71
    check "$name: says what is missing" grep -q "^$name: /proc/self/cmdline: .*proc(5)" out err
done
is "nothing is touched" "$(ls q)" in
