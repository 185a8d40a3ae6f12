"""The sample's words on the command line; they join it as those of any project do."""
