#!/bin/bash
# The embedded post office from outside: ccpo-init, ccpo-import and ccpo-export, their result codes, files and texts.
in_memory=yes
. "$(dirname "$0")/lib.sh"
programs ccpo-init ccpo-import ccpo-export
export CCPO_NO_SYNC=1 CCPO_LOCK_WAIT=0.2

# message NUMBER HEADER-LINE...: a .ccm message with these lines besides From, Date and Subject.
message() {
    local number=$1 lines= text item header
    shift
    [ $# = 0 ] || printf -v lines '%s\r\n' "$@"
    printf -v text '\r\n\r\n%s\r\n\r\n' "The mark is <$number>."
    printf -v item 'Text item: \r\n%-11d\r\n%s' ${#text} "$text"
    printf -v header 'From: Ann at HUB\r\nDate: %s\r\n%sSubject: Number %s\r\n' "${date:-6/2/98 8:39}" "$lines" "$number"
    printf -v item '%sContents:\r\n%-11d\r\n%s\r\n\r\n' "$header" ${#item} "$item"
    printf 'Message:\r\n%-11d\r\n%s' ${#item} "$item"
}
marks() { cat "$@" /dev/null | sed -n 's/^The mark is <\(.*\)>.*/\1/p' | tr '\n' ' '; }
# box FOLDER: the numbers of the messages of a mailbox.
box() { marks $(find "po/mail/$1/new" -name '*.ccm' 2>/dev/null | sort); }
import() { run "$BIN/ccpo-import" /NHUB /Dpo /@in.ccm /ITEMSIZE "$@"; }
export_() { run "$BIN/ccpo-export" "$@"; }
new() {
    rm -rf po CCMAIL.UND
    "$BIN/ccpo-init" --name HUB --user "Okafor, Ben" --user Ann --user Ruth --remote INTERNET --remote HUBPO2 \
        --alias "Boss=Okafor, Ben" --list "All=Ann; Boss; Ann; All; Jeff <jeff@example.com> at INTERNET" \
        --list "Nobody=" --list "Bad=Ann;Stranger" --board Social po
}

# ---- ccpo-init
check "ccpo-init makes a post office" new
is "it has the file that the connector looks for" "$(names po | grep '^CCPOMBOX\.')" CCPOMBOX.000
before=$(find po | sort; cat po/directory)
check "ccpo-init again changes nothing" "$BIN/ccpo-init" --name hub --user ANN --remote internet --list "All=Ruth" po
is "ccpo-init again: the same files and directory" "$(find po | sort; cat po/directory)" "$before"
run "$BIN/ccpo-init" --name OTHER po; is "another name is refused" $status 78
run "$BIN/ccpo-init" fresh; is "a new post office needs a name" $status 64
run "$BIN/ccpo-init" --alias "Ann=Ruth" po; is "a name of another kind is refused" $status 65
run "$BIN/ccpo-init"; is "no directory" $status 64
printf 'Name: Doe, John\r\nLocn: L\r\nAddr: INTERNET "John Doe" <jdoe@example.com>\r\nCmts: Networking SIG\r\nName: FAR\r\nLocn: p\r\nAddr: HUBPO2\r\nCmts:\r\n' >dir
check "ccpo-init --directory" "$BIN/ccpo-init" --directory dir po

# ---- Addresses
address() {
    local name=$1 line=$2 code=$3 want=$4 folder
    new; "$BIN/ccpo-init" --directory dir po
    message 1 "$line" >in.ccm
    import
    is "$name: result code" $status "$code"
    is "$name: mailboxes" "$(for folder in po/mail/*; do [ -z "$(box "${folder##*/}")" ] || echo "${folder##*/}"; done | tr '\n' ' ')" "$want"
}
address "name at this post office" "To: Okafor, Ben at HUB" 0 "okafor=2C_ben "
address "name alone, any case" "To: aNN" 0 "ann "
address "First Last finds Last, First" "To: Ben Okafor at hub" 0 "okafor=2C_ben "
address "leading comma and quotes" 'To: ,"Okafor, Ben" at HUB' 0 "okafor=2C_ben "
address "alias" "To: boss" 0 "okafor=2C_ben "
address "list in itself, each once" "To: All" 0 "ann internet okafor=2C_ben "
address "another post office" 'To: "Jeff Grewal" <jeff@example.com> at INTERNET' 0 "internet "
address "indirect post office" "To: Somebody at FAR" 0 "hubpo2 "
address "user of another post office" "To: John Doe" 0 "internet "
address "bulletin board" "To: #Social at HUB" 0 "=23social "
address "a board elsewhere" "To: #Social at HUBPO2" 0 "hubpo2 "
address "~PO" "To: ~HUBPO2" 0 "hubpo2 "
address "several on a line" "To: Ann at HUB, Ruth at HUB, Jeff at INTERNET" 0 "ann internet ruth "
address "unknown recipient" "To: Stranger at HUB" 5 ""
address "unknown post office" "To: Ann at NOWHERE" 5 ""
address "list without members" "To: Nobody" 5 ""
address "path as a name" "To: ../../../etc at HUB" 5 ""

# ---- Bcc (Q181125, Q243184)
new
message 1 "To: Ann" "bcc: Ruth" "bcc: Boss at HUB, jeff@example.com at INTERNET" >in.ccm
import
is "bcc: result code" $status 0
is "bcc: To's copy has none" "$(grep -c '^bcc' po/mail/ann/new/*/*.ccm)" 0
is "bcc: each has its own" "$(grep -h '^bcc' po/mail/ruth/new/*/*.ccm po/mail/internet/new/*/*.ccm po/mail/okafor*/new/*/*.ccm | tr -d '\r' | tr '\n' '|')" \
    "bcc: Ruth|bcc: jeff@example.com at INTERNET|bcc: Boss at HUB|"
[ -x "$BIN/ccmcheck" ] && for one in po/mail/*/new/*/*.ccm; do
    # A hidden recipient may be the only one.
    is "bcc: the sizes are right" "$("$BIN/ccmcheck" "$one" | grep -v no-recipient)" ""
done
message 2 "To: All" >in.ccm
import
is "members elsewhere are named to their post office" "$(grep -h '^bcc' $(grep -l '<2>' po/mail/internet/new/*/*.ccm) | tr -d '\r')" "bcc: Jeff <jeff@example.com> at INTERNET"

# ---- Undeliverable
new
{ message 1 "To: Ann" "To: Stranger" "cc: X at NOWHERE"; message 2 "To: Ruth"; } >in.ccm
cp in.ccm kept
printf '%s\n' '0 a mailing' >ids; export CCM_DELIVERIES=ids
import
is "without /PARTIAL: result code" $status 5
is "without /PARTIAL: nobody gets the bad message, others get the good one" "$(box ann)|$(box ruth)" "|2 "
{ printf '***  Unknown recipient: Stranger  ***\r\n***  Unknown post office: X at NOWHERE  ***\r\n\r\n'; message 1 "To: Ann" "To: Stranger" "cc: X at NOWHERE"; } >wanted
check "CCMAIL.UND holds the reasons and the message" cmp CCMAIL.UND wanted
check "the input is removed" test ! -e in.ccm
check "the console says the code" grep -q 'IMPORT process ended with error: 5' out
cp kept in.ccm; import /PARTIAL
is "/PARTIAL: result code" $status 5
is "/PARTIAL: the others get it, and nothing comes twice" "$(box ann)|$(box ruth)" "1 |2 "
is "CCMAIL.UND is appended to" "$(grep -c '^\*\*\*' CCMAIL.UND)" 4
check "what is refused is said" grep -q 'delivered before' out
unset CCM_DELIVERIES
rm CCMAIL.UND
date=13/25/98-noon message 3 "To: Ann" >in.ccm; import /PARTIAL
is "a date that is none" "$status $(sed -n 1p CCMAIL.UND | tr -d '\r')" "5 ***  Unknown Date Format  ***"
rm CCMAIL.UND
date='25/12/98 8:00' message 4 "To: Ann" >in.ccm; import /DATE/1
is "a date in another order than /DATE (Q180641)" "$status $(sed -n 1p CCMAIL.UND | tr -d '\r')" "5 ***  Unknown Date Format  ***"
rm CCMAIL.UND
date='25/12/98 8:00' message 4 "To: Ann" >in.ccm; import /DATE/2
is "the same in the right order" $status 0
message 5 "To: Ann" "To: Ruth" "To: Boss" >in.ccm
CCPO_HEADER_LIMIT=75 import /PARTIAL
is "recipients behind the limit of the header (Q166499)" "$status $(grep '^\*' CCMAIL.UND | tr -d '\r' | tr '\n' '|')" \
    "5 ***  Header Buffer Full: Ruth  ***|***  Header Buffer Full: Boss  ***|"
rm CCMAIL.UND
message 6 >in.ccm; import
is "no recipient" "$status $(sed -n 1p CCMAIL.UND | tr -d '\r')" "5 ***  No recipient  ***"

# ---- What is no message: nothing is delivered, the input stays
for bad in empty garbage half noise; do
    new
    case $bad in
        empty) : >in.ccm ;;
        garbage) garbage 5 400 >in.ccm ;;
        half) { message 1 "To: Ann"; printf 'Message:\r\nFrom: Ann\r\nTo: Ann\r\nSubject: lost\r\n'; } >in.ccm ;;
        noise) { message 1 "To: Ann"; echo "C:\\> something went wrong here"; message 2 "To: Ann"; } >in.ccm ;;
    esac
    import /PARTIAL
    is "$bad: result code" $status 1
    is "$bad: nothing is delivered" "$(box ann)$(ls po/import)" ""
    check "$bad: the input stays" test -e in.ccm
done
rm in.ccm; import; is "no input" $status 1

# ---- The whole way
new
{ message 1 "To: Ann"; message 2 "To: Ann" "bcc: Ruth"; message 3 "To: Ann"; } >in.ccm
{ message 1 "To: Ann"; message 2 "To: Ann"; message 3 "To: Ann"; } >wanted
import
export_ '/MSG#' /NAnn /Dpo
is "/MSG#: the list" "$(cut -f 2- out | tr -d '\r' | head -n 1)" "6/2/98 8:39	Ann at HUB	Number 1"
number=$(cut -f 1 out | sed -n 2p)
export_ /NAnn /Dpo /@out.ccm /ITEMSIZE /FORMAT/FAN /BATCH /FILES/MACBIN2
is "export: result code" $status 0
check "export: the same bytes come out" cmp out.ccm wanted
check "export: the console" grep -q 'Exporting messages in mailbox "Ann" to file out.ccm' out
is "export: nothing is left" "$(box ann)$(find po/mail/ann/new po/mail/ann/out -mindepth 1)" ""
rm out.ccm; export_ /NAnn /Dpo /@out.ccm /ITEMSIZE
is "export: nothing there" "$status $(ls out.ccm 2>/dev/null)" "0 "
for i in 1 2 3 4 5; do message 9$i "To: Ann"; done >in.ccm; import
: >out.ccm; export_ /NAnn /Dpo /@out.ccm /ITEMSIZE
is "export: a file that is there is not touched" "$status $(size out.ccm) $(box ann)" "1 0 91 92 93 94 95 "
rm out.ccm; export_ /NAnn /Dpo /@out.ccm /ITEMSIZE /MSGS/2
is "/MSGS/2: the two oldest" "$(marks out.ccm)|$(box ann)" "91 92 |93 94 95 "
export_ '/MSG#' /NAnn /Dpo; number=$(cut -f 1 out | sed -n 2p)
export_ /NAnn /Dpo "/DELETE/$number"
is "/DELETE: it is not exported any more, and kept" "$status|$(box ann)|$(marks po/mail/ann/cur/*)" "0|93 95 |94 "
export_ /NAnn /Dpo /DELETE/999999; is "/DELETE of none" $status 1
rm out.ccm; export_ --mailbox=Ann --post-office po --file out.ccm --item-size --messages=all
is "long options" "$status $(marks out.ccm)" "0 93 95 "
export_ /NHUB /Dpo /DIRECTORY/PROPADD
is "/DIRECTORY/PROPADD: the order" "$(sed -n 's/^Locn: //p' out | tr -d '\r\n')" "PPLLLAMMMB"

# ---- Both dialects
new
printf 'Message:\r\nFrom: Ann\r\nDate: 6/2/98 8:39\r\nTo: Ruth\r\nSubject: Plain\r\nContents:\r\nText item: \r\n\r\n\r\nOne\r\n  Message:\r\n Text item: x\r\nLast\r\n\r\nFile item: A.DAT\r\n0041FF0D0A\r\n\r\n\r\n' >in.ccm
cp in.ccm plain
import
is "plain dialect: result code" $status 0
export_ /NRuth /Dpo /@out2.ccm
check "plain dialect: the same bytes come out" cmp out2.ccm plain

# ---- Result codes
new
message 1 "To: Ann" >in.ccm
run "$BIN/ccpo-import" /NHUB /Dpo; is "no file: bad command line" $status 2
import /NONSENSE; is "a mailbox that is not known" $status 3
import /TURBO; is "an unknown switch" $status 2
run "$BIN/ccpo-import" /NHUB /Dnowhere /@in.ccm; is "no post office" $status 3
mkdir not; run "$BIN/ccpo-import" /NHUB /Dnot /@in.ccm; is "not a post office" $status 3
: >po/CCPODOWN; import
is "CCPODOWN" "$status $(grep -c 'Post office is temporarily shut down.' out)" "4 1"
export_ /NAnn /Dpo /@out3.ccm; is "CCPODOWN: export" $status 4
rm po/CCPODOWN
flock po/lock -c "'$BIN/ccpo-import' /NHUB /Dpo /@in.ccm >out"; is "the lock is held" $? 4
flock -s po/lock -c "'$BIN/ccpo-import' /NHUB /Dpo /@in.ccm >out"; is "the lock is shared" $? 0
echo secret >pw; "$BIN/ccpo-init" --password-file pw po
is "password: its file" "$(stat -c %a po/password)$(grep -c secret po/password)" 6000
message 2 "To: Ann" >in.ccm
import; is "no password" $status 3
import /Pwrong; is "wrong password" $status 3
import /Psecret; is "right password" $status 0
message 3 "To: Ann" >in.ccm
CCM_PASSWORD=secret import; is "password in the environment" $status 0
message 4 "To: Ann" >in.ccm
run "$BIN/ccpo-import" --name=hub --password-file=pw --post-office=po --file=in.ccm --item-size --partial --batch --files=macbin2
is "import with long options" $status 0
for one in /? --help --version; do
    run "$BIN/ccpo-import" $one; is "ccpo-import $one" $status 0
    run "$BIN/ccpo-export" $one; is "ccpo-export $one" $status 0
done

# ---- Everything at once
case $TEST_SIZE in quick) n=20 ;; *) n=60 ;; esac
new
for i in $(seq $n); do message $i "To: Ann" "cc: Ruth"; done >same
for i in 1 2 3 4 5 6 7 8; do
    mkdir -p run$i
    cp same run$i/same.ccm
    for j in $(seq $n); do message $i.$j "To: Ann"; done >run$i/own.ccm
