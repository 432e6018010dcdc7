"""A package, so that the suites share tests.shared whatever else is installed under this name."""
