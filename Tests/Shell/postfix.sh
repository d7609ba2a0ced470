#!/bin/bash
# Samples/postfix: a Postfix of its own, on a port of this machine, that puts mail into a queue and takes the results;
# and both scripts by themselves, killed, tried again, and in several runs at a time.
. "$(dirname "$0")/lib.sh"
PATH=$PATH:/usr/sbin:/usr/lib/postfix/sbin
programs ccm-convert ccm2eml
require "postfix" python3 flock setsid sha256sum
samples=$(realpath "$here/../../Samples/postfix")
pipe=$samples/ccmc-pipe send=$samples/ccmc-send

# ---- ccmc-pipe by itself.

message() { printf '%s\n' "From: ann@example.org" "X-Receiver: forged@example.com" "return-path: <forged@example.com>" "Subject: $1" "" "X-Sender: text"; }
# pipes NUMBER ARGUMENT...: that message through ccmc-pipe.
pipes() { message "$1" >message; shift; run "$pipe" "$@" <message; }
mkdir -p p/in
pipes 1 -i AB12 p ann@example.org ben@example.com 'o"k@example.com' ben@example.com
is "pipe: exit status" "$status $(cat err)" "0 "
name=$(names p/in)
is "pipe: name" "$(sed 's/-[0-9a-f]\{32\}\.eml$//' <<<"$name")" AB12
is "pipe: the message with its envelope" "$(tr '\n' '|' <"p/in/$name")" 'X-Sender: ann@example.org|X-Receiver: ben@example.com|X-Receiver: o"k@example.com|Return-Path: <ann@example.org>|From: ann@example.org|Old-X-Receiver: forged@example.com|Old-return-path: <forged@example.com>|Subject: 1||X-Sender: text|'
is "pipe: one name" "$(stat -c %h "p/in/$name")" 1
pipes 1 -i AB12 p ann@example.org 'o"k@example.com' ben@example.com
is "pipe: tried again, it is there" "$status $(count p/in)" "0 1"
rm "p/in/$name"
pipes 1 -i AB12 p ann@example.org ben@example.com 'o"k@example.com'
is "pipe: tried again, it was consumed" "$status $(count p/in)" "0 0"
pipes 2 -i AB12 p ann@example.org ben@example.com 'o"k@example.com'
is "pipe: a queue ID that is used again for another message" "$status $(count p/in)" "0 1"
rm p/in/*
for i in 1 2; do pipes 1 p '' ben@example.com; done
is "pipe: without a queue ID every call counts" "$status $(count p/in)" "0 2"
is "pipe: the null sender" "$(cat p/in/* | grep -c -e '^X-Sender: <>$' -e '^Return-Path: <>$')" 4
{ printf 'Subject: x\r\n\r\n'; garbage 3 5000; } >raw
run "$pipe" -i RAW p a@example.org b@example.org <raw
is "pipe: bytes of the text" "$(tail -c 5000 p/in/RAW-* | cksum)" "$(tail -c 5000 raw | cksum)"
pipes 1 -i X nowhere a@example.org b@example.org
is "pipe: no queue" $status 75
pipes 1 -i ../X p a@example.org b@example.org
is "pipe: a queue ID that is none" $status 75
pipes 1 -i X p a@example.org
is "pipe: no recipient" $status 75
pipes 1 -i X p a@example.org $'b@example.org\nX-Receiver: c@example.org'
is "pipe: a line end in an address" $status 65
bash -c 'ulimit -f 0; trap "" XFSZ; exec "$@"' full "$pipe" -i FULL p a@example.org b@example.org <message >/dev/null 2>&1
is "pipe: a file that cannot be written" $? 75
is "pipe: nothing came of these" "$(names p/in | grep -c -v -e RAW -e '^2')" 0
# The caller dies in the middle: what came so far is not a message.
mkfifo gate
bash -c '{ message=$(printf "From: a@example.org\n\nhalf a"); printf %s "$message"; exec sleep 300; } >gate & echo $! >feeder
    exec 5<gate; '"$pipe"' -i HALF p a@example.org b@example.org <&5 & echo $! >half; exec 5<&-; sleep 300' &
caller=$!
for ((i = 0; i < 50; i++)); do [ -s half ] && [ -s feeder ] && break; sleep 0.1; done
sleep 0.5
kill -KILL $caller; wait $caller 2>/dev/null
kill "$(cat feeder)"
for ((i = 0; i < 50; i++)); do [ -d "/proc/$(cat half)" ] || break; sleep 0.1; done
is "pipe: a message that was cut off is not taken" "$(names p/in | grep -c HALF)" 0

# Killed before and after each of its commands, and then tried again: there once, also when it was consumed in between.
# A command that is found in shim counts, and ends the whole group of the script, as a time limit of Postfix does.
mkdir shim
for one in mktemp sort sed sync sha256sum mkdir flock stat mv ln rm find; do
    printf '#!/bin/sh\nn=$(($(cat "$COUNT") + 1)); echo $n >"$COUNT"\n[ "$AT" != "before $n" ] || kill -KILL 0\n%s "$@"\nstatus=$?\n[ "$AT" != "after $n" ] || kill -KILL 0\nexit $status\n' \
        "$(command -v $one)" >shim/$one
done
chmod +x shim/*
export COUNT=$tmp/count
wrong= killed=0
for at in {before,after}\ {1..20}; do
    rm -rf k; mkdir -p k/in; echo 0 >count
    message 1 >message
    AT=$at PATH=$tmp/shim:$PATH setsid -w "$pipe" -i K k a@example.org b@example.org <message >out 2>&1
    [ $? = 0 ] || killed=$((killed + 1))
    taken=$(names k/in)
    [ -z "$taken" ] || ((${at#* } % 2)) || mv "k/in/$taken" k/consumed
    "$pipe" -i K k a@example.org b@example.org <message >out 2>&1 || wrong+="$at: $(cat out) "
    case "$(names k/in k)" in K-*.eml$'\n'in | consumed$'\n'in) ;; *) wrong+="$at: $(names k/in k | tr '\n' ' ')" ;; esac
    [ -z "$(find k/in/.pipe -name 'K-*.eml')" ] || wrong+="$at: left $(ls k/in/.pipe) "
done 2>killed
check "pipe: killed at its commands: it was" [ $killed -gt 20 ]
is "pipe: killed at its commands and tried again: once" "$wrong" ""

# ---- ccmc-send by itself, with a sendmail that notes what it gets.

cat >sendmail <<'END'
#!/bin/bash
n=$(mktemp "$BOX/XXXXXXXX")
printf '%s\n' "$@" >"$n"; cat >"$n.text"
[ ! -e "$BOX/slow" ] || sleep 2
exit "$(sed -n 's/^Exit: \([0-9]*\)\r*$/\1/p' "$n.text" | grep . || echo 0)"
END
chmod +x sendmail
export BOX=$tmp/box
sends() { run "$send" r -- "$tmp/sendmail"; }
one() { printf '%s\r\n' "From: =?utf-8?Q?J=C3=B6rg?=" " <joerg@example.org>" "To: ben@example.com" "Message-ID: <n$1@example.org>" "${@:2}" "" "The mark is <$1>."; }
fresh() { rm -rf r r.send box; mkdir r box; }
fresh
one 1 >r/a.eml
if unshare -m true 2>/dev/null; then
    mkdir volume r.send
    unshare -m bash -c 'mount --bind volume r.send && exec "$0" r -- ./sendmail' "$send" >out 2>&1
    among "send: its folders are on another mount of the file system" "$? $(names r volume | tr '\n' ' ')" "73 a.eml failed sent unsure work "
fi
sends
is "send: exit status" "$status $(tail -n 1 err)" "0 ccmc-send: 1 sent, 0 failed, 0 unsure, 0 to be tried again"
is "send: the sender is the author" "$(names r.send/sent) $(cat box/???????? | tr '\n' ' ')" "a.eml -i -f joerg@example.org -t "
is "send: the message as it is" "$(cat box/*.text | cksum)" "$(cksum <r.send/sent/a.eml)"
check "send: the log" grep -q ' 0 sent a.eml <n1@example.org> ' r.send/log
one 2 >r/a.eml; echo no mail >r/b.txt
sends
is "send: no file is replaced, others are left alone" "$(names r.send/sent | tr '\n' ' ')$(names r)" "a.eml a~2.eml b.txt"
fresh
{ printf 'X-Sender: <>\nX-Receiver: <ben@example.com>\nX-Receiver: -oX@example.com\nReturn-Path: <>\n'; one 1; } >r/a.eml
sends
is "send: a given envelope" "$(cat box/???????? | tr '\n' ' ')" "-i -f  -- ben@example.com -oX@example.com "
is "send: a given envelope is taken off" "$(head -n 1 box/*.text | tr -d '\r')" "From: =?utf-8?Q?J=C3=B6rg?="
fresh
one 1 'Content-Type: multipart/report; boundary=x' >r/a.eml
sends
is "send: a report has the null sender" "$(cat box/???????? | tr '\n' ' ')" "-i -f  -t "
fresh
for i in 64 75 67 1 137; do one $i "Exit: $i" >r/$i.eml; done
sends
is "send: refused, later, killed" "$status $(names r.send/failed | tr '\n' ' ')+ $(names r | tr '\n' ' ')+ $(names r.send/unsure | tr '\n' ' ')" "65 64.eml 64.eml.report 67.eml 67.eml.report + 1.eml 75.eml + 137.eml 137.eml.report "
fresh
for i in 1 2 3 4 5 6 7; do one $i "Exit: 75" >r/$i.eml; done
sends
is "send: the end after five that cannot go now" "$status $(names box | grep -c text) $(count r)" "75 5 7"
touch -d '6 days ago' r/*.eml
sends
is "send: after 5 days it has failed" "$status $(count r) $(count r.send/failed)" "0 0 14"
one 1 >r/a.eml
run "$send" r -- "$tmp/none"; is "send: no such command" "$status $(count r)" "75 1"
run "$send" none; is "send: no such directory" $status 66
run "$send"; is "send: usage" $status 64

# Four runs at a time.
fresh
for i in {1..60}; do one $i >r/m$i.eml; done
for i in 1 2 3 4; do "$send" -q r -- "$tmp/sendmail" & done
wait
is "send: four runs: each message once" "$(cat box/*.text | grep -c 'The mark') $(cat box/*.text | grep 'The mark' | sort -u | wc -l) $(count r.send/sent) $(count r r.send/work)" "60 60 60 0"

# The script dies, its sendmail goes on; then both die.
fresh
one 1 >r/a.eml; : >box/slow
"$send" -q r -- "$tmp/sendmail" & victim=$!
for ((i = 0; i < 50; i++)); do [ "$(names box | grep -c text)" = 1 ] && break; sleep 0.1; done
kill -KILL $victim; wait $victim 2>/dev/null
sends
is "send: sendmail goes on without its run: left alone" "$status $(count r.send/sent r.send/unsure) $(names r.send/work/*/hand | head -n 1)" "0 0 a.eml"
sleep 2.5
sends
is "send: sendmail has ended since: what it said counts" "$status $(names r.send/sent) $(names box | grep -c text) $(count r.send/work)" "0 a.eml 1 0"
fresh
one 1 >r/a.eml; one 2 >r/b.eml; : >box/slow
setsid "$send" -q r -- "$tmp/sendmail" & victim=$!
for ((i = 0; i < 50; i++)); do [ "$(names box | grep -c text)" = 1 ] && break; sleep 0.1; done
all=$(lsof -t +D r.send/work 2>/dev/null; pgrep -f "$tmp/sendmail")
kill -KILL $victim $all 2>/dev/null; wait $victim 2>/dev/null
rm box/slow
sends
is "send: all of a run died: that message is unsure, the other one is sent" "$status $(count r) $(names r.send/unsure r.send/sent | tr '\n' ' ' | sed 's/[ab]\.eml/X/g') $(names box | grep -c text)" "65 0 X X.report X  2"
sends
is "send: and stays so" "$status $(names box | grep -c text)" "0 2"

