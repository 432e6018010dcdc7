/** The shapes of api/openapi.yaml by their short names. */
import type { components } from "./generated/schema";

type Schemas = components["schemas"];
type Name = keyof Schemas;
type Shape<Key extends Name> = Schemas[Key];

export type AlertChannel = Shape<"AlertChannel">;
export type AlertRule = Shape<"AlertRule">;
export type ApiKey = Shape<"ApiKey">;
export type AuditLine = Shape<"AuditLine">;
export type Check = Shape<"Check">;
export type ConnectionReport = Shape<"ConnectionReport">;
export type Connector = Shape<"Connector">;
export type Created = Shape<"Created">;
export type Endpoint = Shape<"Endpoint">;
export type Event = Shape<"Event">;
export type Finding = Shape<"Finding">;
export type Me = Shape<"Me">;
export type Member = Shape<"Member">;
export type MetricHistory = Shape<"MetricHistory">;
export type Operation = Shape<"Operation">;
export type Orphan = Shape<"Orphan">;
export type Pipeline = Shape<"Pipeline">;
export type PipelineConfigs = Shape<"PipelineConfigs">;
export type PipelineLive = Shape<"PipelineLive">;
export type PipelinePatch = Shape<"PipelinePatch">;
export type PipelinePlan = Shape<"PipelinePlan">;
export type PipelineProgress = Shape<"PipelineProgress">;
export type PipelineSpec = Shape<"PipelineSpec">;
export type PipelineStatus = Shape<"PipelineStatus">;
export type PlannedTable = Shape<"PlannedTable">;
export type ProblemBody = Shape<"Problem">;
export type QuarantinedRow = Shape<"QuarantinedRow">;
export type Role = Shape<"Role">;
export type RowDifference = Shape<"RowDifference">;
export type Session = Shape<"Session">;
export type SourceCatalog = Shape<"SourceCatalog">;
export type SourceColumn = Shape<"SourceColumn">;
export type SourceTable = Shape<"SourceTable">;
export type Tenant = Shape<"Tenant">;
export type User = Shape<"User">;
export type VerifyResult = Shape<"VerifyResult">;

export type Health = PipelineLive["health"];
export type TableProgress = PipelineProgress["tables"][number];
export type Severity = Event["severity"];
