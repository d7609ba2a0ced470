#!/bin/bash
# Each call of each program fails once, as calls do: no such access, no descriptors, no space, an error of the disk
# (Q157684: mail was deleted when an open failed, and nobody was told). No message is lost or comes twice, each failure
# is told, and the next run finishes what is left.
in_memory=yes
. "$(dirname "$0")/connector.lib"
programs ccm-convert ccm-import ccm-export ccpo-init ccpo-import ccpo-export
require "each call fails once" strace
strace -f -qq -o /dev/null true 2>/dev/null || { skip "each call fails once" "strace may not trace here"; exit 0; }
# How many of the calls, and of the errors that each of them may have.
case $TEST_SIZE in quick) every=8 errors=1 ;; normal) every=1 errors=1 ;; *) every=1 errors=9 ;; esac

# points LOG DIR: `CALL:error=E:when=N`, from the first call that names the queue or the post office on: what the loader
# and the runtime do before is not the program's. Each call gets one error after the other of those that it may have.
points() {
    awk -v dir="$2" -v most=$errors '
        function add(call, n, list,   e, count, i) {
            count = split(list, e, " ")
            for (i = 0; i < count && i < most; i++) print call ":error=" e[(turn[call] + i) % count + 1] ":when=" n
            turn[call]++
        }
        { line = $0; sub(/AT_FDCWD<[^>]*>/, "", line) }
        line !~ /^[a-z_0-9]+\(/ { next }
        { call = line; sub(/\(.*/, "", call); n = ++seen[call] }
        index(line, dir) && call != "execve" && call != "readlink" { begun = 1 }
        !begun || line ~ / = -1 / { next }
        call ~ /^open/ { add(call, n, "EIO EMFILE EACCES ENOSPC") }
        call ~ /^(read|pread64|getdents64)$/ { add(call, n, "EIO") }
        call ~ /^(write|pwrite64|ftruncate|fsync|fdatasync|syncfs)$/ { add(call, n, "EIO ENOSPC") }
        call ~ /^(rename|renameat|renameat2|link|linkat|symlink|symlinkat|mkdir|mkdirat)$/ { add(call, n, "EIO ENOSPC EACCES") }
        call ~ /^(unlink|unlinkat|rmdir)$/ { add(call, n, "EIO EACCES") }
        call ~ /^(clone|clone3|vfork)$/ { add(call, n, "EAGAIN ENOMEM") }' "$1" | awk -v every=$every 'NR % every == 0'
}

# told DIR LOG...: whether anything of DIR tells that something went wrong: standard error, an event, what a program printed.
told() {
    [ -s $1/err ] || cat $1/*/log/*.jsonl 2>/dev/null | grep -qv '"severity":"info"' || cat $1/*/log/*.out 2>/dev/null | grep -aqE 'error|cannot|failed'
}

# silent DIR: the failure that strace logged in DIR/hit, when it is one of the queue or the post office and nothing tells.
# Two things need not be told: that the directory of a run could not be cleared up, which the next start does; and what
# is about the words that a program printed, which are for people, or were to be written nowhere else.
silent() {
    local hit
    hit=$(grep -h INJECTED "$1/hit" | head -n 1 | sed 's/AT_FDCWD<[^>]*>//')
    case $hit in
        openat*"$1/q/run/"*O_NONBLOCK*O_DIRECTORY* | getdents64*"$1/q/run/"* | unlink*"$1/q/run/"* | rmdir*"$1/q/run/"*) ;;
        openat*".out\""* | openat*".err\""* | read*".out>"* | read*".err>"* | unlink*".out\""* | unlink*".err\""* | "write(1<"*) ;;
        *"$1/"*) told "$1" || echo "not told: ${hit//$1\//};" ;;
    esac
}

# failing DIR import|export connector|program INJECT: what is wrong after such a failure, and after the next runs.
failing() {
    local dir=$1 side=$2 whom=$3 inject=$4 status
    copy $side $dir
    case $whom in
        connector) timeout 60 strace -qq -y -o $dir/hit -e trace=${inject%%:*} -e inject=$inject $(command_of $side $dir) 2>$dir/err ;;
        program) INJECT=$inject HIT=$dir/hit timeout 60 $(command_of $side $dir) 2>$dir/err ;;
    esac
    status=$?
    [ $status -lt 124 ] || echo "exit status $status;"
    [ $side = export ] || kept_ccm $dir/q 3
    silent $dir
    wrong $side $dir aside
    return $status
}

# converting DIR INJECT: the same for ccm-convert.
converting() {
    local dir=$1 inject=$2 status
    rm -rf $dir; mkdir -p $dir; cp -a model.q $dir/q
    timeout 60 strace -qq -y -o $dir/hit -e trace=${inject%%:*} -e inject=$inject "$BIN/ccm-convert" --quiet --workers 1 $dir/q 2>$dir/err
    status=$?
    [ $status -lt 124 ] || echo "exit status $status;"
    kept $dir/q 3
    silent $dir
    timeout 60 "$BIN/ccm-convert" --quiet $dir/q 2>/dev/null
    timeout 60 "$BIN/ccm-convert" --quiet $dir/q 2>/dev/null || echo "the last run: exit status $?;"
    accounted $dir/q 3
    names $dir/q/in
    return $status
}

# verdict NAME FILE: says what in_two found.
verdict() {
    if [ -s bad ]; then fail "$1" "$(wc -l <bad) of $(wc -l <"$2") failures are wrong: $(head -n 6 bad)"
    else ok "$1: $(wc -l <"$2") failures, nothing lost, each told"; fi
    [ -z "${KEEP:-}" ] || { echo "== $1"; cat bad; } >>"$KEEP"
}

# ---- A disk that is full, in a mount namespace of its own, where this script runs again. Queue and post office are on it.
disk() {
    local side option room i n=20
    mkdir small
    for side in import export; do
        for option in "" "--no-sync"; do
            mount -t tmpfs -o size=1200k,mode=0700 none small || return 1
            cp -a "prepared.import/po" small/po
            mkdir -p small/q/in small/pickup
            for ((i = 1; i <= n; i++)); do eml $i "$(yes 'A line of text in a message of some length.' | head -n 200)" | "$BIN/eml2ccm" --zone UTC >small/q/in/m$i.ccm; done
            if [ $side = export ]; then
                run $(command_of import small)
                mkdir small/new; mv small/q small/old; mv small/new small/q
                rm -rf small/old
            fi
            cat /dev/zero >small/fill 2>/dev/null
            run $(command_of $side small) $option
            among "disk full, ccm-$side $option: exit status" $status 75 74 73 71
            check "disk full, ccm-$side $option: told" test -s "$tmp/err"
            for room in 40 120 240; do
                rm -f small/fill
                dd if=/dev/zero of=small/fill bs=1k count=$(($(df --output=avail -k small | tail -n 1) - room)) 2>/dev/null
                run $(command_of $side small) $option
                [ $side = export ] || is "disk with room for a few ($room), ccm-$side $option: nothing lost" "$(kept_ccm small/q $n)" ""
            done
            rm -f small/fill
            mount -o remount,size=16m small
            is "disk with room again, ccm-$side $option: it finishes" "$(again $side small)" ""
            if [ $side = import ]; then room=small/po/mail/internet/new/*/*.ccm; else room=small/pickup/*; fi
            is "disk with room again, ccm-$side $option: each message once" \
                "$(cat $room | grep -ao 'The mark is <[0-9]*>' | sort | uniq -c | awk '$1 != 1' | head -n 3)$(cat $room | grep -ac 'The mark is')" $n
            is "disk with room again, ccm-$side $option: nothing put aside" "$(names small/q/failed small/q/quarantine)" ""
            umount small
        done
    done
}
if [ "${1:-}" = disk ]; then three >/dev/null; disk; exit; fi
if ! unshare -m true 2>/dev/null; then skip "disk full" "no right to mount"
elif ! unshare -m -- "$here/Q157684.sh" disk 2>/dev/null; then skip "disk full" "no tmpfs can be mounted here"
fi

queue model.q 3
cp -a model.q q
strace -qq -y -o convert.log "$BIN/ccm-convert" --quiet --workers 1 q 2>err
points convert.log "$tmp/q" >convert.points
in_two converting convert.points
verdict "each call of ccm-convert fails" convert.points

three
for side in import export; do
    points $side.log "$tmp/one" >$side.points
    in_two failing $side.points $side connector
    verdict "each call of ccm-$side fails" $side.points
    points ccpo.$side.log "$tmp/one" >ccpo.$side.points
    in_two failing ccpo.$side.points $side program
    verdict "each call of ccpo-$side fails" ccpo.$side.points
done

leave

# ---- The naive one: a message that cannot be opened.
office fakes
ccm_queue naive 5
rm naive/in/m3.ccm; ln -s /nowhere naive/in/m3.ccm
"$here/naive/Q157684" "$tmp/naive" "$here/fake/import" "$tmp/fakes" >naive.said 2>&1
caught Q157684 "$(not_once fakes 5)$(kept_ccm naive 5 | head -n 1)$([ -s naive.said ] || echo '; nothing is told')"