# Killed before and after each of its commands, and run again: each message is sent once, or it is unsure.
for one in mktemp mkdir find flock mv rm rmdir sync head awk tr setsid sed date cat; do
    printf '#!/bin/sh\nn=$(($(/bin/cat "$COUNT") + 1)); echo $n >"$COUNT"\n[ "$AT" != "before $n" ] || kill -KILL 0\n%s "$@"\nstatus=$?\n[ "$AT" != "after $n" ] || kill -KILL 0\nexit $status\n' \
        "$(command -v $one)" >shim/$one
done
chmod +x shim/*
session=$(command -v setsid) wrong= killed=0 lost=0
case $TEST_SIZE in quick) step=5 ;; normal) step=3 ;; *) step=1 ;; esac
for ((n = 1; n <= 40; n += step)); do
    for at in before after; do
        fresh
        one 1 >r/a.eml; one 2 >r/b.eml; echo 0 >count
        AT="$at $n" PATH=$tmp/shim:$PATH $session -w "$send" -q r -- "$tmp/sendmail" >out 2>&1 || killed=$((killed + 1))
        "$send" -q r -- "$tmp/sendmail" >out 2>&1
        "$send" -q r -- "$tmp/sendmail" >out 2>&1 || wrong+="$at $n: the third run: $(cat out) "
        for one in 1:a 2:b; do
            times=$(cat box/*.text 2>/dev/null | grep -c "mark is <${one%:*}>")
            where=$(cd r.send && echo $(ls {sent,unsure,failed}/${one#*:}.eml 2>/dev/null; ls ../r/${one#*:}.eml 2>/dev/null))
            case $where:$times in sent/?.eml:1) ;; unsure/?.eml:[01]) lost=$((lost + 1)) ;; *) wrong+="$at $n: $where, $times times " ;; esac
        done
        [ -z "$(names r.send/work)" ] || wrong+="$at $n: left over $(names r.send/work) "
    done
done 2>killed
check "send: killed at its commands: it was, and little is unsure" [ $killed -gt $((30 / step)) -a $lost -lt $((killed / 2)) ]
is "send: killed at its commands and run again: once" "$wrong" ""

# ---- With a Postfix.

require "a Postfix of its own" postfix smtp-sink
[ "$(id -u)" = 0 ] || { skip "a Postfix of its own" "only root can start one"; exit 0; }
id postfix >/dev/null 2>&1 && getent group postdrop >/dev/null || { skip "a Postfix of its own" "no user postfix"; exit 0; }
chmod 711 "$tmp"
read -r port sink < <(python3 -c 'import socket
s = [socket.socket() for i in range(2)]
for i in s: i.bind(("127.0.0.1", 0))
print(*[i.getsockname()[1] for i in s])')
conf=$tmp/postfix
mkdir -p "$conf" "$tmp/spool" "$tmp/data" "$tmp/bin" "$tmp/sunk" "$tmp/q/in"
chown postfix "$tmp/data"
chown -R nobody "$tmp/q"
chmod 777 "$tmp/sunk"
cp "$pipe" "$tmp/bin/"
{
    cat "$samples/main.cf"
    cat <<END
compatibility_level = 3.6
queue_directory = $tmp/spool
data_directory = $tmp/data
maillog_file = $tmp/maillog
maillog_file_prefixes = $tmp
myhostname = mail.example.net
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
alias_database =
relayhost = [127.0.0.1]:$sink
disable_dns_lookups = yes
biff = no
message_size_limit = 1000000
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
END
} >"$conf/main.cf"
{
    cat <<END
127.0.0.1:$port inet n - n - - smtpd
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 2 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
proxymap unix - - n - - proxymap
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
showq unix n - n - - showq
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
END
    sed -e "s:user=ccmc\:ccmc:user=nobody:" -e "s:/usr/local/bin/ccmc-pipe:$tmp/bin/ccmc-pipe:" -e "s:/var/spool/ccmc/to-ccmail:$tmp/q:" "$samples/master.cf"
} >"$conf/master.cf"
sinker=
stop() {
    postfix -c "$conf" abort >/dev/null 2>&1
    [ -z "$sinker" ] || kill "$sinker" 2>/dev/null
    # The master ends after its children; nothing may write into $tmp any more.
    for ((i = 0; i < 50; i++)); do [ -d "/proc/$(cat "$tmp/spool/pid/master.pid" 2>/dev/null | tr -d ' ')/fd" ] || break; sleep 0.1; done
}
trap 'stop; chmod -R u+rwX "$tmp" 2>/dev/null; rm -rf "$tmp"' EXIT
(cd "$tmp/sunk" && exec smtp-sink -u nobody -d "%s." "127.0.0.1:$sink" 100) >/dev/null 2>&1 &
sinker=$!
run postfix -c "$conf" start
is "postfix: starts" "$status" 0
for ((i = 0; i < 100; i++)); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done

cat >inject.py <<'END'
import smtplib, sys
s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
for n in range(1, 51):
    to = ["ben%d@ccmail.example.org" % n, "ruth@ccmail.example.org"]
    text = "The mark is <%d>." % n
    head = "From: Ann Example <ann@example.org>\r\nTo: %s\r\nSubject: Number %d\r\nMessage-ID: <n%d@example.org>\r\n" % (", ".join(to), n, n)
    body = text.encode()
    if n % 5 == 0:
        to.append("hidden%d@ccmail.example.org" % n)   # as for Bcc
    if n % 7 == 0:
        head += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n"
        body += b" Gr\xfc\xdfe"
    if n == 11:
        to = ["many%d@ccmail.example.org" % i for i in range(120)]
    if n == 13:
        to.append("kate@notes.example.org")
    s.sendmail("ann@example.org" if n % 10 else "", to, head.encode() + b"\r\n" + body + b"\r\n", mail_options=["BODY=8BITMIME"])
s.quit()
END
LIMIT=30 run python3 inject.py "$port"
is "postfix: 50 messages are injected" "$status $(tail -n 1 err)" "0 "
for ((i = 0; i < 300; i++)); do [ "$(count q/in)" -ge 50 ] && [ "$(mailq -C "$conf" 2>/dev/null | tail -n 1)" = "Mail queue is empty" ] && break; sleep 0.1; done
marks() { find "$@" -type f ! -path '*/.*' -exec grep -aoh 'The mark is <[0-9]*>' {} + | sort | uniq -c | awk '{ if ($1 != 1) print "twice " $0 } END { print NR }'; }
is "postfix: each of them once in the queue" "$(count q/in) $(marks q/in)" "50 50"
is "postfix: recipients that are in the envelope only" "$(cat q/in/*.eml | grep -c '^X-Receiver: hidden[0-9]*@ccmail.example.org$')" 10
is "postfix: the null sender" "$(cat q/in/*.eml | grep -c '^X-Sender: <>$')" 5
is "postfix: 120 recipients are one message" "$(grep -l 'mark is <11>' q/in/*.eml | xargs grep -c '^X-Receiver: many')" 120
is "postfix: two domains are one message" "$(grep -l 'mark is <13>' q/in/*.eml | xargs grep -c '^X-Receiver:')" 3
is "postfix: 8-bit text" "$(cat q/in/*.eml | LC_ALL=C grep -ac $'Gr\xfc\xdfe')" 7
run "$BIN/ccm-convert" --to ccm q
is "postfix: the queue converts all of them" "$status $(count q/results) $(count q/in)" "0 50 0"
is "postfix: umlauts as code page 850 has them" "$(cat q/results/*.ccm | LC_ALL=C grep -ac $'Gr\x81\xe1e')" 7

