"""pytest's settings for the whole repository."""

pytest_plugins = ["pytester"]
