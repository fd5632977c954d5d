#!/bin/sh
# Installs coord from this directory on a machine without dpkg: the same files as the package, with the same
# maintainer scripts.
#
#     ./install.sh                  installs or upgrades
#     ./install.sh --uninstall      removes the program; experiments continue, data and settings are kept
#     ./install.sh --purge          also stops all experiments and removes data and settings
#
# Run ./install.sh again after an update of Java: class-data archives are valid for one Java only.
set -eu

NAME=${0##*/}
HERE=$(cd "$(dirname "$0")" && pwd)
# The installed version, its list of files, and the script for its removal.
RECORD=/usr/lib/coord/installed

die() {
  echo "$NAME: $1" >&2
  exit 1
}
have() {
  command -v "$1" >/dev/null 2>&1
}

# The program itself looks for Java.
check_machine() {
  for program in systemctl systemd-sysusers systemd-tmpfiles; do
    have "$program" || die "cannot install: '$program' not found; systemd 245 or newer is required"
  done
  version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
  [ "${version:-0}" -ge 245 ] || die "cannot install: found systemd ${version:-of unknown version}; 245 or newer is required"
  have dbus-daemon || have dbus-broker || die "cannot install: D-Bus not found; install 'dbus'"
  "$HERE/root/usr/bin/coord" completion >/dev/null \
    || die "cannot install: the program does not start (see above); Java 17 or newer is required"
}

is_conffile() { # FILE
  grep -qxF -e "$1" "$HERE/conffiles"
}

# Sets owner and mode, independent of the user and the umask that unpacked the files.
copy() { # FROM TO
  cp -P --preserve=timestamps "$1" "$2"
  chown -h 0:0 "$2"
  [ -L "$2" ] || if [ -x "$1" ]; then chmod 755 "$2"; else chmod 644 "$2"; fi
}

put() { # FILE
  mkdir -p "/${1%/*}"
  if is_conffile "$1" && [ -e "/$1" ]; then
    cmp -s "$HERE/root/$1" "/$1" && return
    echo "$NAME: kept the modified '/$1'; the new version is '/$1.new'"
    copy "$HERE/root/$1" "/$1.new"
    return
  fi
  # Replaces the file in one step; running programs keep the old one.
  copy "$HERE/root/$1" "/$1.coord-new"
  mv -f "/$1.coord-new" "/$1"
}

# Removes files of the old version that the new version does not contain.
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

[ "$(id -u)" -eq 0 ] || die "root permission is required"
if have dpkg-query && [ "$(dpkg-query -W -f '${db:Status-Status}' coord 2>/dev/null || true)" = installed ]; then
  die "the package 'coord' is installed; use apt or dpkg instead"
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
