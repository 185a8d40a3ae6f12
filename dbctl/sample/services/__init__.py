"""What the sample does with its rows. Each function takes a session and commits nothing."""
