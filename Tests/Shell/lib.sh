# Shared by the shell tests; each of them sources this file.
#
# A test prints one line a check (`ok NAME`, `not ok NAME: why`, `skip NAME: why`) and exits 0 unless it broke
# itself: the counting belongs to Tests/run. TEST_SIZE is quick, normal (default) or full. BIN holds the programs.
# Everything happens in $tmp, which is removed on exit; a test of thousands of small runs sets `in_memory` before, so
# that it does not wait for the disk that often.

set -u
export LC_ALL=C TZ=UTC
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BIN=$(realpath -m "${BIN:-$here/../../.build/release}")
TEST_SIZE=${TEST_SIZE:-normal}
ulimit -c 0

[ -n "${in_memory:-}" ] && [ -d /dev/shm ] && [ -w /dev/shm ] && TMPDIR=/dev/shm
tmp=$(mktemp -d "${TMPDIR:-/tmp}/ccmc-test.XXXXXX") || exit 1
trap 'chmod -R u+rwX "$tmp" 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
cd "$tmp" || exit 1

ok() { printf 'ok %s\n' "$1"; }
fail() { printf 'not ok %s: %s\n' "$1" "$(printf '%s' "$2" | tr '\n' '|' | tr -dc '\040-\176' | head -c 600)"; }
skip() { printf 'skip %s: %s\n' "$1" "$2"; }

# is NAME GOT WANTED: the two strings are equal.
is() { if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "got '$2', wanted '$3'"; fi; }

# among NAME GOT WANTED...: the string is one of those.
among() {
    local name=$1 got=$2 one
    shift 2
    for one; do [ "$got" = "$one" ] && { ok "$name"; return; }; done
    fail "$name" "got '$got', wanted one of: $*"
}

# check NAME COMMAND...: the command succeeds. What it prints is the reason when it does not.
check() {
    local name=$1 why
    shift
    if why=$("$@" 2>&1); then ok "$name"; else fail "$name" "${why:-$* failed}"; fi
}

# require NAME TOOL...: skips the rest of the script when a tool is absent.
require() {
    local name=$1 tool
    shift
    for tool; do command -v "$tool" >/dev/null || { skip "$name" "no $tool here"; exit 0; }; done
}

# programs NAME...: a program that was not built is a failure, and ends the script.
programs() {
    local one
    for one; do [ -x "$BIN/$one" ] || { fail "$one is built" "no $BIN/$one"; exit 0; }; done
}

# run COMMAND...: leaves `out`, `err` and $status. Never longer than two minutes (status 124).
run() { timeout -k 5 "${LIMIT:-120}" "$@" >"$tmp/out" 2>"$tmp/err"; status=$?; }

size() { stat -c %s -- "$1"; }

# An Internet message; its text holds `<NUMBER>`, which nothing else does.
eml() {
    printf '%s\r\n' "From: Ann Example <ann@example.org>" "To: Bob Example <bob@example.com>" \
        "Date: Tue, 2 Jun 1998 08:39:00 +0000" "Subject: Number $1" "Message-ID: <n$1@example.org>" "" \
        "The mark is <$1>." "${@:2}"
}

