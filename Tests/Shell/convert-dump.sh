#!/bin/bash
# Samples/convert-dump: what it takes, what it leaves out, that a second run does nothing, and that after a kill at
# whatever point the next run goes on, every message having one result.
. "$(dirname "$0")/lib.sh"
programs ccm-convert ccmsplit mboxsplit
require "convert-dump" flock tar gzip b2sum setsid
convert=$(realpath "$here/../../Samples/convert-dump")
export BIN
dump() { run "$convert" "$@"; }

# once OUT COUNT: the marks 1 ... COUNT are each in one result, and nothing waits. Prints what is wrong.
once() {
    find "$1/results" -type f -exec grep -aoh 'The mark is <[0-9]*>' {} + 2>/dev/null | tr -dc '0-9\n' | sort -n | uniq -c |
        awk -v count="$2" '{ seen[$2 + 0] = $1 } END { for (i = 1; i <= count; i++) if (seen[i] != 1) print "mark " i " in " seen[i] + 0 " results"
            for (i in seen) if (i + 0 < 1 || i + 0 > count + 0) print "mark " i }'
    [ -z "$(names "$1/in")$(leftovers "$1")" ] || echo "left: $(names "$1/in" | head -n 3) $(leftovers "$1")"
    [ ! -e "$1/.dump/stage" ] && [ ! -e "$1/.dump/ready" ] && [ ! -e "$1/.dump/lists" ] || echo "left in .dump: $(names "$1/.dump")"
}
# everything DIR: names, sizes, all times but that of access, and contents.
everything() { find "$1" -printf '%p %y %m %s %T@ %C@\n' | sort; find "$1" -type f -exec cksum {} + | sort; }
# still OUT: like everything, without what a run may touch.
still() { (cd "$1" && find . -path ./.dump -prune -o -type f -printf '%p %s %T@\n' | sort; find .dump/taken -type f -exec cksum {} + | sort); }
numbers() { local i; for ((i = $2; i <= $3; i++)); do "$1" "$i"; done; }

# ---- One dump.

numbers mbox 1 20 >a.mbox
printf 'From here on it is text.\n\nFrom ann@example.org on, too.\n' >>a.mbox
before=$(everything "$tmp/a.mbox")
dump a.mbox a
is "mbox: exit status" $status 0
is "mbox: each message once" "$(once a 20)" ""
is "mbox: names" "$(names a/results | head -n 2 | tr '\n' ' ')" "a-000001.ccm a-000002.ccm "
among "mbox: the summary" "$(tr -s ' ' <out | cut -d ' ' -f 1,2 | tr '\n' ' ')" "results 20 done 20 failed 0 quarantine 0 "
is "mbox: the dump is as it was" "$(everything "$tmp/a.mbox")" "$before"
before=$(still a)
dump a.mbox a
is "mbox, again: exit status" $status 0
check "mbox, again: says so" grep -q 'nothing new' err
is "mbox, again: nothing is done" "$(still a)" "$before"

gzip -c a.mbox >b.mbox.gz
dump b.mbox.gz b
is "mbox.gz" "$status $(once b 20) $(count b/results)" "0  20"
numbers ccm 1 12 >c.ccm
dump c.ccm c
is ".ccm" "$status $(once c 12) $(names c/results | head -n 1)" "0  c-000001.eml"
gzip -c c.ccm >"d d"
dump --no-sync "d d" d
is ".ccm, packed, with another name" "$status $(once d 12) $(count d/results)" "0  12"
eml 1 >-e
dump ./-e e
is "one message" "$status $(once e 1) $(names e/done)" "0  _-e"
mbox 1 >f.mbox
dump f.mbox f
is "an mbox of one message keeps its name" "$status $(once f 1) $(names f/done)" "0  f.mbox"
dump a.mbox b
is "another dump into the same queue" "$status $(names b/results | grep -c '^a-') $(count b/results)" "0 20 40"

# ---- A directory.

