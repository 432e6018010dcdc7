"""Client of a Millrace server. Standard library only."""

from millrace_client.client import Client, MillraceError
from millrace_client.create import CreatedPipeline, create_pipeline_from_credentials

__all__ = ["Client", "CreatedPipeline", "MillraceError", "create_pipeline_from_credentials"]
