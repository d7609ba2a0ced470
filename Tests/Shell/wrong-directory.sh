#!/bin/bash
# Directories that are no queues: none becomes one by mistake, and none is called sound. What is a queue, or may become one,
# is taken, that of an earlier version with work in flight too.
. "$(dirname "$0")/lib.sh"
programs ccm-convert ccm-import ccm-export ccm-status ccm-audit ccm-replay
convert=$BIN/ccm-convert

# EXPORT and IMPORT are never run: the directory is looked at before.
mkdir po; : >po/CCPOMBOX.000
printf '%s\n' 'post-office = po' 'import-program = true' 'export-program = true' >ccm.conf

# on PROGRAM DIRECTORY: each program as it is mostly called.
on() {
    case $1 in
        ccm-convert) run "$convert" --no-sync "$2" ;;
        ccm-import | ccm-export) run "$BIN/$1" --config ccm.conf --no-sync "$2" ;;
        "ccm-convert --into") run "$convert" --no-sync --into "$2" q ;;
        "ccm-export --returns") run "$BIN/ccm-export" --config ccm.conf --no-sync --no-fetch --returns "$2" q ;;
        ccm-replay) run "$BIN/$1" --all "$2" ;;
        *) run "$BIN/$1" "$2" ;;
    esac
}
all() { (cd "$1" && find . | sort); }

queue q 1; run "$convert" --no-sync -q q
mkdir mails home deep empty
eml 1 >mails/a.eml; mkdir mails/sub
: >home/.profile
mkdir -p deep/er/in
for dir in mails home deep deep/er/in q/in q/done q/work q/in/../in; do
    before=$(all "$dir")
    for program in ccm-convert ccm-import ccm-export; do
        on $program "$dir"
        is "$program $dir" $status 64
        check "$program $dir: says what is wrong" grep -q "not a queue\|nor a queue" err
    done
    for program in ccm-status ccm-audit ccm-replay; do
        on $program "$dir"
        is "$program $dir" $status 66
        check "$program $dir: says what is wrong" grep -q "not a queue" err
    done
    run "$BIN/ccm-audit" --repair "$dir"; is "ccm-audit --repair $dir" $status 66
    run "$BIN/ccm-replay" --list "$dir"; is "ccm-replay --list $dir" $status 66
    is "$dir: as it was" "$(all "$dir")" "$before"
done
on ccm-convert mails; check "what is in it is named" grep -q 'a.eml\|sub' err
on ccm-convert q/in; check "the folder of a queue is named" grep -q 'the folder .in. of one' err
is "the queue is as it was" "$("$BIN/ccm-audit" q 2>&1 | grep -c 'sound.* 1 done')" 1

# An empty directory: nothing is sound there, and it may become a queue, with what file systems put there too.
for program in ccm-status ccm-audit ccm-replay; do on $program empty; is "$program of an empty directory" $status 66; done
is "the empty directory is empty" "$(all empty)" .
for program in ccm-status ccm-audit ccm-replay; do on $program nowhere; is "$program of none" $status 66; done
mkdir -p disk/lost+found disk/.snapshot; : >disk/.DS_Store
for dir in empty disk new; do
    on ccm-convert $dir; is "$dir becomes a queue" "$status $(cd $dir && echo in work done log)" "0 in work done log"
    run "$BIN/ccm-audit" -q $dir; is "$dir is sound" $status 0
done
run "$convert" --no-sync new2; check "that a queue is new is said" grep -q 'new2: a new queue' err
run "$convert" --no-sync new2; is "only once" "$(grep -c 'a new queue' err)" 0
run "$convert" --no-sync -q new3; is "not with --quiet" "$(cat err)" ""
# Folders that are made before the first run; a folder `in` is enough for whoever looks.
mkdir -p a/in b/results b/quarantine
for program in ccm-status ccm-audit; do on $program a; is "$program of mkdir -p a/in" $status 0; done
on ccm-convert a; is "mkdir -p a/in" $status 0
on ccm-convert b; is "mkdir -p b/results" $status 0
# A queue in which somebody keeps other things, and one that has lost `in`.
echo notes >a/README; mkdir a/old; on ccm-convert a; is "a queue with other things in it" $status 0
rmdir b/in; on ccm-status b; is "a queue without in: ccm-status" $status 0
on ccm-convert b; is "a queue without in: made anew" "$status $(ls -d b/in)" "0 b/in"
# Several programs make the same queue at once.
for i in 1 2 3 4 5 6; do "$convert" --no-sync -q together & pids[i]=$!; done
statuses=; for i in 1 2 3 4 5 6; do wait "${pids[i]}"; statuses+="$? "; done
is "made by six at once" "$statuses" "0 0 0 0 0 0 "

# Targets: a queue itself, where nobody would take anything, and folders of this one that are for something else.
queue q 2; run "$convert" --no-sync -q other; mkdir q/run
for target in other q q/in q/work q/done q/failed q/quarantine q/log q/run; do
    on "ccm-convert --into" $target; is "--into $target" "$status $(count q/in) $(leftovers q)" "64 2 "
    on "ccm-export --returns" $target; is "--returns $target" "$status $(count q/in) $(leftovers q)" "64 2 "
done
on "ccm-convert --into" other/in; is "--into the in of another queue" "$status $(count other/in)" "0 2"
queue q 2; mkdir q/results; on "ccm-convert --into" q/results; is "--into its own results" "$status $(count q/results)" "0 2"

# A queue as version 1 left it when it was killed: one message claimed, one committed and half published.
mkdir -p old/{in,work,results,done,failed,quarantine,log} old/work/{strikes,attempts}
id=old/work/20010203T040506Z-host-123
mkdir -p $id/1/{src,out} $id/2.commit/{src,out,reports.src}
: >$id/lock; printf '\6\0m1.eml' >$id/hand; truncate -s 512 $id/hand
eml 1 >$id/1/src/m1.eml; eml 2 >$id/2.commit/src/m2.eml; ccm 2 >$id/2.commit/out/m2.ccm; eml 3 >old/in/m3.eml
printf '{"time":"2001-02-03T04:05:06.000Z","id":20000,"severity":"info","program":"ccm-convert","invocation":"%s","queue":"old","name":"m2.eml","fate":"done","size":%d,"results":["m2.ccm"],"sizes":[%d],"text":"converted, 0 findings"}\n' \
    20010203T040506Z-host-123 "$(size $id/2.commit/src/m2.eml)" "$(size $id/2.commit/out/m2.ccm)" >$id/2.commit/events
run "$convert" --no-sync -q old
is "a queue of an earlier version" "$status $(accounted old 3)" "0 "
run "$BIN/ccm-audit" -q old; is "a queue of an earlier version: sound" "$status $(cat out)" "0 "
leave
