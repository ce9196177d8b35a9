#!/usr/bin/env bash
# The service on a small Debian system with a real systemd: installed, watching, killed,
# hung, reloaded, stopped, uninstalled without a trace; then on the same system without
# systemd. What it says in the journal names nobody.
# shellcheck source=/dev/null
. "$REPO/.ci/acceptance/lib"
# shellcheck source=/dev/null
. "$REPO/.ci/acceptance/container"

needs jq:jq dpkg-deb:dpkg
cleanup() { halt; }
debian tree
cp "$BEAGLE" tree/usr/local/bin/beagle

# wilhelmina has an app of her own, whose name and place must not be in any log.
user=wilhelmina
echo "$user:x:1000:1000::/home/$user:/bin/sh" >>tree/etc/passwd
echo "$user:x:1000:" >>tree/etc/group
mkdir -p "tree/home/$user/.local/share/applications"
cat >"tree/home/$user/.local/share/applications/wechat.desktop" <<'ENTRY'
[Desktop Entry]
Type=Application
Name=WeChat
Exec=/opt/wechat/wechat %U
ENTRY
chown -R 1000:1000 "tree/home/$user"
chmod 700 "tree/home/$user"

# A package with the shape of WPS Office, to be installed later.
mkdir -p package/{DEBIAN,opt/kingsoft/wps-office/office6}
cat >package/DEBIAN/control <<'CONTROL'
Package: wps-office
Version: 11.1.0.11719
Architecture: all
Maintainer: nobody <nobody@example.com>
Description: stand-in for a test, does nothing
CONTROL
for program in wps et wpp; do cp /bin/true "package/opt/kingsoft/wps-office/office6/$program"; done
dpkg-deb --root-owner-group --build package tree/root/wps-office.deb

boot tree
as_user() { inside setpriv --reuid=1000 --regid=1000 --clear-groups env HOME="/home/$user" USER="$user" "$@"; }
service() { inside beagle service "$@"; }
# files are all but what any service leaves behind in a running system.
files() { inside find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /var/log/journal \) -prune -o -printf '%p %y %l\n' | LC_ALL=C sort; }
main_pid() { inside systemctl show --property MainPID --value beagle; }
# shellcheck disable=SC2016 # expanded by the inner shell
signal() { inside sh -c 'kill -s "$0" "$1"' "$@"; } # the program of that name is not there
listed() { inside systemctl list-units --all --plain --no-legend 'beagle*'; }
findings() { inside beagle findings --format json >findings.json || [ $? = 1 ]; }
# sees FILTER asks the agent, and jq about its answer.
sees() { findings && jq -e "$1" findings.json; }
wps='.records[] | select(.app.id == "wps-office" and .owner == "machine")'

# 1. Not installed, and for administrators only.
files >files.before
exits 4 service status
check "nothing is installed" grep -qx 'not installed' out
exits 2 service start
check "start: says what to do" grep -q 'beagle service install$' err
for verb in install uninstall start stop restart; do
  exits 2 as_user beagle service "$verb"
  check "$verb: one line for a user" [ "$(wc -l <err)" = 1 ]
  check "$verb: says how" grep -q "sudo beagle service $verb" err
done
inside cp /usr/local/bin/beagle /tmp/beagle
exits 2 inside /tmp/beagle service install
check "a program that others could replace is refused" grep -q '/tmp' err
inside rm /tmp/beagle

# 2. Installed, started.
exits 0 service install
exits 0 service install
check "again: nothing to do" grep -q '^already installed' out
sed 's|/usr/bin/beagle|/usr/local/bin/beagle|' "$REPO/packaging/linux/beagle.service" >want.service
check "the unit is the packaged one" diff -u want.service tree/etc/systemd/system/beagle.service
check "the unit: mode" [ "$(stat -c %a tree/etc/systemd/system/beagle.service)" = 644 ]
check "the unit: systemd understands all of it" [ -z "$(inside systemd-analyze verify beagle.service 2>&1)" ]
exits 3 service status
check "installed: stopped" grep -qx 'service   stopped' out
exits 0 service start
exits 0 service status
check "started: running" grep -qx 'service   running' out
check "started: the agent answers" grep -q '^agent     answers: ' out
check "started: its process" grep -qx "process   $(main_pid)" out
check "systemd knows that it is ready" [ "$(inside systemctl show --property StatusText --value beagle)" = "Watching." ]
exits 0 as_user beagle service status
check "a user sees the same" grep -qx "process   $(main_pid)" out
check "the state is root's alone" [ "$(inside stat -c '%a %u' /var/lib/beagle)" = "700 0" ]
check "the socket is there for all" [ "$(inside stat -c '%a %u' /run/beagle/agent.sock)" = "666 0" ]
exits 2 inside timeout 20 beagle run
check "a second agent says that there is one" grep -qi 'another agent' err

