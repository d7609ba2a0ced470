#!/bin/bash
# Every filter at its edges: usage, missing and unreadable operands, bad input, output that cannot be written, pipes.
. "$(dirname "$0")/lib.sh"
filters="eml2ccm ccm2eml msg2eml tnef2eml ccmsplit mboxsplit ccmcheck"
programs $filters

eml 1 >1.eml; eml 2 >2.eml; eml 3 >3.eml
ccm 1 >1.ccm; ccm 2 >2.ccm; ccm 3 >3.ccm
{ mbox 1; mbox 2; mbox 3; } >3.mbox
cat 1.ccm 2.ccm 3.ccm >all.ccm
: >empty
mkdir dir
cp "$here/../../Samples/mail/outlook/draft.msg" 1.msg
cp "$here/../../Samples/mail/outlook/winmail.dat" 1.tnef
declare -A good=([eml2ccm]=1.eml [ccm2eml]=1.ccm [msg2eml]=1.msg [tnef2eml]=1.tnef [ccmsplit]=all.ccm [mboxsplit]=3.mbox [ccmcheck]=1.ccm)

# fresh: an empty directory `made`, where the splitters write.
fresh() { rm -rf made; mkdir made; }
into() { case $1 in ccmsplit | mboxsplit) echo "--directory made" ;; esac; }

# one_line PROGRAM FILE: what is on standard error is the one line that bad input deserves.
one_line() {
    [ "$(wc -l <err)" = 1 ] && grep -qE "^$1: $2: offset [0-9]+: .+" err || { echo "standard error: $(cat err)"; return 1; }
}
silent() { [ ! -s out ] || { echo "standard output has $(size out) bytes"; return 1; }; }
spoken() { [ -s err ] || { echo "nothing on standard error"; return 1; }; }

