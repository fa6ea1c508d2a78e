"""The root of every exception that we raise ourselves."""


class AppError(Exception):
    """Something that a person must mend. The message says what is wrong and what to do."""


class ConfigurationError(AppError):
    """Wrong usage or a wrong configuration."""


class EnvironmentFault(AppError):
    """The machine does not let us work: a full disk, a locked database, a missing folder."""
