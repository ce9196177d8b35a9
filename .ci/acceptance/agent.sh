#!/usr/bin/env bash
# The agent on this machine, in the foreground: what it notices, what it says to whom, and
# what it survives: kills, a full and a read-only disk, a removed socket, being stopped.
# shellcheck source=/dev/null
if [ "$(id -u)" = 0 ] && [ -z "${OWN_MOUNTS:-}" ]; then
  # With mounts and processes of its own: an empty /opt, small disks, and nobody else's programs.
  OWN_MOUNTS=1 exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc bash "$0"
fi
. "$REPO/.ci/acceptance/lib"

[ "$(id -u)" = 0 ] || not_run "needs root"
needs jq:jq curl:curl setpriv:util-linux
go build -C "$REPO" -o "$WORK" ./.ci/acceptance/kills ./.ci/acceptance/idle
mount -t tmpfs none /opt

agent="" stopped=""
cleanup() {
  [ -z "$stopped" ] || kill -CONT "$stopped" 2>/dev/null
  # shellcheck disable=SC2046 # a list of processes
  kill $(jobs -p) 2>/dev/null
  wait
  umount "$WORK/disk" 2>/dev/null
}

sock="$WORK/run/s"
ask() { curl --silent --show-error --max-time 20 --unix-socket "$sock" "$@"; }
snapshot() { ask http://beagle/v1/snapshot; }
history() { ask http://beagle/v1/history; }
# holds FILTER says whether something is true of the snapshot, happened of the history.
holds() { snapshot | jq -e "$1" >/dev/null; }
happened() { history | jq -e "[.history[] | select($1)] | length > 0" >/dev/null; }
# soon SECONDS COMMAND... tries until the command succeeds.
soon() {
  local end=$((SECONDS + $1))
  shift
  until "$@" 2>/dev/null; do
    [ "$SECONDS" -lt "$end" ] || { "$@" && return; return 1; }
    read -rt 0.1 <> <(:) || true
  done
}
# start runs an agent and waits for its first sweep.
start() {
  "$BEAGLE" run --state "$WORK/disk/state" --socket "$sock" --settings "$WORK/settings.yaml" 2>>"$WORK/agent.err" >&2 &
  agent=$!
  check "the agent starts" soon 60 settled
}
settled() { holds '.activity == "idle" and .last_sweep != null'; }
stop() {
  kill "$agent"
  local code=0
  wait "$agent" || code=$?
  check "the agent stops with 0" [ "$code" = 0 ]
}
# kept_at ID PATH says whether a record, closed ones too, rests on a path.
kept_at() {
  ask "http://beagle/v1/records/$1" | jq -e --arg path "$2" '[.instances[].evidence[] | select(.path == $path)] | length > 0'
}
# known prints in which memory an app is known, and since when; known_as compares that.
known() { snapshot | jq -r '.records[] | select(.app.id == "wps-office") | [.epoch, .first_seen] | join(" ")'; }
known_as() { [ "$(known)" = "$1" ]; }
# plant FOLDER makes a copy of an app that runs for as long as its argument says.
plant() {
  mkdir -p "$1"
  for name in wps et wpp wpspdf; do cp "$(command -v sleep)" "$1/$name"; done
}
wps='.app.id == "wps-office"'

mkdir "$WORK/disk"
mount -t tmpfs -o size=3m,mode=0700 none "$WORK/disk"
echo 'schedule: {deep: off}' >"$WORK/settings.yaml"
start
exits 0 "$BEAGLE" status --socket "$sock"
check "starts of programs come from the kernel" holds '.watching | startswith("fanotify")'
check "changes of folders come from the kernel" holds '.watching_files | startswith("inotify")'
exits 2 "$BEAGLE" run --state "$WORK/disk/state" --socket "$WORK/other" --settings "$WORK/settings.yaml"
check "a second agent says why it ends" grep -q 'another agent' err

# A program that lives for 50 ms from a folder that nobody watches, and is gone at once.
plant "$WORK/apps/office6"
"$WORK/apps/office6/wps" 0.05
rm -r "$WORK/apps"
check "a program that lived for 50 ms is remembered" soon 10 happened '.app == "wps-office" and .what == "opened"'
lived=$(history | jq -r '[.history[] | select(.app == "wps-office")][0].record_id')
check "with its path" kept_at "$lived" "$WORK/apps/office6/wps"
check "and is gone" soon 20 happened '.app == "wps-office" and .what == "closed" and .reason == "removed"'
check "with nothing left" soon 10 holds ".records == []"

# What lies in a folder where apps land is noticed without a sweep.
plant /opt/kingsoft/wps-office/office6
check "a new folder in /opt is noticed" soon 30 holds "[.records[] | select($wps) | .presence[]] | length > 0"
id=$(snapshot | jq -r ".records[] | select($wps) | .id")
exits 1 "$BEAGLE" findings --socket "$sock"
/opt/kingsoft/wps-office/office6/wps 60 &
program=$!
check "that it runs is noticed" soon 10 holds "[.records[] | select($wps) | .presence[]] | index(\"running\") != null"
kill "$program"
check "that it ended is noticed" soon 10 holds "[.records[] | select($wps) | .presence[]] | index(\"running\") == null"

# Other people see what concerns the machine, and change nothing.
plant /root/apps/office6
/root/apps/office6/wps 30 &
program=$!
check "a record of one user" soon 10 holds '[.records[] | select(.owner == "root")] | length > 0'
other=$(snapshot | jq -r '.records[] | select(.owner == "root") | .id' | head -n 1)
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups curl --silent --max-time 20 --unix-socket "$sock" "$@"; }
chmod 755 "$WORK" "$STATE"
as_nobody http://beagle/v1/snapshot >nobody.json
check "another user sees the machine's record" jq -e "[.records[] | select(.id == \"$id\")] | length == 1" nobody.json
check "and none of root's" jq -e '[.records[] | select(.owner == "root")] | length == 0' nobody.json
for request in "GET /v1/records/$other" "POST /v1/records/$other/recheck"; do
  as_nobody -X "${request%% *}" -o /dev/null -w '%{http_code}' "http://beagle${request#* }" >code
  check "another user: $request" grep -qx 404 code
done
check "a recheck by the owner" [ "$(ask -X POST -o /dev/null -w '%{http_code}' "http://beagle/v1/records/$other/recheck")" = 202 ]
head -c 100000 /dev/zero | tr '\0' x >large
check "a large request is refused" [ "$(ask -X POST --data-binary @large -o /dev/null -w '%{http_code}' http://beagle/v1/scan)" = 413 ]
check "a request for another host is refused" [ "$(ask -o /dev/null -w '%{http_code}' http://example.com/v1/snapshot)" = 421 ]
kill "$program"
rm -r /root/apps
check "what root removed is gone" soon 30 holds '[.records[] | select(.owner == "root")] == []'

# Settings change while it runs; broken ones change nothing and are shown.
printf 'schedule: {deep: off}\nbans: [{app: vmate, since: 2020-01-01, reason: x}]\n' >"$WORK/settings.yaml"
check "other rules" soon 60 holds "[.records[] | select($wps) | .verdict] == [\"allowed\"] or ([.records[] | select($wps) | .verdict] | index(\"prohibited\") == null)"
echo 'bans: [{app: wps-offise}]' >"$WORK/settings.yaml"
check "broken settings are shown" soon 60 holds '[.conditions[] | select(.code == "settings_broken")] | length == 1'
echo 'schedule: {deep: off}' >"$WORK/settings.yaml"
check "good settings end it" soon 60 holds '[.conditions[] | select(.code == "settings_broken")] == []'

# A full disk: what is found is shown, said to be unsaved, and saved once there is room.
head -c 10M /dev/zero >"$WORK/disk/ballast" 2>/dev/null || true
rm -r /opt/kingsoft
check "on a full disk a removal is seen" soon 30 holds '.records == []' 
plant /opt/kingsoft/wps-office/office6
check "and a new app" soon 60 holds "[.records[] | select($wps)] | length == 1"
check "and the disk is named" soon 60 holds '[.conditions[] | select(.code == "store_unwritable" and .severity == "error")] | length == 1'
exits 1 "$BEAGLE" findings --socket "$sock"
rm "$WORK/disk/ballast"
check "with room again it is saved" soon 60 holds '[.conditions[] | select(.code == "store_unwritable")] == []'

# The socket is removed.
rm "$sock"
check "a removed socket comes back" soon 60 snapshot
check "and that is said" soon 10 holds '[.conditions[] | select(.code == "socket_lost")] | length == 1'

# The agent is stopped for a minute while something starts.
kill -STOP "$agent"
stopped=$agent
plant /srv/tools/office6
/srv/tools/office6/et 200 &
program=$!
read -rt 60 <> <(:) || true
kill -CONT "$agent"
stopped=""
check "that it was stopped is said" soon 60 holds '[.conditions[] | select(.code == "stalled")] | length == 1'
check "what started meanwhile is found" soon 60 holds '[.records[].instances[].evidence[] | select(.path == "/srv/tools/office6/et" and .kind == "process")] | length == 1'
kill "$program"
rm -r /srv/tools

# It is killed: another goes on with the same memory.
before=$(known)
kill -KILL "$agent"
wait "$agent" || true
start
check "and remembers" known_as "$before"
"$BEAGLE" doctor --socket "$sock" --format json >out || true # 1 where it finds something to mend
check "the doctor answers as data" jq -e '.checks | length > 5' out
stop
exits 4 "$BEAGLE" findings --socket "$sock"

# A disk that is read-only: an agent works all the same, says that it will forget, and
# remembers as soon as it can.
mount -o remount,ro "$WORK/disk"
start
check "on a read-only disk apps are found" soon 60 holds "[.records[] | select($wps)] | length == 1"
check "and the disk is named" holds '[.conditions[] | select(.code == "store_unwritable" and .severity == "error")] | length == 1'
mount -o remount,rw "$WORK/disk"
check "writable again nothing is said" soon 60 holds '[.conditions[] | select(.code == "store_unwritable")] == []'
check "and what was known before is known" soon 60 known_as "$before"
stop

# An agent of an ordinary user runs too, and says what it cannot see.
mkdir -m 700 "$WORK/mine"
chown 65534:65534 "$WORK/mine"
setpriv --reuid=65534 --regid=65534 --clear-groups "$BEAGLE" run --state "$WORK/mine/state" --socket "$WORK/mine/s" 2>mine.err >&2 &
agent=$!
sock="$WORK/mine/s"
check "an agent of an ordinary user" soon 60 settled
check "says that it is one" holds '.privileged == false and ([.conditions[] | select(.code == "not_privileged")] | length == 1)'
check "and watches as far as it may" holds '.watching == "polling"'
stop

# Two hundred kills at random moments lose nothing that was said.
mkdir "$WORK/kills.d"
check "200 kills" "$WORK/kills" "$BEAGLE" "$WORK/kills.d" /opt/kingsoft/wps-office/office6 200
