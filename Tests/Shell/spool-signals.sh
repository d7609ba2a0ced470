#!/bin/bash
# SIGTERM and SIGINT in the middle of a run: a clean end, nothing in work, nothing lost, and the next run
# finishes. A second process on the same queue is not disturbed.
in_memory=yes
. "$(dirname "$0")/lib.sh"
programs ccm-convert
require "signals" python3
convert=$BIN/ccm-convert

cat >slow <<'SH'
#!/bin/sh
sleep 0.05
exec cat
SH
chmod +x slow

# launch [SECONDS SIGNAL TARGET] COMMAND...: runs it in a process group of its own with default signals, sends the
# signal to the process or its group after a while; $status.
launch() {
    python3 - "$@" >out 2>err <<'PY'
import os, signal, subprocess, sys, time
seconds, name, target, command = float(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
def fresh():
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE): signal.signal(s, signal.SIG_DFL)
p = subprocess.Popen(command, start_new_session=True, preexec_fn=fresh, stdin=subprocess.DEVNULL)
time.sleep(seconds)
if p.poll() is None:
    (os.killpg if target == "group" else os.kill)(p.pid, getattr(signal, name))
try: p.wait(30)
except subprocess.TimeoutExpired:
    os.killpg(p.pid, signal.SIGKILL); sys.exit(124)
sys.exit(p.returncode if p.returncode >= 0 else 128 - p.returncode)
PY
    status=$?
}

# after NAME COUNT OPTION...: the state after a signal, then after the next run with those operands.
after() {
    local name=$1 n=$2 wrong
    shift 2
    among "$name: exit status" $status 0 75
    is "$name: work is empty" "$(leftovers q)" ""
    is "$name: nothing lost" "$(kept q $n)" ""
    is "$name: nothing failed" "$(names q/failed q/quarantine | tr '\n' ' ')" ""
    is "$name: as many results as are done" "$(count q/results)" "$(names q/done | grep -vc '\.report$')"
    [ $status = 75 ] && check "$name: 75 because messages remain" test -n "$(names q/in)"
    run "$convert" "$@"
    is "$name: the next run: exit status" $status 0
    is "$name: the next run: originals" "$(names q/done | grep -vc '\.report$') $(names q/in)" "$n "
    is "$name: the next run: results" "$(count q/results)" "$n"
}

# A command a message: the signal certainly comes in the middle.
for signal in SIGTERM SIGINT; do
    queue q 60
    launch 0.4 $signal process "$convert" --workers 2 --to txt q -- "$tmp/slow"
    check "$signal: it stopped before the end" test -n "$(names q/in)"
    check "$signal: what was in hand is done" test -n "$(names q/results)"
    after $signal 60 --to txt q -- cat
done
queue q 60
launch 0.4 SIGINT group "$convert" --workers 2 --to txt q -- "$tmp/slow"
after "Ctrl-C, which the command gets too" 60 --to txt q -- cat

# The built-in conversion, at many moments.
n=1000
rm -rf many; mkdir -p many/in
for ((i = 1; i <= n; i++)); do eml $i >many/in/m$i.eml; done
stopped=0
for delay in 0 0.01 0.03 0.06 0.10 0.15; do
    for options in "--workers 1" "--workers 2 --no-sync"; do
        [ "$TEST_SIZE" = quick ] && [ $delay != 0.03 ] && continue
        rm -rf q; cp -a many q
        launch $delay SIGTERM process "$convert" $options q
        # Before main has begun nothing can catch it: then nothing was begun either.
        if [ $status = 143 ] && [ "$(count q/in)" = $n ]; then status=75; fi
        [ -n "$(names q/in)" ] && stopped=$((stopped + 1))
        after "SIGTERM after $delay s, $options" $n q
    done
done
check "some of these runs were stopped in the middle" test $stopped -gt 0

# Very early, very often: while the threads are being started a signal may be delivered to any of them.
python3 - "$convert" >out 2>err <<'PY'
import os, random, shutil, signal, subprocess, sys, time
message = b"From: ann@example.org\r\nTo: bob@example.com\r\nSubject: x\r\nDate: Tue, 2 Jun 1998 08:39:00 +0000\r\n\r\nx\r\n"
r, wrong = random.Random(5), []
rounds, n = 150, 100
for k in range(rounds):
    shutil.rmtree("early", ignore_errors=True)
    os.makedirs("early/in")
    for i in range(n):
        with open("early/in/m%d.eml" % i, "wb") as f: f.write(message)
    p = subprocess.Popen([sys.argv[1], "--workers", "2", "--no-sync", "early"], stderr=subprocess.PIPE)
    name = r.choice((signal.SIGTERM, signal.SIGINT))
    until = time.monotonic() + r.random() * 0.012
    while time.monotonic() < until: pass
    p.send_signal(name)
    try: p.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        p.kill(); p.communicate(); wrong.append("hangs"); continue
    # Its own end by the signal is right only before it catches it: nothing was begun.
    left = os.listdir("early/work") if os.path.exists("early/work") else []
    left = [name for name in left if name != "strikes"]
    here = sum(len(os.listdir("early/" + d)) for d in ("in", "done") if os.path.exists("early/" + d))
    if p.returncode not in (0, 75, -name) or left or here != n:
        wrong.append("status %d, left %s, %d of %d" % (p.returncode, left, here, n))
print("%d of %d rounds: %s" % (len(wrong), rounds, "; ".join(wrong[:3])) if wrong else "")
PY
is "a signal while the workers start" "$(cat out err)" ""

# Two processes, one of them stopped.
rm -rf q; cp -a many q
"$convert" --workers 1 q >/dev/null 2>err2 & other=$!
launch 0.03 SIGTERM process "$convert" --workers 1 q
wait $other
is "one of two is stopped: the other succeeds" $? 0
run "$convert" q
is "one of two is stopped: each once" "$(all_done=1 accounted q $n)" ""

# Stopped and continued.
rm -rf q; cp -a many q
"$convert" --workers 2 q >/dev/null 2>err2 & other=$!
for i in 1 2 3 4 5; do kill -STOP $other 2>/dev/null; sleep 0.02; kill -CONT $other 2>/dev/null; sleep 0.01; done
wait $other
is "stopped and continued: exit status" $? 0
is "stopped and continued: each once" "$(all_done=1 accounted q $n)" ""
