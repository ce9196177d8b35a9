#!/usr/bin/env bash
# A Debian package through its life, by dpkg itself: unpacked, installed, removed with its
# configuration left behind, purged; each time the system is scanned as a folder.
# shellcheck source=/dev/null
. "$REPO/.ci/acceptance/lib"

needs dpkg-deb:dpkg jq:jq
as_root=()
if [ "$(id -u)" != 0 ]; then
  needs fakeroot:fakeroot
  as_root=(fakeroot)
fi

# The package has the shape of the real one: its folder in /opt, a menu entry, a starter.
mkdir -p package/{DEBIAN,etc,opt/kingsoft/wps-office/office6,usr/bin,usr/share/applications}
cat >package/DEBIAN/control <<'CONTROL'
Package: wps-office
Version: 11.1.0.11719
Architecture: amd64
Maintainer: nobody <nobody@example.com>
Description: stand-in for a test, does nothing
CONTROL
echo /etc/wps-office.conf >package/DEBIAN/conffiles
echo 'language=en_US' >package/etc/wps-office.conf
for program in wps et wpp; do cp /bin/true "package/opt/kingsoft/wps-office/office6/$program"; done
printf '#!/bin/sh\nexec /opt/kingsoft/wps-office/office6/wps "$@"\n' >package/usr/bin/wps
chmod 755 package/usr/bin/wps
cat >package/usr/share/applications/wps-office-wps.desktop <<'ENTRY'
[Desktop Entry]
Type=Application
Name=WPS Writer
Exec=/usr/bin/wps %U
Icon=wps-office2019-wpsmain
ENTRY
dpkg-deb --root-owner-group --build package wps-office.deb

# A root in which dpkg has nothing but its own database. The package runs no script, so
# that none of the programs that dpkg wants to find is needed.
mkdir -p root/var/lib/dpkg/{info,updates,triggers} root/etc
touch root/var/lib/dpkg/available
# Another package, since a root in which there is nothing at all is never clean.
cat >root/var/lib/dpkg/status <<'STATUS'
Package: other
Status: install ok installed
Maintainer: nobody <nobody@example.com>
Architecture: all
Version: 1
Description: stand-in for a test, does nothing
STATUS
manage() {
  PATH="$PATH:/usr/sbin:/sbin" "${as_root[@]}" dpkg --root="$WORK/root" --log=/dev/null \
    --force-depends --force-architecture --force-not-root "$@"
}

# scanned CODE STATE scans the root; what shall be found comes on standard input.
scanned() {
  exits "$1" "$BEAGLE" scan --root root --os linux --format json
  cp out scan.json
  records scan.json >scan.records
  same "$2: records" scan.records
  check "$2: everything was looked at" jq -e '.summary.complete' scan.json
}

scanned 0 "before" </dev/null

manage --unpack wps-office.deb
scanned 1 "unpacked" <<'RECORDS'
wps-office machine installed certain prohibited
RECORDS

manage --configure wps-office
scanned 1 "installed" <<'RECORDS'
wps-office machine installed certain prohibited
RECORDS
check "installed: version and folder" jq -e '
  .findings[0].instances[0] | .version == "11.1.0.11719" and .root == "/opt/kingsoft/wps-office"' scan.json
check "installed: package and files are one copy" jq -e '.findings[0].instances | length == 1' scan.json

manage --remove wps-office
check "removed: the configuration is left" test -e root/etc/wps-office.conf
scanned 0 "removed" <<'RECORDS'
wps-office machine residue certain allowed
RECORDS

manage --purge wps-office
scanned 0 "purged" </dev/null
