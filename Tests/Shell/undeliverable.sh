#!/bin/bash
# ccm-import and what a foreign IMPORT says of messages that it could not deliver: an entry of its undeliverable file is
# matched with its message however the post office has changed it, and one that fits no message is booked on none.
in_memory=yes
. "$(dirname "$0")/connector.lib"
programs ccm-import eml2ccm

# program TEXT: an IMPORT that takes its input, does that, and returns result code 5.
program() { printf '#!/bin/bash\n%s\nrm IMPORT.CCM; exit 5\n' "$1" >prog; chmod 755 prog; }
import() { LIMIT=30 run "$BIN/ccm-import" --quiet --retry 0 --post-office po --import-program "$tmp/prog" "$@" q; }
mkdir po; printf HUB >po/CCPOMBOX.000

# message NUMBER [DATE [TO [SUBJECT [FROM [TEXT]]]]]: one with sizes.
message() {
    local text item header
    printf -v text '\r\n\r\n%s\r\n\r\n' "${6:-The mark is <$1>.}"
    printf -v item 'Text item: \r\n%-11d\r\n%s' ${#text} "$text"
    printf -v header '%s\r\n' "From: ${5:-Ann Example$1 at HUB}" "Date: ${2:-6/2/98 8:39}" "To: ${3:-Bob Example$1 at INTERNET}" "Subject: ${4:-Number $1}"
    printf -v item '%sContents:\r\n%-11d\r\n%s\r\n\r\n' "$header" ${#item} "$item"
    printf 'Message:\r\n%-11d\r\n%s' ${#item} "$item"
}
three() { local i; rm -rf q; mkdir -p q/in; for i in 1 2 3; do message $i >q/in/m$i.ccm; done; }
# who: where each message is, and which have a report that tells of the right recipient.
who() {
    local i
    for i in 1 2 3; do printf '%s ' "$(cd q && ls -d {in,done,failed,quarantine}/m$i.ccm 2>/dev/null | tr '\n' ' ')"; done
    for i in q/results/*; do [ ! -e "$i" ] || printf '%s:%s ' "${i##*/}" "$(grep -aio 'Bob Example[0-9]' "$i" | sort -u | tr '\n' ' ')"; done
}
second='done/m1.ccm  failed/m2.ccm  done/m3.ccm  m2.eml:Bob Example2  '
aside='quarantine/m1.ccm  quarantine/m2.ccm  quarantine/m3.ccm  '
reason='***  Unknown recipient  ***'

# entry NAME WANTED: the undeliverable file comes from standard input.
entry() {
    local name=$1 wanted=$2
    three
    cat >und
    program "cp '$tmp/und' CCMAIL.UND"
    import
    is "$name" "$(who)" "$wanted"
    if [ "$wanted" = "$aside" ]; then
        check "$name: told, with where it is kept" \
            sh -c 'grep -h "\"id\":20041" q/log/*.jsonl | grep "result code 5" | grep -q "kept in .*\.und\|no reason"'
        is "$name: nothing is tried again" "$(import; cat q/log/*.out q/log/*.err 2>/dev/null; who)" "$wanted"
    fi
}

# ---- It is the same message, however the post office writes it.
{ printf '%s\r\n\r\n' "$reason"; message 2; } | entry "as it was" "$second"
has() { check "$1" grep -q "$2" q/failed/m2.ccm.report; }
has "as it was: told how" 'it is repeated as it was'
{ message 2; printf '%s\r\n' "$reason"; } | entry "reason behind" "$second"
{ printf '%s\r\n\r\n' "$reason"; message 2 '2/6/98 8:39'; } | entry "the day first" "$second"
has "the day first: told how" 'recognised by sender, subject, date (written otherwise), recipients, text'
{ printf '%s\r\n\r\n' "$reason"; message 2 '1998-06-02 08:39'; } | entry "the year first" "$second"
{ printf '%s\r\n\r\n' "$reason"; message 2 '06.02.1998 8:39AM'; } | entry "a date with AM" "$second"
{ printf '%s\r\n\r\n' "$reason"; message 2 '' '' '  NUMBER   2 ' 'ANN EXAMPLE2  AT  HUB'; } | entry "blanks and capitals" "$second"
{ printf '%s\r\n\r\n' "$reason"; message 2 '' 'Bob Example2' '' 'Ann Example2'; } | entry "without post offices" "$second"
{ printf '%s\r\n\r\n' "$reason"; message 2 '' 'Bob Example2 at IN' '' 'Ann Example2 at'; } | entry "cut names" "$second"
{ printf '%s\r\n\r\n' "$reason"; message 2 | sed 's/^Date:.*\r/Date: \r/'; } | entry "an empty date" "$second"
{ printf '%s\r\n\r\n' "$reason"; message 2 | tr -d '\r'; } | entry "other line ends" "$second"
{ printf '%s\r\n\r\n' "$reason"; message 2 | sed 's/The mark is <2>/Te mark is <2>/'; } | entry "a text that lost a byte" "$second"
{ printf '%s\r\n\r\n' "$reason"; message 2 | sed -n '1,/^Subject/p'; printf 'Contents:\r\n0          \r\n'; } | entry "the header only" "$second"
{ printf '%s\r\n\r\n' "$reason"; message 2; printf '\032'; } | entry "Ctrl-Z at the end" "$second"

# ---- It is none of them, or nobody knows which.
printf '%s\r\n\r\n' '***  Unknown recipient: Bob Example2 at INTERNET  ***' | entry "a reason only" "$aside"
printf '\r\n\032' | entry "blanks" "$aside"
: | entry "an empty file" "$aside"
garbage 7 4000 | entry "garbage" "$aside"
{ printf '%s\r\n\r\n' "$reason"; message 4 '1/1/90 1:00' 'Zed at NOWHERE' other 'Someone Else at HUB'; } | entry "another batch's" "$aside"
{ printf '%s\r\n\r\n' "$reason"; message 2 '6/2/98 8:40'; } | entry "another minute" "$aside"
{ printf '%s\r\n\r\n' "$reason"; message 2 '' 'Zed at INTERNET'; } | entry "another recipient" "$aside"
{ printf '%s\r\n\r\n' "$reason"; message 2 '' '' 'Number 22'; } | entry "another subject" "$aside"
{ printf '%s\r\n\r\n' "$reason"; message 2 '' '' '' 'Ann Example22 at HUB'; } | entry "another sender" "$aside"
{ printf '%s\r\n\r\n' "$reason"; message 2; printf '%s\r\n\r\n' "$reason"; message 4 '' 'Zed at NOWHERE'; } | entry "one that fits and one that does not" "$aside"
{ printf '%s\r\n\r\n' "$reason"; message 2; printf '%s\r\n\r\n' "$reason"; } | entry "cut off behind a reason" "$aside"
{ printf '%s\r\n\r\n' "$reason"; message 2; } >whole
for cut in 40 60 100 $(($(size whole) - 30)); do head -c $cut whole | entry "cut off at $cut" "$aside"; done

# ---- Several with one subject: what tells them apart is used, and what does not is not.
alike() { # FROM-FILE...: three messages with the same header
    rm -rf q; mkdir -p q/in
    for i in 1 2 3; do message $i '6/2/98 8:39' "$1" Mailing 'Ann Example at HUB' "$([ -n "${2:-}" ] && echo "$2" || echo "The mark is <$i>.")" >q/in/m$i.ccm; done
}
alike 'Bob Example2 at INTERNET'
{ printf '%s\r\n\r\n' "$reason"; message 2 '2/6/98 8:39' 'Bob Example2 at INTERNET' Mailing 'Ann Example at HUB'; } >und
program "cp '$tmp/und' CCMAIL.UND"; import
is "one header, three texts: by the text" "$(who)" "$second"
alike 'Bob Example2 at INTERNET'
{ printf '%s\r\n\r\n' "$reason"; message 2 '6/2/98 8:39' 'Bob Example2 at INTERNET' Mailing 'Ann Example at HUB' | sed -n '1,/^Subject/p'; printf 'Contents:\r\n0          \r\n'; } >und
import
is "one header, three texts, and none in the entry: nobody knows" "$(who)" "$aside"
alike 'Bob Example2 at INTERNET' 'Pump 3 has stopped.'
{ for i in 1 2; do printf '%s\r\n\r\n' "$reason"; message 2 '6/2/98 8:39' 'Bob Example2 at INTERNET' Mailing 'Ann Example at HUB' 'Pump 3 has stopped.'; done; } >und
import
is "three messages that are one, two entries: two fail" "$(names q/failed | grep -vc report) $(names q/done | grep -vc report) $(count q/results)" "2 1 2"

# ---- A file of several messages: it has one fate, and what fits none of them is booked on none.
several() { rm -rf q; mkdir -p q/in; for i in 1 2 3; do message $i; done >q/in/m1.ccm; }
several; { printf '%s\r\n\r\n' "$reason"; message 2 '2/6/98 8:39'; } >und; program "cp '$tmp/und' CCMAIL.UND"; import
is "one of a file: the others got through" "$(who)" "done/m1.ccm    m1.eml:Bob Example2  "
several; printf '%s\r\n\r\n' "$reason" >und; import
is "a file of three, and a reason only" "$(who)" "quarantine/m1.ccm    "
# A message that is alone is the one that a reason is about, but not another one.
rm -rf q; mkdir -p q/in; message 1 >q/in/m1.ccm; import
is "alone, a reason only" "$(who)" "failed/m1.ccm    m1.eml:Bob Example1  "
rm -rf q; mkdir -p q/in; message 1 >q/in/m1.ccm; { printf '%s\r\n\r\n' "$reason"; message 2; } >und; import
is "alone, another one's entry" "$(who)" "quarantine/m1.ccm    "
rm -rf q; mkdir -p q/in; message 1 >q/in/m1.ccm; head -c 100 whole | sed 's/Example2/Example1/' >und; import
is "alone, its entry cut off" "$(who)" "failed/m1.ccm    m1.eml:Bob Example1  "
# Each recipient is told of once, however often IMPORT says it.
rm -rf q; mkdir -p q/in; message 1 >q/in/m1.ccm; { for i in 1 2 3; do printf '%s\r\n\r\n' "$reason"; message 1; done; } >und; import
is "the same entry three times: one report" "$(who)" "failed/m1.ccm    m1.eml:Bob Example1  "

# ---- An IMPORT that refuses a second copy is asked again for each message alone.
cat >prog <<'SH'
#!/bin/bash
n=0
for i in 1 2 3; do
    grep -aq "mark is <$i>" IMPORT.CCM || continue
    n=$((n + 1))
    [ $i = 2 ] && code=5 && continue
    grep -qx $i taken 2>/dev/null || echo $i >>../../../taken
done
[ -z "${code:-}" ] || printf '***  Unknown recipient  ***\r\n\r\n' >CCMAIL.UND
rm IMPORT.CCM
exit ${code:-0}
SH
three; rm -f taken; import --import-reliable yes
is "a reason only, reliable: tried apart" "$(who)" "$second"
check "a reason only, reliable: told" grep -q '"id":20042' q/log/*.jsonl

leave
