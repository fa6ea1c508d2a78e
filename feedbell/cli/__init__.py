"""The command line of Feedbell: one file a command or a group of commands."""
