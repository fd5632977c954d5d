#!/bin/sh
# experiment.sh PART TOKEN SECONDS CRASHES SLOTS
#
# One experiment of the self-test, in a folder that all experiments share. Appends a line to the
# journal when it starts and when it is about to end: the event, its id, its token, its invocation,
# its run, the boot, its process id, the uptime. One line is one write, so lines stay whole and in order.
#
# While it runs it holds two locks of the kernel: on a file of its own id, and on a file of a slot.
# A run that does not get them writes that down.

part=$1 token=$2 seconds=$3 crashes=$4 slots=$5
ulimit -c 0
read -r boot </proc/sys/kernel/random/boot_id

record() { # EVENT
  read -r uptime _ </proc/uptime
  printf '%s %s %s %s %s %s %s %s\n' "$1" "$COORD_EXPERIMENT_ID" "$token" "$INVOCATION_ID" \
    "$COORD_RUN" "$boot" "$$" "$uptime" >>journal
}
nap() { # SECONDS; a child of a killed run must not keep the locks
  sleep "$1" 8>&- 9>&-
}

record start
exec 9>>"locks/id.$COORD_EXPERIMENT_ID"
flock -n 9 || record twice
slot=0
while :; do
  slot=$((slot + 1))
  if [ "$slot" -gt "$slots" ]; then
    record crowded
    break
  fi
  exec 8>>"locks/slot.$slot"
  flock -n 8 && break
done

case $part in
  steady)
    nap "$seconds"
    ;;
  phoenix) # crashes in its first runs
    printf x >>"made.$token"
    read -r made <"made.$token"
    nap "$seconds"
    if [ "${#made}" -le "$crashes" ]; then
      if [ $((${#made} % 2)) -eq 0 ]; then
        record exit3
        exit 3
      fi
      record segv
      kill -SEGV $$
    fi
    ;;
  doomed)
    nap "$seconds"
    record exit4
    exit 4
    ;;
  liar) # exits with 0 without the success file
    nap "$seconds"
    record end
    exit 0
    ;;
  slow) # ends some time after SIGTERM
    trap 'record term; nap 0.7; exit 143' TERM
    nap "$seconds"
    ;;
  deaf) # ignores SIGTERM
    trap '' TERM
    nap "$seconds"
    ;;
esac
: >"done.$token"
record end
exit 0
