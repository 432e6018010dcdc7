// Made from api/openapi.yaml by `npm run generate`. Do not edit.

export interface paths {
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page for people */
        get: operations["page"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process answers */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The store answers and pipelines are supervised; 503 when not */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Versions of the program and the API */
        get: operations["version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Prometheus text */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/openapi.yaml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["openapiYaml"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document as JSON */
        get: operations["openapiJson"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in; sets the session cookie */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/oidc": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether one can sign in by an identity provider (OpenID Connect) */
        get: operations["oidc"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/oidc/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** To the identity provider; for browsers, as a link. 404 when there is none */
        get: operations["oidcStart"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/oidc/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** From the identity provider; sets the session cookie */
        get: operations["oidcCallback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End the session */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in */
        get: operations["me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where alerts go, by name; without secrets */
        get: operations["listAlertChannels"];
        put?: never;
        /** A webhook (signed) or e-mail; the secret is write-only */
        post: operations["createAlertChannel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/channels/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One channel, with the outcome of its newest delivery */
        get: operations["getAlertChannel"];
        put?: never;
        post?: never;
        /** Remove a channel, and what waits to be sent to it */
        delete: operations["deleteAlertChannel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/channels/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a test now, once */
        post: operations["testAlertChannel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is told; always all rules */
        get: operations["listAlertRules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/rules/{rule}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set a rule anew; what is left out gets its default */
        put: operations["setAlertRule"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/tenant": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Work in another tenant from now on; a new session cookie and token come back, and the old ones end */
        post: operations["chooseTenant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change one's own password; all other sessions of the user end */
        post: operations["changeOwnPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's own sessions */
        get: operations["listOwnSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sessions/{session}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of them */
        delete: operations["endOwnSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All users of the server, by name */
        get: operations["listUsers"];
        put?: never;
        /** Make a user, with memberships if given */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One user, by id; with an ETag */
        get: operations["getUser"];
        put?: never;
        post?: never;
        /** Remove a user with sessions, memberships and API keys */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        /** Change what is given; disabling ends the user's sessions. The last server administrator stays */
        patch: operations["updateUser"];
        trace?: never;
    };
    "/api/v1/users/{user}/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give somebody a new password; their sessions end */
        post: operations["resetPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user}/memberships/{tenant}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Make somebody a member of a tenant, or change the role there */
        put: operations["putMembership"];
        post?: never;
        /** Take somebody out of a tenant */
        delete: operations["deleteMembership"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is a member of the tenant one works in, by name */
        get: operations["listMembers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take a member out */
        delete: operations["removeMember"];
        options?: never;
        head?: never;
        /** Change a member's role; a server administrator adds members (putMembership) */
        patch: operations["updateMember"];
        trace?: never;
    };
    "/api/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's own API keys in the tenant, oldest first; with all=true everybody's, which needs api-keys.all */
        get: operations["listApiKeys"];
        put?: never;
        /** Make an API key for oneself; it is told in this answer alone. Not by an API key */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/api-keys/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke one of one's own keys, or with api-keys.all anybody's; it stays listed */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All tenants, by name */
        get: operations["listTenants"];
        put?: never;
        /** Make a tenant */
        post: operations["createTenant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tenants/{tenant}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One tenant, by id; with an ETag */
        get: operations["getTenant"];
        put?: never;
        post?: never;
        /** Remove a tenant that has no pipelines, with its memberships, keys and connections */
        delete: operations["deleteTenant"];
        options?: never;
        head?: never;
        /** Give a tenant another name */
        patch: operations["renameTenant"];
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The tenant's lines of the audit log, newest first; with all=true the whole log, which needs audit.read-all */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit:verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Check the chain of the whole audit log; expect is a head that was told before and must still be there */
        get: operations["verifyAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened in the last 30 days, newest first */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Server-sent events; Last-Event-ID replays what was missed, or a reset event comes first
         * @description Each event that listEvents has comes with its kind as the type, its id and itself as data. Beside them events
         *     of the type "progress", without id: a PipelineProgress, at most one a second a pipeline, whose tables are
         *     only those that changed since the one before. A new stream begins with one of every pipeline, whole.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orphans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Slots, publications and connectors with Millrace's names that no pipeline owns; asks the servers of the tenant's pipelines now */
        get: operations["listOrphans"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orphans/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Look again, and remove it; 409 while somebody reads the slot */
        delete: operations["removeOrphan"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Long work, newest first */
        get: operations["listOperations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations/{operation}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How long work goes; the operation.* events tell of it too */
        get: operations["getOperation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations/{operation}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask it to stop; what it made is taken back. 409 when it has ended */
        post: operations["cancelOperation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Saved connections by name, a page at a time */
        get: operations["listConnections"];
        put?: never;
        /** Save credentials under a name; does not connect */
        post: operations["createConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections/{connection}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One saved connection, without its password; with an ETag */
        get: operations["getConnection"];
        put?: never;
        post?: never;
        /** Forget it; 409 with the names of the pipelines that come from it, if any does */
        delete: operations["deleteConnection"];
        options?: never;
        head?: never;
        /**
         * Change it (RFC 7386), and with it every pipeline that comes from it
         * @description Who changes host, port, user or encryption gives the password again. While pipelines use the connection the
         *     server must take what is new before it is stored; then each of them gets it, and the answer says how that went.
         *     The same change again tries those that failed again.
         */
        patch: operations["updateConnection"];
        trace?: never;
    };
    "/api/v1/connections:test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try one side's credentials, check by check; changes nothing. 200 also when checks fail */
        post: operations["testConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections:tables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a source holds, and what of it cannot be replicated and why */
        post: operations["listConnectionTables"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Pipelines by name, a page at a time */
        get: operations["listPipelines"];
        put?: never;
        /**
         * Check both servers, make slot, publication and tables; the server runs it. All or nothing
         * @description With `Prefer: respond-async` it answers 202 at once, with the Location of an operation to follow. With an
         *     Idempotency-Key a repetition gets the first answer again, for 24 hours; another body under the same key is 422,
         *     one that is still being worked on 409. A create that failed made nothing and frees its key.
         */
        post: operations["createPipeline"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines:plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What create would do and what stands in its way; changes nothing */
        post: operations["planPipeline"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One pipeline, as it is stored; with an ETag */
        get: operations["getPipeline"];
        put?: never;
        post?: never;
        /**
         * Remove what was made for it, and prove that the slot is gone. Repeatable
         * @description With `Prefer: respond-async` it answers 202 at once, with the Location of an operation to follow.
         */
        delete: operations["deletePipeline"];
        options?: never;
        head?: never;
        /** Change what may change while it lives (RFC 7386); whoever runs it follows within seconds */
        patch: operations["updatePipeline"];
        trace?: never;
    };
    "/api/v1/pipelines/{name}/configs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The spec and the generated connector configs, without secrets */
        get: operations["getPipelineConfigs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** State, lag, slot and tables, asked of both servers now */
        get: operations["getPipelineStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}/progress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the server knows now, without asking source or target; as the stream's progress events */
        get: operations["getPipelineProgress"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lag, throughput, latency and retained WAL over time; gaps are nulls */
        get: operations["getPipelineMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}/connectors/{connector}/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Restart a connector of Kafka Connect with all its tasks */
        post: operations["restartConnector"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}/connectors/{connector}/tasks/{task}/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Restart one task */
        post: operations["restartTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Compare every row of source and copy; an operation whose result is a VerifyResult. With repair, which also needs pipelines.repair, the source's rows are written */
        post: operations["verifyPipeline"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}/quarantine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Rows that SQL Server did not take, oldest first; what they held is shown to operators */
        get: operations["listQuarantine"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}/quarantine/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Read rows again from the source and write them; an operation whose result is a RetryResult */
        post: operations["retryQuarantine"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}/quarantine/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mark rows as seen to; ids or tables must be given */
        post: operations["discardQuarantine"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}/quarantine/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One row, also when it was discarded */
        get: operations["getQuarantinedRow"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop moving changes; the slot keeps them */
        post: operations["pausePipeline"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on where pause stopped */
        post: operations["resumePipeline"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin again what has failed */
        post: operations["restartPipeline"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}/tables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add tables to a live pipeline */
        post: operations["addTables"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}/tables/{table}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take a table out; its copy stays unless dropTables */
        delete: operations["removeTable"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipelines/{name}/tables/{table}/reload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Empty the copy of a table and load it anew */
        post: operations["reloadTable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Any: Record<string, never>;
        Problem: {
            type: string;
            title: string;
            status: number;
            detail?: string;
            /** @description As in docs/reference/errors.md */
            code: string;
            requestId?: string;
            retryable?: boolean;
            fix?: string;
            cause?: string;
            pipeline?: string;
            table?: string;
            notes?: string[];
            errors?: {
                pointer?: string;
                code?: string;
                message?: string;
                fix?: string;
            }[];
        };
        Health: {
            /** @enum {string} */
            status: "ok" | "failed";
            checks?: {
                [key: string]: string;
            };
        };
        Version: {
            version: string;
            api: string;
        };
        Credentials: {
            user: string;
            /** Format: password */
            password: string;
        };
        Oidc: {
            configured: boolean;
            /** @description For the button; empty without a provider */
            displayName: string;
            /** @description Where the button leads; empty without a provider */
            startUrl: string;
        };
        SignedIn: {
            user: string;
            csrfToken: string;
        };
        /** @enum {string} */
        Role: "viewer" | "operator" | "admin";
        /** @description As in docs/reference/access.md */
        Permission: string;
        Me: {
            user: string;
            userId: string;
            serverAdmin: boolean;
            /** @description The one that the request acts in; null for a member of none */
            tenant: components["schemas"]["TenantReference"] | null;
            /** @enum {string|null} */
            role: "viewer" | "operator" | "admin" | null;
            /** @description In this tenant */
            permissions: components["schemas"]["Permission"][];
            /** @description Those that one may choose */
            tenants: {
                id: string;
                name: string;
                /**
                 * @description null for who sees it as a server administrator alone
                 * @enum {string|null}
                 */
                role: "viewer" | "operator" | "admin" | null;
            }[];
            /** @description Of a session; an API key needs none. */
            csrfToken?: string;
            /** @description Of an API key */
            keyId?: string;
        };
        TenantReference: {
            id: string;
            name: string;
        };
        TenantChoice: {
            /** @description Its id */
            tenant: string;
        };
        OwnPassword: {
            /** Format: password */
            currentPassword: string;
            /**
             * Format: password
             * @description 12 to 256 bytes
             */
            newPassword: string;
        };
        NewPassword: {
            /**
             * Format: password
             * @description 12 to 256 bytes
             */
            password: string;
        };
        Session: {
            id: string;
            /** @description The one that asks */
            current: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            seenAt: string;
            /** Format: date-time */
            expiresAt: string;
            address: string;
            agent: string;
        };
        SessionList: {
            items: components["schemas"]["Session"][];
        };
        Membership: {
            tenant: string;
            tenantName: string;
            role: components["schemas"]["Role"];
        };
        User: {
            id: string;
            name: string;
            email: string;
            serverAdmin: boolean;
            disabled: boolean;
            /** @description Without one the user signs in by the identity provider alone */
            hasPassword: boolean;
            /** @description Whether an identity of the provider is this user */
            oidcLinked: boolean;
            /** Format: date-time */
            passwordSetAt: string | null;
            memberships: components["schemas"]["Membership"][];
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            revision: string;
        };
        UserPage: {
            items: components["schemas"]["User"][];
            nextPageToken: string;
        };
        NewUser: {
            /** @description For sign-in; kept in lower case */
            name: string;
            /**
             * Format: password
             * @description 12 to 256 bytes. Needed, unless there is an identity provider
             */
            password?: string;
            email?: string;
            serverAdmin?: boolean;
            memberships?: {
                /** @description Its id */
                tenant: string;
                role: components["schemas"]["Role"];
            }[];
        };
        UserChange: {
            email?: string;
            serverAdmin?: boolean;
            disabled?: boolean;
            /**
             * @description Forgets the identity that is linked
             * @enum {boolean}
             */
            oidcLinked?: false;
        };
        RoleChange: {
            role: components["schemas"]["Role"];
        };
        Member: {
            /** @description The id */
            user: string;
            name: string;
            role: components["schemas"]["Role"];
        };
        MemberPage: {
            items: components["schemas"]["Member"][];
            nextPageToken: string;
        };
        ApiKey: {
            /** @description The middle part of the key */
            id: string;
            name: string;
            /** @description Name of the owner */
            user: string;
            role: components["schemas"]["Role"];
            /** @description Permissions; empty: all of the role's */
            scopes: string[];
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string | null;
            /**
             * Format: date-time
             * @description To the minute
             */
            lastUsedAt: string | null;
            /** Format: date-time */
            revokedAt: string | null;
        };
        ApiKeyPage: {
            items: components["schemas"]["ApiKey"][];
            nextPageToken: string;
        };
        NewApiKey: {
            name: string;
            role: components["schemas"]["Role"];
            scopes?: components["schemas"]["Permission"][];
            /**
             * @description null: never
             * @default 90
             */
            expiresInDays?: number | null;
        };
        CreatedApiKey: components["schemas"]["ApiKey"] & {
            /** @description The whole key */
            key: string;
        };
        Tenant: {
            id: string;
            name: string;
            /** Format: date-time */
            createdAt: string;
            revision: string;
            /** @description How many it has */
            pipelines: number;
        };
        TenantPage: {
            items: components["schemas"]["Tenant"][];
            nextPageToken: string;
        };
        TenantName: {
            name: string;
        };
        AuditLine: {
            /** @description The line's hash */
            id: string;
            /** Format: date-time */
            time: string;
            /** @description user:<name>, key:<id>, local:<uid> or millrace */
            actor: string;
            action: string;
            object: string;
            /** @enum {string} */
            outcome: "ok" | "denied" | "failed";
            address: string;
            /** @description JSON or empty */
            details: string;
            /** @description Of the whole log alone */
            sequence?: string;
            /** @description Of the whole log alone; empty: the server's own */
            tenant?: string;
        };
        AuditPage: {
            items: components["schemas"]["AuditLine"][];
            nextPageToken: string;
        };
        AuditReport: {
            lines: string;
            /** @description <line>:<hash>, to be noted outside */
            head: string;
            whole: boolean;
            fault?: {
                line: string;
                what: string;
            };
        };
        Event: {
            /** @description Opaque; not in the order of time */
            id: string;
            /** Format: date-time */
            time: string;
            kind: string;
            /** @enum {string} */
            severity: "info" | "warning" | "error";
            pipeline: string;
            actor: string;
            message: string;
            table?: string;
            lsn?: string;
            /** @description Of an error */
            code?: string;
            cause?: string;
            /** @description Id of the long work that it belongs to */
            operation?: string;
        };
        /** @description One event of the stream, by the names of its lines */
        StreamEvent: {
            event?: string;
            /** @description Of those that are kept */
            id?: string;
            /** @description JSON */
            data: string;
        };
        EventPage: {
            items: components["schemas"]["Event"][];
            /** @description Empty on the last page */
            nextPageToken: string;
        };
        Endpoint: {
            /** @description Beside the other members, which win */
            url?: string;
            host?: string;
            port?: number;
            database?: string;
            schema?: string;
            user?: string;
            /** Format: password */
            password?: string;
            /**
             * @description Of a source
             * @enum {string}
             */
            sslmode?: "disable" | "prefer" | "require" | "verify-ca" | "verify-full";
            /** @description Of a source: a file on the server */
            sslrootcert?: string;
            /**
             * @description Of a target
             * @enum {string}
             */
            encrypt?: "yes" | "no" | "strict";
            /** @description Of a target */
            trustServerCertificate?: boolean;
            /** @description A saved connection, by id or name, in place of all other members but schema */
            connection?: string;
        };
        SavedEndpoint: {
            host: string;
            port: number;
            database: string;
            schema: string;
            user: string;
            /** @description Of a source */
            sslmode?: string;
            /** @description Of a source */
            sslrootcert?: string;
            /** @description Of a target */
            encrypt?: string;
            /** @description Of a target */
            trustServerCertificate?: boolean;
        };
        NewConnection: {
            /** @description Without control characters, '/', or spaces around it */
            name: string;
            /** @enum {string} */
            kind: "source" | "target";
            endpoint: components["schemas"]["Endpoint"];
        };
        ConnectionPatch: {
            name?: string;
            /** @description Only what is given changes */
            endpoint?: {
                host?: string;
                port?: number;
                /** @description Fixed while pipelines use the connection (409) */
                database?: string;
                /** @description For pipelines that are still to be made */
                schema?: string;
                user?: string;
                /** Format: password */
                password?: string;
                /** @enum {string} */
                sslmode?: "disable" | "prefer" | "require" | "verify-ca" | "verify-full";
                sslrootcert?: string;
                /** @enum {string} */
                encrypt?: "yes" | "no" | "strict";
                trustServerCertificate?: boolean;
            };
        };
        Connection: {
            id: string;
            name: string;
            /** @enum {string} */
            kind: "source" | "target";
            endpoint: components["schemas"]["SavedEndpoint"];
            passwordSet: boolean;
            /** @description Names of pipelines; empty for a key that may not see any */
            usedBy: string[];
            /** @description How the last connections:test of what is saved went */
            lastTest: null | {
                ok: boolean;
                /** Format: date-time */
                at: string;
            };
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            revision: string;
        };
        ConnectionPage: {
            items: components["schemas"]["Connection"][];
            nextPageToken: string;
        };
        ChangedConnection: components["schemas"]["Connection"] & {
            /** @description One for each pipeline that got another entry or password */
            applied: {
                pipeline: string;
                ok: boolean;
                /** @description Empty when it has the change */
                code: string;
                message: string;
            }[];
        };
        ConnectionReference: {
            id: string;
            name: string;
        };
        PipelineSpec: {
            /** @description Left out */
            name?: string;
            source: components["schemas"]["Endpoint"];
            target: components["schemas"]["Endpoint"];
            /** @description Names */
            tables: string[];
            /** @enum {string} */
            engine?: "embedded" | "kafka-connect";
            slot?: string;
            /** @description Standbys take the slot over; PostgreSQL 17 and later */
            slotFailover?: boolean;
            publication?: string;
            publicationMode?: string;
            snapshot?: string;
            toast?: string;
            truncate?: string;
            mapping?: Record<string, never>;
            embedded?: Record<string, never>;
            kafkaConnect?: Record<string, never>;
        };
        Created: {
            pipelineId: string;
            /** @description Empty with the embedded engine */
            debeziumConnectorName: string;
            sinkConnectorName: string;
            kafkaTopics: string[];
            status: string;
            warnings?: Record<string, never>[];
        };
        Pipeline: {
            name: string;
            /** @enum {string} */
            state: "creating" | "active" | "paused" | "failed" | "deleting";
            engine: string;
            /** @description URL without password */
            source: string;
            target: string;
            /** @description The saved connection that it comes from */
            sourceConnection: null | components["schemas"]["ConnectionReference"];
            targetConnection: null | components["schemas"]["ConnectionReference"];
            tables: Record<string, never>[];
            /** Format: date-time */
            createdAt: string;
            revision: string;
            live?: components["schemas"]["PipelineLive"];
        };
        /** @description The present, in short; in lists */
        PipelineLive: {
            health: components["schemas"]["PipelineHealth"];
            /** @description Why it is not running */
            reason: string;
            /** Format: date-time */
            since: string | null;
            tablesReady: number;
            tablesTotal: number;
            loadPercent?: number | null;
            secondsLeft?: number | null;
            lagBytes?: string | null;
            lagS?: number | null;
            changesPerS?: number | null;
            retainedBytes?: string | null;
            /** @enum {string|null} */
            slotRisk?: "ok" | "warning" | "alarm" | "lost" | null;
            /** Format: date-time */
            lastChangeAt?: string | null;
        };
        /** @enum {string} */
        PipelineHealth: "unknown" | "starting" | "loading" | "running" | "retrying" | "paused" | "stopped" | "degraded" | "failed";
        PipelineProgress: {
            pipeline: string;
            /**
             * Format: date-time
             * @description When these numbers were taken
             */
            time: string;
            health: components["schemas"]["PipelineHealth"];
            reason: string;
            /**
             * Format: date-time
             * @description Of this health
             */
            since: string | null;
            /** Format: date-time */
            nextAttemptAt: string | null;
            lastError: {
                code: string;
                message: string;
                table: string;
                lsn: string;
                /** Format: date-time */
                at: string;
                /** @description It is not tried again by itself */
                needsPerson: boolean;
            } | null;
            failures: string;
            restarts: string;
            /** @description Null while nothing is loaded */
            load: {
                tablesReady?: number;
                tablesTotal?: number;
                rows?: string;
                estimatedRows?: string | null;
                rowsPerS?: number;
                secondsLeft?: number | null;
            } | null;
            /** @description Null while nothing is streamed */
            stream: {
                appliedLsn?: string;
                receivedLsn?: string;
                lagBytes?: string;
                lagS?: number | null;
                changes?: string;
                transactions?: string;
                changesPerS?: number;
                caughtUp?: boolean;
                /** @description From the source's commit until it can be seen on the target, over the last minute */
                latencyMs?: {
                    p50?: number;
                    p95?: number;
                    p99?: number;
                } | null;
                /** Format: date-time */
                lastChangeAt?: string | null;
            } | null;
            slot: {
                name?: string;
                active?: boolean;
                retainedBytes?: string;
                /** @description WAL that may still be written before PostgreSQL gives it up */
                safeBytes?: string | null;
                /** @description max_slot_wal_keep_size */
                limitBytes?: string | null;
                walStatus?: string;
                /** @enum {string} */
                risk?: "ok" | "warning" | "alarm" | "lost";
            } | null;
            tables: {
                table: string;
                /** @enum {string} */
                state: "pending" | "copying" | "ready" | "failed";
                /** @description Copied by the load that is under way or by the last one */
                rows?: string | null;
                estimatedRows?: string | null;
                bytes?: string | null;
                rowsPerS?: number | null;
                secondsLeft?: number | null;
                /** @description Applied since the server runs the pipeline */
                inserts?: string;
                updates?: string;
                deletes?: string;
                truncates?: string;
                /** Format: date-time */
                lastChangeAt?: string | null;
            }[];
            connectors: components["schemas"]["Connector"][];
        };
        Connector: {
            name: string;
            /** @enum {string} */
            kind: "source" | "sink";
            /** @description Kafka Connect's word, or MISSING */
            state: string;
            rootCause?: string;
            /** @description By the server */
            restarts?: number;
            tasks: {
                id?: number;
                state?: string;
                worker?: string;
                rootCause?: string;
            }[];
        };
        MetricHistory: {
            pipeline: string;
            /** @enum {string} */
            range: "1h" | "24h" | "7d";
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            stepS: number;
            /** @description One a step */
            times: string[];
            /** @description Each as long as times */
            series: {
                [key: string]: (number | null)[];
            };
        };
        PipelinePage: {
            items: components["schemas"]["Pipeline"][];
            nextPageToken: string;
        };
        PipelineStatus: {
            pipeline: string;
            state: string;
            reason: string;
            engine: string;
            process?: string | null;
            appliedLsn?: string | null;
            applyLagBytes?: string | null;
            applyLagS?: number | null;
            changesPerS?: number | null;
            slot: Record<string, never>;
            tables: Record<string, never>[];
            warnings: string[];
            live?: components["schemas"]["PipelineProgress"];
        };
        Orphan: {
            /** @description Opaque */
            id: string;
            /** @enum {string} */
            kind: "slot" | "publication" | "connector";
            name: string;
            /** @description URL of the server without password */
            place: string;
            /** @description Somebody reads the slot */
            active: boolean | null;
            retainedBytes: string | null;
            /** @description Why it is taken for Millrace's */
            note: string;
        };
        OrphanPage: {
            items: components["schemas"]["Orphan"][];
            /** @description Servers that could not be asked */
            warnings: string[];
            nextPageToken: string;
        };
        NewAlertChannel: {
            name: string;
            /** @enum {string} */
            kind: "webhook" | "email";
            webhook?: {
                /** @description http or https */
                url: string;
                /** @description Signs what is sent; left out */
                secret?: string;
            };
            email?: {
                host: string;
                /** @description Left out */
                port?: number;
                /**
                 * @default starttls
                 * @enum {string}
                 */
                security?: "tls" | "starttls" | "none";
                user?: string;
                /** Format: password */
                password?: string;
                from: string;
                to: string[];
            };
        };
        AlertChannel: {
            id: string;
            name: string;
            /** @enum {string} */
            kind: "webhook" | "email";
            webhook?: {
                url?: string;
                secretSet?: boolean;
            };
            email?: {
                host?: string;
                port?: number;
                security?: string;
                user?: string;
                passwordSet?: boolean;
                from?: string;
                to?: string[];
            };
            /** Format: date-time */
            createdAt: string;
            lastDelivery: null | components["schemas"]["Delivery"];
            /** @description Of a webhook, only in the answer of create and only when it was made up */
            secret?: string;
        };
        AlertChannelPage: {
            items: components["schemas"]["AlertChannel"][];
            nextPageToken: string;
        };
        Delivery: {
            /** Format: date-time */
            at: string;
            delivered: boolean;
            message: string;
        };
        AlertRule: {
            /** @enum {string} */
            rule: "lag" | "failure" | "slot-at-risk" | "verify-mismatch" | "schema-change-paused";
            enabled: boolean;
            /** @description Of lag: told when above it for forS */
            lagS: number | null;
            /** @description Of failure: also told when it is tried again for so long */
            forS: number | null;
            /** @description Names; empty means all */
            pipelines: string[];
            /** @description Ids; empty means all */
            channels: string[];
        };
        AlertRulePage: {
            items: components["schemas"]["AlertRule"][];
            nextPageToken: string;
        };
        AlertRuleSettings: {
            /** @default true */
            enabled?: boolean;
            /** @default 60 */
            lagS?: number;
            /** @default 300 */
            forS?: number;
            pipelines?: string[];
            channels?: string[];
        };
        ConnectionTest: {
            /** @enum {string} */
            side: "source" | "target";
            connection: components["schemas"]["Endpoint"];
            /** @description source: checks rights and replica identity of these too (names or patterns) */
            tables?: string[];
        };
        ConnectionReport: {
            /** @enum {string} */
            side: "source" | "target";
            /** @description no check failed */
            ok: boolean;
            /** @description "PostgreSQL", "SQL Server"; empty when not reached */
            product: string;
            /** @description "16.4"; empty when not reached */
            version: string;
            checks: components["schemas"]["Check"][];
            /** @description source: SQL for a superuser that makes a user with just the rights needed (also when sign-in failed); target: the GRANTs */
            grantScript: string;
        };
        Check: {
            /** @description stable: source.reachable, source.tls, source.sign_in, source.database, source.version, source.wal_level, source.replication_slots, source.wal_senders, source.replication_right, source.publication_right, source.*, table.*; target.reachable, target.tls, target.sign_in, target.database, target.version, target.create_schema, target.create_table, target.write, target.*. The first ones are always there, in this order */
            id: string;
            /** @description for people */
            title: string;
            /** @enum {string} */
            status: "pass" | "warn" | "fail" | "skipped";
            /** @description a table */
            object: string;
            message: string;
            /** @description the statement or step that resolves it; empty when nothing is to be done */
            fix: string;
            /** @description fix can be copied into a SQL client as it is */
            fixIsSql: boolean;
        };
        TableQuery: {
            connection: components["schemas"]["Endpoint"];
            /** @description only this one */
            schema?: string;
            /** @description only these (names, schema.name, patterns) */
            tables?: string[];
            /**
             * @description false: without columns - ask so for the picker's whole list, and for the columns of one table when it is opened
             * @default true
             */
            columns?: boolean;
            /** @default dbo */
            targetSchema?: string;
        };
        SourceCatalog: {
            schemas: {
                name: string;
                tables: number;
            }[];
            tables: components["schemas"]["SourceTable"][];
        };
        SourceTable: {
            schema: string;
            name: string;
            partitioned: boolean;
            /** @description never analyzed -> null */
            estimatedRows: string | null;
            /** @description heap */
            bytes: string;
            /** @enum {string} */
            keyKind: "primary-key" | "unique-index" | "none";
            key: string[];
            /** @enum {string} */
            replicaIdentity: "default" | "nothing" | "full" | "index";
            columnCount: number;
            /** @description empty when not asked for */
            columns: components["schemas"]["SourceColumn"][];
            replicable: boolean;
            /** @description errors say why it cannot be replicated */
            issues: components["schemas"]["TableIssue"][];
        };
        SourceColumn: {
            name: string;
            sourceType: string;
            /** @description null: left out. The plan may choose a narrower type after a look at the rows */
            targetType: string | null;
            nullable: boolean;
            key: boolean;
            /** @description cannot be carried */
            leftOut: boolean;
            notes: string[];
        };
        TableIssue: {
            id: string;
            /** @enum {string} */
            severity: "warning" | "error";
            column: string;
            message: string;
            fix: string;
        };
        Finding: {
            id: string;
            /** @enum {string} */
            severity: "ok" | "info" | "warning" | "error";
            object?: string;
            found: string;
            fix?: string;
        };
        PipelinePlan: {
            pipeline: string;
            /** @enum {string} */
            engine: "embedded" | "kafka-connect";
            schemaPolicy: string | null;
            slot: string;
            publication: string;
            /** @description it exists and is used */
            adoptsSlot: boolean;
            adoptsPublication: boolean;
            /** @description a finding is an error - create would refuse */
            blocked: boolean;
            findings: components["schemas"]["Finding"][];
            tables: components["schemas"]["PlannedTable"][];
            sourceStatements: string[];
            /** @description all of it in order */
            targetDdl: string[];
            grantScript: string;
            topics: string[];
            /** @description by connector name; secrets as *** or as a reference; empty with the embedded engine */
            connectors: {
                [key: string]: {
                    [key: string]: string;
                };
            };
        };
        PlannedTable: {
            /** @description schema.table */
            source: string;
            target: string;
            key: string[];
            /** @enum {string} */
            keyKind: "primary-key" | "unique-index" | "chosen" | "none";
            estimatedRows: string | null;
            bytes: string;
            /** @description the target table is there and is used as it is */
            exists: boolean;
            /** @description CREATE TABLE; empty when it exists */
            ddl: string;
            topic: string | null;
            columns: {
                name: string;
                targetName: string;
                sourceType: string;
                targetType: string;
                nullable: boolean;
                key: boolean;
                /** @description of this column alone; null means the pipeline's */
                policy: ("fail" | "null" | "clamp" | "text") | null;
                notes: string[];
            }[];
            leftOut: string[];
        };
        PipelineConfigs: {
            engine: string;
            /** @description a PipelineSpec without secrets - what PATCH may change shows here */
            spec: Record<string, never>;
            connectors: {
                [key: string]: {
                    [key: string]: string;
                };
            };
        };
        Operation: {
            id: string;
            /** @description "pipeline.create", "pipeline.delete", "pipeline.verify", .. */
            kind: string;
            /** @enum {string} */
            state: "running" | "succeeded" | "failed" | "cancelled";
            /** @description name of the pipeline */
            target: string;
            actor: string;
            /** @description oldest first, the newest 200 */
            progress: {
                /** Format: date-time */
                time: string;
                message: string;
            }[];
            /** @description of pipeline.create: a Created; null while it runs or when it failed */
            result: Record<string, never> | null;
            /** @description a Problem when it failed, else null */
            problem: Record<string, never> | null;
            cancelRequested: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /** Format: date-time */
            endedAt: string | null;
        };
        OperationPage: {
            items: components["schemas"]["Operation"][];
            nextPageToken: string;
        };
        /** @description Only what is given changes. Anything else of a pipeline is fixed at create (400). */
        PipelinePatch: {
            source?: {
                /** @description Who changes host, port or encryption gives the password again, else 400 */
                host?: string;
                port?: number;
                user?: string;
                /** Format: password */
                password?: string;
                sslmode?: string;
                sslrootcert?: string;
            };
            target?: {
                host?: string;
                port?: number;
                user?: string;
                /** Format: password */
                password?: string;
                encrypt?: string;
                trustServerCertificate?: boolean;
            };
            mapping?: {
                /** @enum {string} */
                valuePolicy?: "fail" | "null" | "clamp" | "text";
                /** @description by schema.table: {excludeColumns, columnNames, columnTypes, columnPolicies}; holds from the table's next reload on; null takes the options away */
                tables?: {
                    [key: string]: Record<string, never> | null;
                };
            };
            embedded?: {
                /** @description a text "all=apply,drop_column=pause" as in the CLI, or an object {all, kind: word} */
                schemaPolicy?: string | Record<string, never>;
                /** @enum {string} */
                poison?: "stop" | "quarantine";
                /** @enum {string} */
                loadPolicy?: "fail" | "truncate" | "swap";
                loadWorkers?: number;
            };
        };
        VerifyRequest: {
            /** @description Empty means all */
            tables?: string[];
            /** @default false */
            repair?: boolean;
            /**
             * @description Rows that are named, a table
             * @default 100
             */
            maxReport?: number;
        };
        VerifyResult: {
            pipeline: string;
            equal: boolean;
            tables: {
                table?: string;
                target?: string;
                /** @enum {string} */
                result?: "equal" | "different" | "not loaded";
                sourceRows?: string;
                targetRows?: string;
                missing?: string;
                extra?: string;
                different?: string;
                stillChanging?: string;
                repaired?: string;
                seconds?: number;
                rows?: components["schemas"]["RowDifference"][];
                repairedRows?: components["schemas"]["RowDifference"][];
            }[];
        };
        RowDifference: {
            /** @enum {string} */
            fault?: "missing" | "extra" | "different";
            copies?: string;
            key?: {
                column?: string;
                value?: string | null;
            }[];
            columns?: {
                column?: string;
                source?: string | null;
                target?: string | null;
            }[];
            note?: string;
        };
        QuarantinedRow: {
            id: string;
            table: string;
            target: string;
            /** @enum {string} */
            op: "load" | "insert" | "update" | "delete";
            key: string;
            reason: string;
            lsn: string;
            /** Format: date-time */
            committedAt: string | null;
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            discardedAt: string | null;
            /** @description Texts by column */
            row: Record<string, never> | null;
        };
        QuarantinePage: {
            items: components["schemas"]["QuarantinedRow"][];
            nextPageToken: string;
        };
        QuarantineChoice: {
            ids?: string[];
            tables?: string[];
        };
        QuarantineDiscard: components["schemas"]["QuarantineChoice"] & ({
            ids: unknown;
        } | {
            tables: unknown;
        });
        RetryResult: {
            pipeline?: string;
            settled?: string;
            left?: string;
            rows?: {
                table?: string;
                key?: string;
                /** @enum {string} */
                result?: "written" | "gone" | "refused" | "not found" | "changing";
                reason?: string;
            }[];
        };
        AddTables: {
            tables: string[];
            mapping?: Record<string, never>;
        };
        TableChange: {
            tables: string[];
            kept: string[];
            warnings: Record<string, never>[];
        };
        Removed: {
            removed: string[];
            kept: string[];
        };
    };
    responses: {
        /** @description A fault */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    page: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    version: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Version"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    openapiYaml: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/yaml": components["schemas"]["Any"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    openapiJson: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Any"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Credentials"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    oidc: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Oidc"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    oidcStart: {
        parameters: {
            query?: {
                /** @description The path of the page to come back to */
                returnTo?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To the provider; sets a cookie for ten minutes. Or to the page, with signInError */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    oidcCallback: {
        parameters: {
            query?: {
                code?: string;
                state?: string;
                iss?: string;
                error?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To the page: signed in, or with signInError and requestId; the error's code is oidc.refused, oidc.invalid, oidc.unknown_user, oidc.unavailable or auth.sign_in_failed */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listAlertChannels: {
        parameters: {
            query?: {
                pageSize?: number;
                pageToken?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertChannelPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createAlertChannel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAlertChannel"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertChannel"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getAlertChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertChannel"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteAlertChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    testAlertChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivery"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listAlertRules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertRulePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setAlertRule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                rule: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AlertRuleSettings"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertRule"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    chooseTenant: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TenantChoice"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    changeOwnPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OwnPassword"];
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listOwnSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    endOwnSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listUsers: {
        parameters: {
            query?: {
                pageSize?: number;
                pageToken?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header?: {
                "If-Match"?: string;
            };
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateUser: {
        parameters: {
            query?: never;
            header?: {
                "If-Match"?: string;
            };
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    resetPassword: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPassword"];
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    putMembership: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleChange"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteMembership: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listMembers: {
        parameters: {
            query?: {
                pageSize?: number;
                pageToken?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    removeMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleChange"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listApiKeys: {
        parameters: {
            query?: {
                all?: boolean;
                pageSize?: number;
                pageToken?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewApiKey"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedApiKey"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    revokeApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listTenants: {
        parameters: {
            query?: {
                pageSize?: number;
                pageToken?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TenantPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createTenant: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TenantName"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getTenant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteTenant: {
        parameters: {
            query?: never;
            header?: {
                "If-Match"?: string;
            };
            path: {
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    renameTenant: {
        parameters: {
            query?: never;
            header?: {
                "If-Match"?: string;
            };
            path: {
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TenantName"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                all?: boolean;
                actor?: string;
                action?: string;
                outcome?: "ok" | "denied" | "failed";
                from?: string;
                to?: string;
                pageSize?: number;
                pageToken?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    verifyAudit: {
        parameters: {
            query?: {
                expect?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditReport"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listEvents: {
        parameters: {
            query?: {
                pipeline?: string;
                severity?: "info" | "warning" | "error";
                /** @description One kind, run.failed, or a family of them, run */
                kind?: string;
                from?: string;
                /** @description Exclusive */
                to?: string;
                pageSize?: number;
                pageToken?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    streamEvents: {
        parameters: {
            query?: never;
            header?: {
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["StreamEvent"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listOrphans: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrphanPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    removeOrphan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        removed: string[];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listOperations: {
        parameters: {
            query?: {
                /** @description Name of a pipeline */
                target?: string;
                pageSize?: number;
                pageToken?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperationPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operation: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    cancelOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operation: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Asked */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listConnections: {
        parameters: {
            query?: {
                pageSize?: number;
                pageToken?: string;
                kind?: "source" | "target";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createConnection: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewConnection"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connection"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id or its name */
                connection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connection"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteConnection: {
        parameters: {
            query?: never;
            header?: {
                "If-Match"?: string;
            };
            path: {
                /** @description Its id or its name */
                connection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateConnection: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of GET. Missing: 428; changed meanwhile: 412 */
                "If-Match"?: string;
            };
            path: {
                /** @description Its id or its name */
                connection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["ConnectionPatch"];
                "application/json": components["schemas"]["ConnectionPatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedConnection"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    testConnection: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConnectionTest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionReport"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listConnectionTables: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TableQuery"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceCatalog"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listPipelines: {
        parameters: {
            query?: {
                pageSize?: number;
                pageToken?: string;
                state?: "creating" | "active" | "paused" | "failed" | "deleting";
                /** @description A part of the name */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelinePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createPipeline: {
        parameters: {
            query?: never;
            header?: {
                Prefer?: string;
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PipelineSpec"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Created"];
                };
            };
            /** @description Under way */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    planPipeline: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PipelineSpec"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelinePlan"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getPipeline: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pipeline"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deletePipeline: {
        parameters: {
            query?: {
                dropTables?: boolean;
                dropTopics?: boolean;
                force?: boolean;
            };
            header?: {
                Prefer?: string;
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Removed"];
                };
            };
            /** @description Under way */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    updatePipeline: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag of GET. Missing: 428; changed meanwhile: 412 */
                "If-Match": string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["PipelinePatch"];
                "application/json": components["schemas"]["PipelinePatch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pipeline"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getPipelineConfigs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineConfigs"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getPipelineStatus: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineStatus"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getPipelineProgress: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineProgress"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getPipelineMetrics: {
        parameters: {
            query?: {
                range?: "1h" | "24h" | "7d";
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MetricHistory"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    restartConnector: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                connector: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connector"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    restartTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                connector: string;
                task: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connector"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    verifyPipeline: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["VerifyRequest"];
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listQuarantine: {
        parameters: {
            query?: {
                table?: string;
                /** @description Also those that were discarded */
                discarded?: boolean;
                pageSize?: number;
                pageToken?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantinePage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    retryQuarantine: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["QuarantineChoice"];
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    discardQuarantine: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QuarantineDiscard"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        discarded: string;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getQuarantinedRow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantinedRow"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    pausePipeline: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pipeline"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    resumePipeline: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pipeline"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    restartPipeline: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pipeline"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    addTables: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddTables"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TableChange"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    removeTable: {
        parameters: {
            query?: {
                dropTables?: boolean;
            };
            header?: never;
            path: {
                name: string;
                table: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TableChange"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    reloadTable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                table: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TableChange"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
