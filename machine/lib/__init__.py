"""What the tests on the machine share."""
