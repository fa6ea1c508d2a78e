"""Which certificates are trusted beside those that come with Python packages."""

import os
from pathlib import Path


def trusted_certificates() -> Path | None:
    """Return the file that the environment names, as it does to OpenSSL's own programs; None for the usual ones."""
    named = os.environ.get("SSL_CERT_FILE")
    return Path(named) if named else None
