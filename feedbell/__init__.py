"""The shell: settings, wiring, the pipeline, the daemon and the command line."""