# What a command does that dies, or a queue that is away: Postfix keeps the message.
one_more() { python3 -c 'import smtplib, sys
s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
s.sendmail("ann@example.org", ["ben@ccmail.example.org"], "From: ann@example.org\r\nSubject: x\r\n\r\nThe mark is <%s>.\r\n" % sys.argv[2])' "$port" "$1"; }
mv q/in q/away
one_more 51
for ((i = 0; i < 100; i++)); do grep -q 'status=deferred.*no such directory' maillog && break; sleep 0.1; done
check "postfix: no queue: deferred" grep -q 'status=deferred.*no such directory' maillog
mv q/away q/in
mv bin/ccmc-pipe bin/right
printf '#!/bin/sh\nkill -KILL $$\n' >bin/ccmc-pipe; chmod 755 bin/ccmc-pipe
one_more 52
for ((i = 0; i < 100; i++)); do grep -q 'died with signal 9' maillog && break; sleep 0.1; done
# It was in the queue when the answer was lost, and consumed before the next try.
printf '#!/bin/sh\n%s/bin/right "$@" && kill -KILL $$\n' "$tmp" >bin/new; chmod 755 bin/new; mv bin/new bin/ccmc-pipe
for ((i = 0; i < 200; i++)); do [ "$(count q/in)" = 2 ] && break; sleep 0.1; done
run "$BIN/ccm-convert" --to ccm q
cp bin/right bin/new; mv bin/new bin/ccmc-pipe
for ((i = 0; i < 200; i++)); do [ "$(mailq -C "$conf" 2>/dev/null | tail -n 1)" = "Mail queue is empty" ] && break; sleep 0.1; done
is "postfix: tried again until it is taken" "$(mailq -C "$conf" | tail -n 1)" "Mail queue is empty"
is "postfix: taken once, though the answer was lost and the queue had consumed it" "$(count q/in) $(count q/results) $(marks q/done)" "0 52 52"
is "postfix: nothing bounced" "$(grep -c status=bounced maillog)" 0

# The way out, through the sendmail of this Postfix.
mkdir -p o/in
for i in {1..20}; do ccm $i >o/in/m$i.ccm; done
run "$BIN/ccm-convert" --to eml --domain ccmail.example.org o
printf 'X-Sender: bounces@example.org\nX-Receiver: only@example.net\nFrom: ann@example.org\nTo: list@example.com\n\nThe mark is <21>.\n' >o/results/given.eml
head -c 1200000 /dev/zero | tr '\0' a | fold -w 70 >big; { printf 'From: a@example.org\nTo: b@example.com\n\n'; cat big; } >o/results/big.eml
sed -i 's/@ccmail.example.org>/@elsewhere.example.com>/' o/results/m*.eml
is "out: results" "$(count o/results)" 22
for i in 1 2 3; do MAIL_CONFIG=$conf "$send" -q o/results -- /usr/sbin/sendmail -C "$conf" 2>>send.err & runs+=" $!"; done
wait $runs
for ((i = 0; i < 300; i++)); do [ "$(cat sunk/* 2>/dev/null | grep -ac 'The mark')" -ge 21 ] && break; sleep 0.1; done
is "out: each message at the other end once" "$(marks sunk)" 21
is "out: sent, and one too large refused or kept" "$(count o/results.send/sent) $(($(names o/results o/results.send/failed | grep -c '^big.eml$')))" "21 1"
is "out: a given envelope" "$(cat sunk/* | grep -a -c -e '^X-Mail-Args:.*<bounces@example.org>' -e '^X-Rcpt-Args:.*<only@example.net>') $(cat sunk/* | grep -ac 'X-Rcpt-Args:.*list@example.com')" "2 0"
is "out: the sender of the others is the author" "$(cat sunk/* | grep -ac '^X-Mail-Args:.*elsewhere.example.com>')" 20