mkdir -p "in/x/y" in/z "in/with blank" in/.Sent/cur in/.git in/one
eml 1 >in/1.eml; eml 2 >in/x/1.eml; eml 3 >in/x/y/1.eml
eml 4 >"in/with blank/a=b&c.txt"; eml 5 >in/$'line\nend.eml'; eml 6 >in/-6; eml 7 >in/.Sent/cur/1.host:2,S
eml 8 >in/x+1.eml # the name that x/1.eml gets
long=$(printf 'd%.0s' {1..150})
mkdir -p "in/$long/$long"; eml 9 >"in/$long/$long/nine.eml"; eml 10 >"in/$long/$long/ten.eml"
eml 11 | gzip >in/z/packed.eml.gz
{ mbox 12; mbox 13; } >in/z/two.mbox
{ mbox 14; mbox 15; } | gzip >in/z/two.mbox.gz
{ ccm 16; ccm 17; } >in/z/two.dat
ccm 18 >in/z/one.ccm
mbox 19 >in/z/one.txt
eml 20 >in/README.txt
printf 'Read this.\n' >in/README; printf '{}\n' >in/a.JSON; printf '*.o\n' >in/.gitignore; : >in/one/.keep
eml 99 >in/.git/description
garbage 1 500 >in/one/garbage; : >in/one/empty.eml
ln -s 1.eml in/link; mkfifo in/pipe
chmod -R a-w in
before=$(everything "$tmp/in")
dump in q
is "directory: exit status" $status 0
is "directory: each message once" "$(once q 20)" ""
is "directory: it is as it was" "$(everything "$tmp/in")" "$before"
is "directory: no mail ends in quarantine" "$(names q/quarantine | tr '\n' ' ')" \
    "one+empty.eml one+empty.eml.report one+garbage one+garbage.report "
is "directory: left out" "$(sort q/.dump/left-out | tr '\n' ' ')" \
    "by its name: .gitignore by its name: README by its name: a.JSON by its name: one/.keep no file: link no file: pipe "
is "directory: names" "$(names q/done | grep -v -e report -e ddd -e Sent | tr '\n' ' ')" \
    "1.eml README.txt _-6 line_end.eml with blank+a=b&c.txt x+1.eml x+1~2.eml x+y+1.eml z+one.ccm z+one.txt z+packed.eml z+two-000001.eml z+two-000002.eml z+two.dat-000001.ccm z+two.dat-000002.ccm z+two~2-000001.eml z+two~2-000002.eml "
is "directory: hidden folders" "$(cd q/done; echo _.*)" "_.Sent+cur+1.host:2,S"
is "directory: long names" "$(names q/done | grep -c '^d*\.\.\.d*+[a-z]*\.eml$')" 2
before=$(still q)
dump in q
is "directory, again: exit status" $status 0
check "directory, again: says so" grep -q 'nothing new' err
is "directory, again: nothing is done" "$(still q)" "$before"

# ---- What is new later.

chmod -R u+w in
eml 21 >in/new.eml
mv in/-6 in/z/six.eml; touch in/x/1.eml; printf 'more\r\n' >>in/x/y/1.eml
mv in/z/two.mbox in/z/three.mbox; mbox 22 >>in/z/three.mbox
dump in q
is "later: exit status" $status 0
is "later: what was changed is taken again, what was moved or touched is not" "$(once q 22)" "mark 3 in 2 results"
check "later: the same name again" test -e q/done/x+y+1~2.eml
dump in q
check "later, again: nothing new" grep -q 'nothing new' err

# ---- Options.

dump --keep-headers --codepage=437 --work 1 --into "$tmp/a/in" in o
is "options are ccm-convert's" "$status $(count o/results) $(($(count a/in) > 20))" "0 0 1"
for wrong in "--no-such in o" "--codepage nope in o" "in" "stray in o" "in o --strict" "--codepage in o" "in in"; do
    dump $wrong
    is "usage: $wrong" $status 64
done
dump nothing o; is "no input" $status 66
dump in /proc/no; is "no output" $status 73
run env BIN=/nonexistent PATH=/usr/bin:/bin "$convert" in o; among "no programs" $status 69 0
flock o/.dump/lock "$convert" in o >out 2>err
is "another run is at work" $? 75
for known in $("$BIN/ccm-convert" --options); do
    case $known in
        ?*: | ? | json | quiet | strict) continue ;;
        *) knows+=(--$known) ;;
    esac
done
mkdir one; eml 1 >one/1.eml
dump "${knows[@]}" --macintosh=binhex --exchange-domain=exchange.example.com -q one all
is "every switch that ccm-convert has" "$status $(cat err) $((${#knows[@]} > 9)) $(count all/results)" "0  1 1"
printf 'domain = ccmail.example.com\n' >dump.conf
dump --conf dump.conf --zo=UTC one all
is "a configuration, and names that are cut" "$status $(cat err | head -n 1)" "0 convert-dump: nothing new, 1 file taken before"
mkdir s; eml 1 >s/1.eml; garbage 2 100 >s/2.eml
dump --strict s so
is "--strict" "$status $(names so/quarantine | head -n 1)" "65 2.eml"
dump --json s sj
check "--json" json out
dump in in/out
is "OUT inside INPUT: exit status" $status 0
dump in in/out
check "OUT inside INPUT: not taken for mail" grep -q 'nothing new' err
rm -rf in/out

