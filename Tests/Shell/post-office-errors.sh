#!/bin/bash
# An error at each system call of an import in turn, started again until it is through: each message is in its mailbox once,
# and each undeliverable one is told of once. An error of looking whether something is there is not that it is not there:
# copies, entries and the input itself were lost by that, or done twice.
in_memory=yes
. "$(dirname "$0")/connector.lib"
programs ccpo-init ccpo-import ccpo-export
require "errors of the post office" strace
strace -f -qq -o /dev/null true 2>/dev/null || { skip "errors of the post office" "strace may not trace here"; exit 0; }
"$BIN/ccpo-init" --name HUB --user "Bob Example" --remote EX first.po
for i in 1 2 3; do
    ccm $i | sed "s/^To: .*/To: Bob Example at HUB\r/; s/^From: .*/From: Ann at EX\r/"
    [ $i != 2 ] || ccm 4 | sed "s/^To: .*/To: Nobody here at HUB\r/; s/^From: .*/From: Ann at EX\r/"
done >first.ccm
import() { "$BIN/ccpo-import" /NEX /Dpo "/@${1:-IMPORT.CCM}" >>said 2>&1; }
# How often each message is where it belongs: 1 to 3 in the mailbox, 4 in the undeliverable file.
found() {
    local i
    for i in 1 2 3; do printf '%s ' "$(cat po/mail/*/new/*/*.ccm EXPORT.CCM 2>/dev/null | grep -ac "mark is <$i>")"; done
    printf '%s' "$(grep -ac 'mark is <4>' CCMAIL.UND 2>/dev/null)"
}
again() { rm -rf po CCMAIL.UND EXPORT.CCM said; cp -r first.po po; cp "${1:-first.ccm}" IMPORT.CCM; }

# sweep NAME COMMAND...: every call that the command makes once it is itself.
sweep() {
    local name=$1 errors="EIO ENOSPC EMFILE EINTR EAGAIN ENOMEM ESTALE EDQUOT" call n k=0 bad= runs=0 every=1 error i
    shift
    case $TEST_SIZE in quick) every=5 ;; normal) every=2 ;; esac
    strace -qq -o calls "$@" >/dev/null 2>&1
    while read -r call n; do
        k=$((k + 1))
        for error in $([ "$TEST_SIZE" = full ] && echo $errors || echo $errors | cut -d' ' -f$((k / every % 8 + 1))); do
            [ $((k % every)) = 0 ] || continue
            runs=$((runs + 1))
            prepare
            timeout 20 strace -qq -o /dev/null -e trace=$call -e inject=$call:error=$error:when=$n "$@" >said 2>&1
            i=$?
            [ $i -lt 124 ] || bad+="$call $n $error: ends with $i"$'\n'
            for i in 1 2 3; do [ ! -e IMPORT.CCM ] || import; done
            # What it left is finished by the next one.
            import /dev/null
            "$BIN/ccpo-export" "/NBob Example" /Dpo /@EXPORT.CCM >/dev/null 2>&1
            [ "$(found)$(names po/import)" = "1 1 1 1" ] || bad+="$call $n $error: $(found) $(names po/import | tr '\n' ' ')"$'\n'
        done
    done < <(awk -F'(' '{ n[$1]++ } begun && $1 !~ /^(exit_group|rt_sig|futex|mmap|munmap|brk|mprotect|clock|getpid)/ { print $1, n[$1] }
                        /"\/proc\/self\/cmdline"/ { begun = 1 }' calls)
    is "$name: $runs errors, each once" "$bad" ""
    [ $runs -gt 20 ] || fail "$name" "only $runs calls"
}
prepare() { again; }
again; sweep "import" "$BIN/ccpo-import" /NEX /Dpo /@IMPORT.CCM

# One that was killed once it had committed, and the next one meets the error.
again
(strace -qq -o /dev/null -e trace=renameat,renameat2 -e inject=renameat2:signal=KILL:when=3 "$BIN/ccpo-import" /NEX /Dpo /@IMPORT.CCM; exit 0) >/dev/null 2>&1
rm -rf dead; cp -r po dead; cp IMPORT.CCM dead.ccm
prepare() { rm -rf po CCMAIL.UND EXPORT.CCM; cp -r dead po; cp -p dead.ccm IMPORT.CCM; sed -i "s,^[0-9]* [0-9]* ,$(stat -c '%d %i' IMPORT.CCM) ," po/import/*/input; }
prepare; check "one that was killed: it is committed" sh -c 'ls po/import | grep -q "~"'
sweep "import, after one that was killed" "$BIN/ccpo-import" /NEX /Dpo /@IMPORT.CCM
