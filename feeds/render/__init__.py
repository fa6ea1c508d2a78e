"""Feed documents as RSS, Atom, JSON and pages for people."""