done
for i in 1 2 3 4 5 6 7 8; do
    # One delivery, handed over eight times, and one of its own.
    { CCM_DELIVERIES=ids CCPO_LOCK_WAIT=30 "$BIN/ccpo-import" /NHUB /Dpo "/@run$i/same.ccm" /ITEMSIZE &&
        CCPO_LOCK_WAIT=30 "$BIN/ccpo-import" /NHUB /Dpo "/@run$i/own.ccm" /ITEMSIZE; } >run$i/out 2>&1 || echo "import $i" >>trouble &
done
for i in 1 2 3 4; do
    for j in $(seq 12); do
        CCPO_LOCK_WAIT=30 "$BIN/ccpo-export" /NAnn /Dpo "/@got$i.$j.ccm" /ITEMSIZE /MSGS/7 >>got$i.log 2>&1 || echo "export $i.$j" >>trouble
    done &
done
wait
is "everything at once: all programs end well" "$(cat trouble 2>/dev/null)" ""
"$BIN/ccpo-export" /NAnn /Dpo /@rest.ccm /ITEMSIZE >out
is "everything at once: Ann has each message once" "$(marks got*.ccm rest.ccm | tr ' ' '\n' | sed '/^$/d' | sort | md5sum)" \
    "$({ seq $n; for i in 1 2 3 4 5 6 7 8; do seq -f "$i.%.0f" $n; done; } | sort | md5sum)"
is "everything at once: Ruth has each message once" "$(box ruth | tr ' ' '\n' | sed '/^$/d' | sort -n | tr '\n' ' ')" "$(seq $n | tr '\n' ' ')"
is "everything at once: nothing is left" "$(ls po/import)$(ls run*/*.ccm 2>/dev/null)$(find po/mail/ann/out -mindepth 1)" ""

# ---- A flat Maildir of somebody else's
new
mkdir -p po/mail/ann/new
for i in $(seq 1200); do message $i "To: Ann" >"po/mail/ann/new/$(printf '%010d.M1P1.host' $((900000000 + i)))"; done
export_ /NAnn /Dpo /@flat1.ccm /ITEMSIZE /MSGS/1100
export_ /NAnn /Dpo /@flat2.ccm /ITEMSIZE
is "a flat Maildir: all of it, in its order" "$(marks flat1.ccm flat2.ccm | md5sum)" "$(seq 1200 | tr '\n' ' ' | md5sum)"
