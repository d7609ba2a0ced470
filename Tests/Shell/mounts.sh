#!/bin/bash
# Folders of a queue, and directories that it sends to, on another mount of the same file system: no rename leads there, so
# nothing begins, nothing is moved, and the words say what helps. Nobody who watches a folder sees that it was looked at.
# Mounts are its own: they are gone with it.
if [ -z "${own_mounts:-}" ] && unshare -m true 2>/dev/null; then export own_mounts=yes; exec unshare -m "$0" "$@"; fi
. "$(dirname "$0")/lib.sh"
[ "${own_mounts:-}" ] || { skip "mounts" "no right to mount"; exit 0; }
programs ccm-convert ccm-import ccm-export ccm-replay ccm-audit
convert=$BIN/ccm-convert
mkdir po; : >po/CCPOMBOX.000
printf '%s\n' 'post-office = po' 'import-program = true' 'export-program = true' >ccm.conf

# refused NAME: the run ended before anything happened, in words.
refused() {
    is "$1" "$status $(names q/in | tr '\n' ' ')$(count q/done q/results q/quarantine)$(leftovers q)" "73 bad m1.eml m2.eml 0"
    check "$1: says what helps" grep -q 'another mount .*ccm-move' err
}
for folder in in work results done failed quarantine log returns; do
    queue q 2; echo junk >q/in/bad
    rm -rf vol; cp -a q/in vol; mkdir -p q/$folder
    mount --bind vol q/$folder
    [ $folder = work ] && rm vol/*
    [ $folder = in ] || rm -f vol/*
    run "$convert" --no-sync q
    refused "$folder is a bind mount"
    umount q/$folder
    run "$convert" --no-sync -q q
    is "$folder: without it" "$status $(count q/done) $(count q/results)" "0 2 2"
    run "$BIN/ccm-audit" -q q; is "$folder: without it: sound" $status 0
done

queue q 2; echo junk >q/in/bad
rm -rf vol into; mkdir vol into; mount --bind vol into
run "$convert" --no-sync --into into q; refused "--into"
run "$BIN/ccm-import" --config ccm.conf --no-sync --into into q; refused "ccm-import --into"
run "$BIN/ccm-export" --config ccm.conf --no-sync --into into q; refused "ccm-export --into"
run "$BIN/ccm-export" --config ccm.conf --no-sync --returns into q; refused "ccm-export --returns"
run "$BIN/ccm-import" --config ccm.conf --no-sync --pickup into q; refused "pickup"
run "$BIN/ccm-import" --config ccm.conf --check --into into q
check "--check says so" grep -q '^wrong .*another mount' out
mkdir q/run; mount --bind vol q/run
run "$BIN/ccm-import" --config ccm.conf --no-sync q; refused "run is a bind mount"
umount q/run
queue f 1; run "$convert" --no-sync -q f -- false
run "$BIN/ccm-replay" --all --into into f
is "ccm-replay --into" "$status $(names f/failed | grep -cv report) $(count vol)" "73 1 0"
# A queue that is a mount as a whole, and its results in another directory of the same one.
queue w 2; mkdir w/there; mount --bind w into
run "$convert" --no-sync -q --into into/there into
is "the whole queue is on one mount" "$status $(count w/done w/there)" "0 4"
run "$convert" --no-sync --into w/there into
is "results by another way to the same directory" $status 73
umount into

# A watcher of `in` sees nothing: no name was made or removed there.
queue q 0; run "$convert" --no-sync -q q
touch -d '2001-02-03 04:05' q/in q/results
run "$convert" --no-sync -q q
is "in and results are not touched" "$status $(stat -c %Y q/in q/results | sort -u)" "0 $(date -d '2001-02-03 04:05' +%s)"

# Where the system does not tell mounts apart, a file is renamed there and removed, under a name that nobody takes.
require "without statx" strace
unseen() { run strace -f -qq -o trace -e trace=statx,renameat,renameat2 -e inject=statx:error=ENOSYS "$@"; }
queue q 2; echo junk >q/in/bad
unseen "$convert" --no-sync -q q
is "without statx: one mount" "$status $(count q/done) $(find q -name '.probe*')" "0 2 "
check "without statx: it was tried" grep -q '"\.probe-[0-9-]*"' trace
for folder in in results quarantine; do
    queue q 2; echo junk >q/in/bad
    rm -rf vol; cp -a q/in vol; mkdir -p q/$folder; mount --bind vol q/$folder; [ $folder = in ] || rm -f vol/*
    unseen "$convert" --no-sync q
    refused "without statx: $folder is a bind mount"
    is "without statx: $folder: nothing is left" "$(find q vol -name '.*')" ""
    umount q/$folder
done
leave
