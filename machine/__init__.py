"""Virtual machine for tests: QEMU, a real systemd, and thermal zones that the host sets. See README.md."""
