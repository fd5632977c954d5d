"""A whole machine to test coord on: QEMU, a real systemd, and zones that the host heats. See README.md."""
