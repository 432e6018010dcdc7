"""create_pipeline_from_credentials: the one call that most users need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from millrace_client.client import Client


@dataclass(frozen=True)
class CreatedPipeline:
    """Names of connectors and topics are empty with the embedded engine, which needs none."""

    pipeline_id: str
    debezium_connector_name: str
    sink_connector_name: str
    kafka_topics: list[str]
    status: str


def create_pipeline_from_credentials(
    *,
    source_host: str,
    source_database: str,
    source_user: str,
    source_password: str,
    source_tables: list[str],
    target_host: str,
    target_database: str,
    target_user: str,
    target_password: str,
    source_port: int = 5432,
    source_schema: str = "public",
    target_port: int = 1433,
    target_schema: str = "dbo",
    options: dict[str, Any] | None = None,
    client: Client | None = None,
) -> CreatedPipeline:
    """Creates the pipeline on the server, which then loads and streams. `options`: further members of a PipelineSpec
    (api/openapi.yaml); members of its `source` and `target` are added to the credentials, e.g.
    {"target": {"trustServerCertificate": True}}. `client`: left out, one by the environment. Raises MillraceError."""
    spec: dict[str, Any] = dict(options or {})
    spec["source"] = {
        **spec.get("source", {}),
        "host": source_host, "port": source_port, "database": source_database, "schema": source_schema,
        "user": source_user, "password": source_password,
    }  # fmt: skip
    spec["target"] = {
        **spec.get("target", {}),
        "host": target_host, "port": target_port, "database": target_database, "schema": target_schema,
        "user": target_user, "password": target_password,
    }  # fmt: skip
    spec["tables"] = source_tables
    made = (client or Client()).create(spec)
    return CreatedPipeline(
        pipeline_id=made["pipelineId"],
        debezium_connector_name=made["debeziumConnectorName"],
        sink_connector_name=made["sinkConnectorName"],
        kafka_topics=made["kafkaTopics"],
        status=made["status"],
    )
