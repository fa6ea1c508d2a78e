"""The output folder, served over HTTP."""