for p in $filters; do
    opt=$(into $p)
    fresh
    run "$BIN/$p" --help
    is "$p --help: exit status" $status 0
    check "$p --help: names the program and its options" grep -qE "$p.*|--help" out
    run "$BIN/$p" --version
    is "$p --version: exit status" $status 0
    check "$p --version: says something" test -s out
    check "$p --version: nothing on standard error" test ! -s err

    run "$BIN/$p" --no-such-option </dev/null
    is "$p: unknown long option" $status 64
    check "$p: unknown long option is named" grep -q "^$p: .*no-such-option" err
    check "$p: unknown option: nothing on standard output" silent
    run "$BIN/$p" -@ </dev/null
    is "$p: unknown short option" $status 64

    run "$BIN/$p" $opt missing
    is "$p: missing file" $status 66
    check "$p: missing file is named" grep -q "^$p: missing: " err
    check "$p: missing file: nothing on standard output" silent

    run "$BIN/$p" $opt dir
    among "$p: directory as operand" $status 65 66 74
    check "$p: directory is named" grep -q "^$p: dir: " err
    check "$p: directory: nothing on standard output" silent

    run "$BIN/$p" $opt empty
    is "$p: empty file" $status 65
    check "$p: empty file: one line with file and offset" one_line $p empty
    check "$p: empty file: nothing on standard output" silent
    run "$BIN/$p" $opt </dev/null
    is "$p: empty standard input" $status 65

    for seed in 1 2 3; do
        garbage $seed $((seed * 700)) >noise
        run "$BIN/$p" $opt noise
        is "$p: random bytes ($seed)" $status 65
        check "$p: random bytes ($seed): one line with file and offset" one_line $p noise
        check "$p: random bytes ($seed): nothing on standard output" silent
    done
    is "$p: what cannot be read makes no file" "$(names made)" ""

    # A name that looks like an option, standard input, `-`, `--`.
    cp "${good[$p]}" ./-x
    fresh; run "$BIN/$p" $opt -- -x
    is "$p -- -x" $status 0
    a=$(cat out made/* 2>/dev/null | cksum)
    fresh; run "$BIN/$p" $opt <"${good[$p]}"
    is "$p: standard input" $status 0
    is "$p: standard input gives what the file gives" "$(cat out made/* 2>/dev/null | cksum)" "$a"
    fresh; run "$BIN/$p" $opt - <"${good[$p]}"
    is "$p -" $status 0
    is "$p: - gives what the file gives" "$(cat out made/* 2>/dev/null | cksum)" "$a"
    fresh; cat "${good[$p]}" | run "$BIN/$p" $opt
    fresh; { cat "${good[$p]}"; } | { run "$BIN/$p" $opt -- -; echo $status >rc; }
    is "$p -- - in a pipe" "$(cat rc)" 0
    check "$p: nothing on standard error when all is well" test ! -s err

    # Descriptors that are closed already.
    fresh; timeout 20 "$BIN/$p" $opt "${good[$p]}" <&- >out 2>err
    is "$p: standard input closed, file named" $? 0
    fresh; timeout 20 "$BIN/$p" $opt "${good[$p]}" 2>&- >out
    is "$p: standard error closed" $? 0
    is "$p: standard error closed: same data" "$(cat out made/* 2>/dev/null | cksum)" "$a"

    # --help is output too.
    timeout 20 "$BIN/$p" --help >/dev/full 2>err
    is "$p --help >/dev/full" $? 74
    check "$p --help >/dev/full: said" spoken
done

# Operands in a row.
run "$BIN/eml2ccm" 1.eml 2.eml 3.eml
is "eml2ccm: three operands" $status 0
is "eml2ccm: three messages" "$(grep -ac '^Message:' out)" 3
is "eml2ccm: in the order of the operands" "$(grep -ao '<[0-9]>' out | tr -d '\n')" "<1><2><3>"
cp out three.ccm
run "$BIN/eml2ccm" 1.eml - 3.eml <2.eml
check "eml2ccm: - among the operands" cmp out three.ccm
run "$BIN/eml2ccm" --mbox 3.mbox
is "eml2ccm --mbox: three messages" "$(grep -ac '^Message:' out)" 3
run "$BIN/eml2ccm" 3.mbox
is "eml2ccm: an mbox is known by its first line" "$(grep -ac '^Message:' out)" 3

run "$BIN/ccm2eml" 1.ccm 2.ccm
among "ccm2eml: two messages without --mbox or --directory" $status 64 65
check "ccm2eml: two messages without --mbox: nothing on standard output" silent
run "$BIN/ccm2eml" all.ccm
among "ccm2eml: a file of three without --mbox or --directory" $status 64 65
check "ccm2eml: a file of three without --mbox: nothing on standard output" silent
run "$BIN/ccm2eml" --mbox 1.ccm 2.ccm 3.ccm
is "ccm2eml --mbox: three operands" $status 0
is "ccm2eml --mbox: three messages" "$(grep -c '^From ' out)" 3
mkdir letters
run "$BIN/ccm2eml" --directory letters all.ccm
is "ccm2eml --directory: exit status" $status 0
is "ccm2eml --directory: three files" "$(count letters)" 3
check "ccm2eml --directory: nothing on standard output" silent
sed '2s/.*/999\r/' 1.ccm >bad.ccm
run "$BIN/ccmcheck" bad.ccm
is "ccmcheck: a wrong size: exit status" $status 65
check "ccmcheck: a wrong size: a finding with its place" grep -qE '^bad\.ccm:[0-9]+: offset [0-9]+: [^: ]+: .' out
run "$BIN/ccmcheck" 1.ccm bad.ccm noise 2.ccm
is "ccmcheck: two bad of four" $status 65
is "ccmcheck: two bad of four: what they are" "$(cat out err | grep -oE '^(ccmcheck: )?[a-z0-9.]+' | sort -u | tr '\n' ' ')" "bad.ccm ccmcheck: noise "
run "$BIN/ccmcheck" --quiet bad.ccm
is "ccmcheck --quiet: exit status" $status 65
check "ccmcheck --quiet: says nothing" silent
run "$BIN/ccmcheck" --json bad.ccm
is "ccmcheck --json: exit status" $status 65
command -v python3 >/dev/null && check "ccmcheck --json: is JSON" python3 -c 'import json
t = open("out").read(); v = json.loads(t.splitlines()[0])
assert v["file"] == "bad.ccm" and v["line"] > 1 and v["offset"] > 9 and v["rule"] and v["text"], v'

# One bad file among good ones.
run "$BIN/eml2ccm" 1.eml noise 3.eml
is "eml2ccm: bad file in the middle" $status 65
check "eml2ccm: bad file in the middle: nothing on standard output" silent
run "$BIN/eml2ccm" --partial 1.eml noise 3.eml
is "eml2ccm --partial: exit status" $status 65
is "eml2ccm --partial: the good ones are there" "$(grep -ao '<[0-9]>' out | tr -d '\n')" "<1><3>"
check "eml2ccm --partial: the bad one is named" grep -qE '^eml2ccm: noise: offset [0-9]+: ' err
run "$BIN/ccm2eml" --mbox 1.ccm noise 3.ccm
is "ccm2eml --mbox: bad file in the middle" $status 65
check "ccm2eml --mbox: bad file in the middle: nothing on standard output" silent
run "$BIN/ccm2eml" --mbox --partial 1.ccm noise 3.ccm
is "ccm2eml --partial: exit status" $status 65
is "ccm2eml --partial: the good ones are there" "$(grep -ao '<[0-9]>' out | tr -d '\n')" "<1><3>"
run "$BIN/eml2ccm" 1.eml missing 3.eml
is "eml2ccm: missing file in the middle" $status 66
check "eml2ccm: missing file in the middle: nothing on standard output" silent
run "$BIN/ccm2eml" --mbox 1.ccm missing 3.ccm
is "ccm2eml: missing file in the middle" $status 66
check "ccm2eml: missing file in the middle: nothing on standard output" silent

# There and back in a pipe.
"$BIN/eml2ccm" <1.eml 2>err | "$BIN/ccm2eml" >back.eml 2>>err
is "eml2ccm | ccm2eml: both succeed" "${PIPESTATUS[*]}" "0 0"
check "eml2ccm | ccm2eml: nothing on standard error" test ! -s err
for line in 'From: .*ann@example.org' 'To: .*bob@example.com' 'Subject: Number 1' 'The mark is <1>\.' 'Date: Tue, 0\?2 Jun 1998 08:39'; do
    check "eml2ccm | ccm2eml: $line" grep -q "^$line" back.eml
done
"$BIN/eml2ccm" 3.mbox | "$BIN/ccm2eml" --mbox | "$BIN/eml2ccm" --mbox - | cmp - three.ccm >out 2>&1
is "eml2ccm | ccm2eml --mbox | eml2ccm: the bytes of the first" "${PIPESTATUS[*]}" "0 0 0 0"

# Output that cannot be written.
yes 'A line that makes the message longer than any buffer between the program and its reader.' | head -n 20000 >long
{ eml 9; cat long; } >long.eml
"$BIN/eml2ccm" long.eml >long.ccm
for p in eml2ccm ccm2eml ccmcheck; do
    for kind in small long; do
        case $p:$kind in
            eml2ccm:small) f=1.eml ;; ccm2eml:small) f=1.ccm ;; eml2ccm:long) f=long.eml ;; ccm2eml:long) f=long.ccm ;;
            ccmcheck:small) f=bad.ccm ;;
            ccmcheck:long) continue ;;
        esac
        timeout 20 "$BIN/$p" $f >/dev/full 2>err
        is "$p $kind >/dev/full" $? 74
        check "$p $kind >/dev/full: said" grep -q "^$p: " err
        timeout 20 "$BIN/$p" $f >&- 2>err
        is "$p $kind: standard output closed" $? 74
        check "$p $kind: standard output closed: said" grep -q "^$p: " err
        # The reader is gone before the first byte: it made its end known by the file `gone`.
        rm -f gone
        { until [ -e gone ]; do sleep 0.02; done; sleep 0.05; timeout 20 "$BIN/$p" $f 2>err; echo $? >rc; } | { exec <&-; : >gone; }
        is "$p $kind into a pipe that nobody reads" "$(cat rc)" 74
        check "$p $kind into a pipe that nobody reads: said" grep -q "^$p: " err
    done