# The same as a .ccm message with sizes.
ccm() {
    local text item header
    printf -v text '\r\n\r\n%s\r\n\r\n' "The mark is <$1>."
    printf -v item 'Text item: \r\n%-11d\r\n%s' ${#text} "$text"
    printf -v header '%s\r\n' "From: Ann Example at HUB" "Date: 6/2/98 8:39" "To: Bob Example at HUBPO2" "Subject: Number $1"
    printf -v item '%sContents:\r\n%-11d\r\n%s\r\n\r\n' "$header" ${#item} "$item"
    printf 'Message:\r\n%-11d\r\n%s' ${#item} "$item"
}

# The same in an mbox.
mbox() { printf 'From ann@example.org Tue Jun  2 08:39:00 1998\n'; eml "$@" | tr -d '\r'; printf '\n'; }

# Bytes that mean nothing, the same for the same SEED: garbage SEED LENGTH
garbage() {
    local x=$1 i one all=
    for ((i = 0; i < $2; i++)); do
        x=$(((x * 1103515245 + 12345) & 0x7fffffff))
        printf -v one '\\x%02x' $((x >> 16 & 255))
        all+=$one
    done
    printf "$all"
}

# queue DIR COUNT: a new queue with messages m1.eml ... waiting.
queue() {
    local i
    rm -rf "$1"
    mkdir -p "$1/in"
    for ((i = 1; i <= $2; i++)); do eml "$i" >"$1/in/m$i.eml"; done
}

# The names in some directories (dot files not), a line each, without their directory: names DIR...
names() {
    local dir one
    for dir; do for one in "$dir"/*; do [ -e "$one" ] || [ -L "$one" ] && printf '%s\n' "${one##*/}"; done; done
}

count() { names "$@" | wc -l; }

# The invocations that left something in QUEUE/work, hidden ones too.
leftovers() {
    local one
    for one in "$1"/work/* "$1"/work/.[!.]*; do
        case ${one##*/} in strikes | attempts | deaths | known | '*' | '.[!.]*') ;; *) printf '%s ' "${one##*/}" ;; esac
    done
}

# accounted QUEUE COUNT: each of m1.eml ... lies in one fate and nowhere else; it has one result if it is done and
# none if it is not. Prints what is wrong. Set `all_done` to allow no other fate than done.
accounted() {
    local q=$1 i one dir n r
    local -A where=() results=()
    for dir in in done failed quarantine; do
        for one in "$q/$dir"/m*.eml; do
            [ -e "$one" ] || continue
            one=${one##*/}; one=${one%.eml}
            where[${one%~*}]+="$dir "
        done
    done
    for one in "$q"/results/m*.ccm; do
        [ -e "$one" ] || continue
        one=${one##*/}; one=${one%.ccm}
        results[${one%~*}]=$((${results[${one%~*}]:-0} + 1))
    done
    for ((i = 1; i <= $2; i++)); do
        n=${where[m$i]:-} r=${results[m$i]:-0}
        case $n:$r in
            "done :1") ;;
            "failed :0" | "quarantine :0") [ -z "${all_done:-}" ] || echo "m$i: in $n" ;;
            *) echo "m$i: originals in: ${n:-no place }and $r results" ;;
        esac
    done
    one=$(leftovers "$q")
    [ -z "$one" ] || echo "left in work: $one"
}

# kept QUEUE COUNT: at any instant each of m1.eml ... lies in exactly one place (in, work, a fate). Prints what is wrong.
kept() {
    local i n
    local -A seen=()
    while IFS= read -r i; do seen[$i]=$((${seen[$i]:-0} + 1)); done < <(
        find "$1"/in "$1"/done "$1"/failed "$1"/quarantine -name 'm*.eml' -printf '%f\n' 2>/dev/null
        find "$1"/work -name 'm*.eml' ! -path '*/out/*' -printf '%f\n' 2>/dev/null)
    for ((i = 1; i <= $2; i++)); do
        n=${seen[m$i.eml]:-0}
        [ "$n" = 1 ] || echo "m$i.eml is in $n places"
    done
}

# json FILE...: every line is a JSON value. A pattern that met no file counts for nothing.
json() { python3 -c 'import json,sys
for f in sys.argv[1:]:
    if "*" in f: continue
    for n, l in enumerate(open(f, "rb"), 1):
        try: json.loads(l)
        except ValueError as e: sys.exit("%s:%d: %s" % (f, n, e))' "$@"; }

# leave: keeps the queues of this test, as they are, in the directory that LEFT names, for ccm-audit to look at.
leave() {
    local q
    [ -n "${LEFT:-}" ] || return 0
    mkdir -p "$LEFT"
    for q in */; do
        q=${q%/}
        if [ -d "$q/in" ] && [ -d "$q/work" ] && [ -d "$q/done" ]; then cp -a "$q" "$LEFT/$(basename "$0" .sh).$q"; fi
    done
}