# ---- Names that hold the bytes by which the lists of the script hold names.

mkdir bytes; n=0
for one in 'a\001b' 'a\nb' 'a\002b' 'a\0022b' 'a\003b' 'a\0032b' 'a\0033b' 'a\177b' '\001\002\003\n\t' 'a\\b' 'a b\r'; do
    eml $((n += 1)) >"bytes/$(printf "$one.").eml"
done
numbers mbox 12 14 >"bytes/$(printf 'd\001\002\n\003.')mbox"
before=$(everything "$tmp/bytes")
dump bytes b1
is "bytes in names" "$status $(once b1 14)" "0 "
is "bytes in names: the input is as it was" "$(everything "$tmp/bytes")" "$before"
dump bytes b1
check "bytes in names, again: nothing new" grep -q 'nothing new' err
mv bytes "$(printf 'in\n\001\002.')"
dump "$(printf 'in\n\001\002.')" b2
is "bytes in the name of the input" "$status $(once b2 14)" "0 "

# ---- What OUT may be.

mkdir mails; eml 1 >mails/1.eml; before=$(everything "$tmp/mails")
dump one mails
is "OUT is no queue, nor empty" "$status $(everything "$tmp/mails")" "64 $before"
rm -f all/failed/* && dump one all/failed
is "OUT is a folder of a queue" "$status $(names all/failed)" "64 "
mkdir -p blank/lost+found made/in
dump one blank; is "OUT is a new file system" "$status $(once blank 1)" "0 "
dump one made; is "OUT is a queue without its other folders" "$status $(once made 1)" "0 "

# ---- Damage.

numbers mbox 1 400 | gzip >g.full
head -c $(($(size g.full) / 2)) g.full >g.mbox.gz
dump g.mbox.gz g
is "gzip, cut off: exit status" $status 65
n=$(count g/results)
check "gzip, cut off: what is before that is taken" test "$n" -gt 100
is "gzip, cut off: each once but the last" "$(once g $((n - 1)) | grep -v "^mark $n\$")" ""
dump g.mbox.gz g
is "gzip, cut off, again" "$status $(grep -c 'nothing new' err)" "0 1"
{ ccm 1; ccm 2; garbage 3 700; } >h.ccm
dump h.ccm h
is ".ccm with garbage behind it: each message once" "$(once h 2)" ""
if [ "$(id -u)" != 0 ]; then
    chmod 0 in/new.eml
    dump in r
    is "a file that cannot be read: exit status" $status 66
    is "a file that cannot be read: all others are taken" "$(once r 22 | tr '\n' ' ')" "mark 21 in 0 results "
    chmod 600 in/new.eml
    dump in r
    is "the same, readable" "$status $(once r 22)" "0 "
else
    skip "a file that cannot be read" "root may read all"
fi

# ---- Killed. Each program that the script runs is one that counts, and kills it and all it has started, before or
# after its work, at a given number.

mkdir bin
for one in awk b2sum cat chmod cp cut find grep gzip head mkdir mv realpath rm sed sync tail tar touch tr wc xargs ccmsplit mboxsplit ccm-convert; do
    path=$(PATH=$BIN:$PATH command -v $one) || continue
    cat >bin/$one <<END
#!/bin/bash
n=\$(flock "$tmp/count" bash -c 'read -r n <"\$1"; echo \$((n + 1)) >"\$1"; echo \$((n + 1))' - "$tmp/count")
[ "\$n:before" = "\${AT:-}" ] && kill -KILL 0
[ "\$n:after" = "\${AT:-}" ] && { "$path" "\$@"; kill -KILL 0; }
exec "$path" "\$@"
END
    chmod +x bin/$one
done
mkdir -p k/sub
numbers mbox 1 5 >k/dump.mbox; numbers ccm 6 9 | gzip >k/sub/dump.ccm.gz
for i in 10 11 12; do eml $i >k/sub/$i.eml; done
eml 13 >"k/$(printf 'l%.0s' {1..230}).eml"
# Killed with its group, which is not this one.
killed() { (setsid env BIN="$tmp/bin" "$@" >/dev/null 2>>"$tmp/again"; exit $?) 2>/dev/null; }
# resume OUT INPUT: to the end. A program that outlives a kill holds the lock.
resume() {
    local i
    for i in 1 2 3 4 5 6 7 8 9 10; do
        dump "$2" "$1"
        [ $status = 75 ] || return
        sleep 0.2
    done
}
echo 0 >count
killed "$convert" --workers 1 k ok
total=$(cat count)
is "counted: a run that is not killed" "$(once ok 13)" ""
case $TEST_SIZE in quick) every=13 ;; normal) every=5 ;; *) every=1 ;; esac
bad=0 points=0 deaths=0
for ((i = 1; i <= total + 2; i += every)); do
    for when in before after; do
        rm -rf kq; echo 0 >count
        AT=$i:$when killed "$convert" --workers 1 k kq
        [ $? != 137 ] || deaths=$((deaths + 1))
        points=$((points + 1))
        resume kq k
        why=$(once kq 13)
        [ $status = 0 ] && [ -z "$why" ] && continue
        bad=$((bad + 1))
        [ $bad -gt 5 ] || fail "killed $when program $i" "status $status $why $(tail -n 1 err)"
    done
done
if [ $bad = 0 ]; then ok "killed at each program: $points points, $deaths deaths, every message once"; else fail "killed at each program" "$bad of $points points"; fi
check "killed at each program: the kills" test $((deaths * 2)) -gt $points
# And when there is something to be known again.
rm -rf kb; cp -a ok kb; cp -a k k2; mv k2/sub/10.eml k2/ten.eml; mbox 14 >>k2/dump.mbox
sed -i "1s,.*,R $tmp/k2," kb/.dump/taken/*
bad=0
for ((i = 2; i <= total; i += every * 2)); do
    rm -rf kq; cp -a kb kq; echo 0 >count
    AT=$i:after killed "$convert" --workers 1 k2 kq
    resume kq k2
    why=$(once kq 14)
    [ $status = 0 ] && [ -z "$why" ] || { bad=$((bad + 1)); fail "a later run, killed after program $i" "status $status $why $(tail -n 1 err)"; }
done
[ $bad = 0 ] && ok "a later run, killed: every message once"

# At any moment, again and again.
mkdir m; numbers mbox 1 600 >m/a.mbox
for ((i = 601; i <= 900; i++)); do eml $i >m/$i.eml; done
start=${EPOCHREALTIME/./}; "$convert" m mt >/dev/null 2>&1; whole=$((${EPOCHREALTIME/./} - start))
is "at any moment: a run that is not killed" "$(once mt 900)" ""
for round in 1 2 3; do
    rm -rf mq
    for ((i = 1; i <= 10; i++)); do
        setsid "$convert" m mq >/dev/null 2>&1 &
        sleep "$(awk -v t=$whole -v i=$i -v r=$round 'BEGIN { printf "%.3f", t / 1000000 * (i + r / 4) / 10 }')"
        kill -KILL -- -$! 2>/dev/null
        wait $! 2>/dev/null
    done 2>/dev/null
    resume mq m
    is "at any moment, ten times, round $round: each message once" "$status $(once mq 900 | head -n 3)" "0 "
done
# SIGTERM: ccm-convert ends in order, and the next run takes the rest.
rm -rf mq
"$convert" --workers 1 m mq >out 2>err & pid=$!
for ((i = 0; i < 200; i++)); do [ -n "$(names mq/work 2>/dev/null)" ] && break; sleep 0.02; done
kill -TERM $pid; wait $pid; status=$?
among "SIGTERM: exit status" $status 75 0
resume mq m
is "SIGTERM, then on: each message once" "$status $(once mq 900 | head -n 3)" "0 "

# ---- A full disk.

mkdir disk
if mount -t tmpfs -o size=1m tmpfs disk 2>/dev/null; then
    trap 'umount "$tmp/disk" 2>/dev/null; chmod -R u+rwX "$tmp" 2>/dev/null; rm -rf "$tmp"' EXIT
    dump m disk/q
    among "full disk: exit status" $status 74 75
    mount -o remount,size=100m disk
    resume disk/q m
    is "full disk, then room: each message once" "$status $(once disk/q 900 | head -n 3)" "0 "
    umount disk
else
    skip "full disk" "no right to mount"
fi