done
{ timeout 20 "$BIN/eml2ccm" long.eml 2>err; echo $? >rc; } | head -c 10 >/dev/null
is "eml2ccm: reader leaves in the middle" "$(cat rc)" 74

# A file size limit: the write fails with EFBIG once the signal is ignored.
limited() { (trap '' XFSZ; ulimit -f 4; exec timeout 20 "$@") >short 2>err; }
limited "$BIN/eml2ccm" long.eml
is "eml2ccm: file size limit" $? 74
{ mbox 1; mbox 2; cat long; } >long.mbox
fresh; limited "$BIN/mboxsplit" --directory made long.mbox
is "mboxsplit: file size limit" $? 74
check "mboxsplit: file size limit: said" grep -q '^mboxsplit: ' err
is "mboxsplit: file size limit: no torn message has a name" "$(cat made/* 2>/dev/null | grep -c 'A line that')" 0
fresh; limited "$BIN/ccmsplit" --directory made long.ccm
is "ccmsplit: file size limit" $? 74
is "ccmsplit: file size limit: no torn message has a name" "$(names made)" ""
fresh; limited "$BIN/ccm2eml" --directory made long.ccm
is "ccm2eml --directory: file size limit" $? 74
is "ccm2eml --directory: file size limit: no torn message has a name" "$(names made)" ""

