"""Two sets of credentials and a list of tables: `create_pipeline_from_credentials` does the rest."""

from millrace_client import CreatedPipeline, create_pipeline_from_credentials

__all__ = ["CreatedPipeline", "create_pipeline_from_credentials"]
