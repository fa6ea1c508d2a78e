"""Markup to HTML, in the dialect of each generator; the result is not yet sanitised."""
