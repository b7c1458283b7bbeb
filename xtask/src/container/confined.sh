#!/bin/sh
# The console as a container runs it: in a root that nobody can write to, as a user without rights. `$1` is serve or work, `$3` its
# configuration; ROOT, STATE and OWNER come from xtask/src/container.rs. Everything is exec: signals reach the program.
set -eu
case "$1" in serve) own=console ;; *) own=worker ;; esac
export own
mkdir -p "$STATE/$own"
chown -R "$OWNER" "$STATE/$own"
chmod -R a+rX "$STATE"
exec unshare --mount --propagation private sh -euc '
  mkdir -p "$ROOT$STATE" "$ROOT/etc/countersign"
  sed "s|^data_dir = .*|data_dir = \"/var/lib/countersign\"|" "$2" > "$ROOT/etc/countersign/$1.toml"
  mount --bind "$ROOT" "$ROOT"
  cd "$ROOT"
  mount --bind "$STATE" "./$STATE"
  mount -o remount,bind,ro "./$STATE"
  mount --bind "$STATE/$own" ./var/lib/countersign
  mount -o remount,bind,nosuid,nodev,noexec ./var/lib/countersign
  mount --rbind /dev ./dev
  mount --rbind /proc ./proc
  mount -o remount,bind,ro "$ROOT"
  if touch ./tmp/probe 2>/dev/null; then echo "the root can be written to" >&2; exit 1; fi
  exec setpriv --no-new-privs chroot --userspec="$OWNER" --groups= . /usr/local/bin/countersign "$1" --config "/etc/countersign/$1.toml"
' "$0" "$1" "$3"