# 3. It watches: what is installed shows.
check "the home of a user is looked at" within 30 sees ".records[] | select(.owner == \"$user\" and .app.id == \"wechat\")"
inside dpkg --install /root/wps-office.deb
check "a package that was installed shows" within 60 sees "$wps | select(.verdict == \"prohibited\")"
epoch=$(jq -r "$wps | .epoch" findings.json)
first=$(jq -r "$wps | .first_seen" findings.json)
remembers="$wps | select(.epoch == \"$epoch\" and .first_seen == \"$first\")"

# 4. Killed, it comes back with what it knew.
anew() { [ "$(main_pid)" != "$old" ] && [ "$(main_pid)" != 0 ] && sees "$remembers"; }
old=$(main_pid)
signal KILL "$old"
check "killed: it comes back and remembers" within 30 anew
exits 0 service status
check "killed: the restart is counted" grep -qx 'restarts  1' out

# 5. Hung, systemd kills it and starts it again.
old=$(main_pid)
signal STOP "$old"
check "hung: it comes back and remembers" within 100 anew
check "hung: by the watchdog" inside journalctl --unit beagle --grep 'Watchdog timeout'

# 6. Told to read its settings again, it does; broken ones are a condition and no end.
old=$(main_pid)
broken='.conditions[] | select(.code == "settings_broken")'
mkdir tree/etc/beagle
echo 'no_such_key: 1' >tree/etc/beagle/settings.yaml
inside systemctl reload beagle
check "reloaded: broken settings show" within 10 sees "$broken"
rm -r tree/etc/beagle
inside systemctl reload beagle
check "reloaded: mended" within 10 sees "[$broken] == []"
check "reloaded: the same process" [ "$(main_pid)" = "$old" ]

# A newer program brings a newer definition, which does not disturb the agent.
echo '# of an older program' >>tree/etc/systemd/system/beagle.service
exits 0 service install
check "a newer definition: installed" grep -q '^installed anew' out
check "a newer definition: the packaged one" diff -u want.service tree/etc/systemd/system/beagle.service
check "a newer definition: the same process" [ "$(main_pid)" = "$old" ]

# 7. Stopped within five seconds, and started again.
before=$(date +%s%N)
exits 0 service stop
took=$((($(date +%s%N) - before) / 1000000))
check "stopped within 5 s (took $took ms)" [ "$took" -lt 5000 ]
check "stopped: in good order" [ "$(inside systemctl show --property Result --value beagle)" = success ]
exits 3 service status
check "stopped: so it says" grep -qx 'service   stopped' out
exits 0 service stop
check "stopped: again is no error" grep -q 'already' out
check "stopped: nothing is left in /run" inside test ! -e /run/beagle
exits 0 service restart
check "restarted: it remembers" within 30 sees "$remembers"

# 8. What systemd thinks of its sandbox.
inside systemd-analyze security --no-pager beagle.service >exposure.txt
exposure=$(sed -n 's/.*Overall exposure level for beagle.service: \([0-9.]*\) .*/\1/p' exposure.txt)
check "exposure $exposure is at most 3.0" awk -v exposure="${exposure:-10}" 'BEGIN { exit !(exposure <= 3.0) }'
# What stays open is explained: each line that is not ticked has its name in the docs.
sed -n 's/^✗ \([^ ]*\) .*/\1/p' exposure.txt | while read -r name; do
  grep -qF "$name" "$REPO/docs/attack-surface.md" || echo "$name"
done >unexplained
check "every exposure is explained in docs/attack-surface.md" [ ! -s unexplained ]

# 9. Its words in the journal.
inside journalctl --unit beagle --output json --no-pager >journal
check "the journal has them" [ "$(jq -r 'select(._COMM == "beagle") | .MESSAGE' journal | wc -l)" -gt 3 ]
check "the journal: nobody's name" [ "$(grep -c "$user" journal)" = 0 ]
check "the journal: nobody's files" [ "$(grep -c '/home/' journal)" = 0 ]
check "the journal: priorities" jq -e --slurp 'map(select(._COMM == "beagle" and .PRIORITY == "6")) | length > 0' journal
check "the journal: time once" [ "$(jq -r 'select(._COMM == "beagle") | .MESSAGE' journal | grep -c 'time=\|level=')" = 0 ]

