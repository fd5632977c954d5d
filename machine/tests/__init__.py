"""Tests on the virtual machine: the package on a real kernel and systemd, with reboots, heat and power cuts."""
