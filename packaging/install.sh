#!/bin/sh
# Installs coord from this folder where there is no dpkg: the same files as the package, and the same
# scripts before and after.
#
#     ./install.sh                  installs, or upgrades what it has installed
#     ./install.sh --uninstall      removes the program; what runs, runs on; data and settings stay
#     ./install.sh --purge          removes data and settings, too, and stops what runs; asks nothing
#
# After Java has changed, run ./install.sh again: the archives of classes belong to one Java.
set -eu

NAME=${0##*/}
HERE=$(cd "$(dirname "$0")" && pwd)
# What is installed: its version, its files, and the scripts for its removal.
RECORD=/usr/lib/coord/installed

die() {
  echo "$NAME: $1" >&2
  exit 1
}
have() {
  command -v "$1" >/dev/null 2>&1
}

# Java is found as the program itself finds it.
check_machine() {
  for program in systemctl systemd-sysusers systemd-tmpfiles; do
    have "$program" || die "cannot install: there is no '$program'; systemd 245 or newer is needed"
  done
  version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
  [ "${version:-0}" -ge 245 ] || die "cannot install: systemd is ${version:-unknown}, it must be 245 or newer"
  have dbus-daemon || have dbus-broker || die "cannot install: there is no D-Bus; install 'dbus'"
  "$HERE/root/usr/bin/coord" completion >/dev/null \
    || die "cannot install: the program does not run, see above; it needs Java 17 or newer"
}

is_conffile() { # FILE
  grep -qxF -e "$1" "$HERE/conffiles"
}

# Root's, whoever has unpacked it and with whatever umask.
copy() { # FROM TO
  cp -P --preserve=timestamps "$1" "$2"
  chown -h 0:0 "$2"
  [ -L "$2" ] || if [ -x "$1" ]; then chmod 755 "$2"; else chmod 644 "$2"; fi
}

put() { # FILE
  mkdir -p "/${1%/*}"
  if is_conffile "$1" && [ -e "/$1" ]; then
    cmp -s "$HERE/root/$1" "/$1" && return
    echo "$NAME: '/$1' was changed and is left; the new one is '/$1.new'"
    copy "$HERE/root/$1" "/$1.new"
    return
  fi
  # Whole or not at all: a program that runs keeps the old one.
  copy "$HERE/root/$1" "/$1.coord-new"
  mv -f "/$1.coord-new" "/$1"
}

# Files of the version before that this one has no more.
remove_outdated() {
  while IFS= read -r file; do
    if ! grep -qxF -e "$file" "$HERE/files" && ! is_conffile "$file"; then
      rm -f "/$file"
    fi
  done <"$RECORD/files"
}

install_all() {
  check_machine
  old=
  if [ -r "$RECORD/version" ]; then
    read -r old <"$RECORD/version"
    sh "$HERE/maintainer/preinst" upgrade "$old"
  else
    sh "$HERE/maintainer/preinst" install
  fi
  while IFS= read -r file; do
    put "$file"
  done <"$HERE/files"
  [ -z "$old" ] || remove_outdated
  mkdir -p "$RECORD"
  for file in files conffiles version maintainer/prerm; do
    copy "$HERE/$file" "$RECORD/${file##*/}"
  done
  sh "$HERE/maintainer/postinst" configure "$old"
  echo "$NAME: installed coord $(cat "$HERE/version")"
}

uninstall() {
  [ -r "$RECORD/files" ] || return 0
  sh "$RECORD/prerm" remove
  while IFS= read -r file; do
    if ! grep -qxF -e "$file" "$RECORD/conffiles"; then
      rm -f "/$file"
    fi
  done <"$RECORD/files"
  rm -rf /usr/lib/coord
  for folder in /usr/share/doc/coord /usr/lib/systemd/system/brain-experiment@.service.d; do
    [ ! -d "$folder" ] || find "$folder" -depth -type d -empty -delete
  done
  sh "$HERE/maintainer/postrm" remove
  echo "$NAME: uninstalled coord"
}

purge() {
  uninstall
  while IFS= read -r file; do
    rm -f "/$file" "/$file.new"
  done <"$HERE/conffiles"
  sh "$HERE/maintainer/postrm" purge
  echo "$NAME: purged coord"
}

[ "$(id -u)" -eq 0 ] || die "this needs root"
if have dpkg-query && [ "$(dpkg-query -W -f '${db:Status-Status}' coord 2>/dev/null || true)" = installed ]; then
  die "the package coord is installed: dpkg looks after it"
fi
umask 022
case ${1-} in
  '') install_all ;;
  --uninstall) uninstall ;;
  --purge) purge ;;
  *)
    echo "usage: ./install.sh [--uninstall|--purge]" >&2
    exit 2
    ;;
esac