# 10. An agent of a user beside it.
as_user timeout 10 beagle run >user.out 2>user.err || true
check "a user's agent says what it does not see" grep -q 'as an ordinary user' user.err
check "a user's agent has its own memory" inside test -e "/home/$user/.local/state/beagle/state.db"
exits 2 as_user timeout 20 beagle run --state /var/lib/beagle
check "a user cannot use the system's" grep -q 'state folder "/var/lib/beagle"' err
inside rm -rf "/home/$user/.local/state" "/home/$user/.cache"

# 11. Uninstalled, also after it failed.
inside cp /usr/local/bin/beagle /opt/beagle
exits 2 inside /opt/beagle service install
check "another program is refused" grep -q '/usr/local/bin/beagle service uninstall' err
inside rm /opt/beagle
inside dpkg --purge wps-office
exits 0 service uninstall
check "uninstalled: its memory is kept, and said so" grep -q '/var/lib/beagle' out
check "uninstalled: the memory is there" inside test -e /var/lib/beagle/state.db
check "uninstalled: systemd knows nothing of it" [ -z "$(listed)" ]
exits 0 service install
inside systemd-run --quiet --unit another beagle run
check "another agent: it answers" within 30 sees .schema
exits 2 service start
check "no place: says where to look" grep -q 'journalctl -u beagle' err
check "no place: the journal says why" inside journalctl --unit beagle --grep 'another agent'
exits 3 service status
inside systemctl stop another
check "the place is free: it comes by itself" within 30 service status
signal KILL "$(main_pid)"
exits 0 service uninstall --purge
check "purged: systemd knows nothing of it" [ -z "$(listed)" ]
check "purged: no memory" inside test ! -e /var/lib/beagle
files >files.after
# dpkg leaves copies of its database and takes an empty folder with it; systemd keeps notes.
check "purged: nothing is left" diff -u \
  <(grep -v '^/var/lib/dpkg/\|^/var/log/\|^/run/systemd/\|^/opt ' files.before) \
  <(grep -v '^/var/lib/dpkg/\|^/var/log/\|^/run/systemd/\|^/opt ' files.after)
check "purged: nothing is left of its units" [ "$(grep -c 'beagle' files.after)" = "$(grep -c 'beagle' files.before)" ]
halt

# 12. The same system under a plain init, with the scripts of System V. bash is process 1 there
# and reaps what is orphaned.
cat >tree/root/plain <<'SCRIPT'
within() { for ((i = 0; i < 100; i++)); do "$@" && return; read -r -t 0.1 <> <(:); done; return 1; }
quiet() { "$@" >/dev/null 2>&1; }
answers() { beagle service status | grep -q '^agent     answers'; }
step() { local code=0; "$@" >/root/step 2>&1 || code=$?; echo "$code: $*: $(head -n 1 /root/step)"; }
step beagle service install
step beagle service status
step beagle service start
step within answers
step beagle service status
step beagle service restart
step within answers
step beagle service stop
step beagle service status
step test -s /var/log/beagle/agent.log
step beagle service start
step beagle service uninstall --purge
step beagle service status
step find /etc /run /var -name '*beagle*'
SCRIPT
# shellcheck disable=SC2016 # expanded by the inner shell
unshare --mount --pid --fork --propagation private bash -c '
  mount -t tmpfs tmpfs "$0/run" && mount -t proc proc "$0/proc" &&
  exec chroot "$0" /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /bin/bash /root/plain
' tree >plain </dev/null
same "without systemd" plain <<'STEPS'
0: beagle service install: installed: the service beagle runs /usr/local/bin/beagle
3: beagle service status: service   stopped
0: beagle service start: started
0: within answers: 
0: beagle service status: service   running
0: beagle service restart: restarted
0: within answers: 
0: beagle service stop: stopped
3: beagle service status: service   stopped
0: test -s /var/log/beagle/agent.log: 
0: beagle service start: started
0: beagle service uninstall --purge: uninstalled
4: beagle service status: not installed
0: find /etc /run /var -name *beagle*: 
STEPS
