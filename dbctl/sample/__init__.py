"""The sample application: a project like any other, reached only through its configuration."""
