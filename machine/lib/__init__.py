"""Shared by the tests on the virtual machine."""