# A directory that is not one.
for p in ccmsplit mboxsplit ccm2eml; do
    f=${good[$p]}
    run "$BIN/$p" --directory empty "$f"
    among "$p --directory FILE" $status 73 74
    check "$p --directory FILE: said" grep -q "^$p: " err
done

# Cut anywhere, a message is read or refused; nothing else.
bad=
length=$(size 1.eml)
for ((n = 0; n <= length; n += 7)); do
    head -c $n 1.eml | timeout 20 "$BIN/eml2ccm" >out 2>err
    case ${PIPESTATUS[1]} in 0) ;; 65) [ -s out ] && bad+=" $n(output)" ;; *) bad+=" $n(${PIPESTATUS[1]})" ;; esac
done
is "eml2ccm: message cut at any byte: 0 or 65" "$bad" ""
bad=
length=$(size 1.ccm)
for ((n = 0; n <= length; n += 7)); do
    head -c $n 1.ccm | timeout 20 "$BIN/ccm2eml" >out 2>err
    case ${PIPESTATUS[1]} in 0) ;; 65) [ -s out ] && bad+=" $n(output)" ;; *) bad+=" $n(${PIPESTATUS[1]})" ;; esac
done
is "ccm2eml: message cut at any byte: 0 or 65" "$bad" ""

# Input that is nothing and has no end: no more of it is read than tells that.
for p in eml2ccm ccm2eml msg2eml tnef2eml ccmcheck ccmsplit; do
    (ulimit -v 2000000; timeout 60 "$BIN/$p" </dev/zero >out 2>err)
    is "$p </dev/zero" $? 65
    check "$p </dev/zero: said" grep -q "^$p: standard input: offset 0: " err
done
(ulimit -v 2000000; timeout 60 "$BIN/eml2ccm" --map /dev/zero 1.eml >out 2>err)
is "eml2ccm --map /dev/zero" $? 65

# Code pages in which no .ccm can be.
for page in '' utf-16 utf-7 850//IGNORE no-such-page; do
    timeout 20 "$BIN/eml2ccm" --codepage "$page" 1.eml >out 2>err
    is "--codepage '$page'" $? 64
done
