"""What needs a whole machine: the package on a real kernel and systemd, with reboots, heat and power cuts."""
