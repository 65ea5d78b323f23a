"""What can go wrong, by name."""


class PipelineError(Exception):
    """Anything that coopfacts reports in one line instead of a traceback."""


class UsageError(PipelineError):
    """The command or the call asks for something that makes no sense (exit status 2)."""


class ArchiveError(PipelineError):
    """An archive, or a file in it, can't be read."""


class ArticleError(PipelineError):
    """One article can't be processed; the others go on."""


class ResourceError(PipelineError):
    """Lexicons, taxonomies or settings have faults; all of them are in the message, one a line."""


class RecordError(PipelineError):
    """A line of a records file isn't a record."""


class MarkupError(PipelineError):
    """Gold source has faults; all of them are in the message, one a line."""


class MissingExtraError(PipelineError):
    """A feature needs a package that isn't installed; the message names the extra that brings it."""


class OutputBusyError(PipelineError):
    """Another run holds the output folder."""
