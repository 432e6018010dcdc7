/** Addresses and their pages. Each page but the first is loaded when it is first gone to. */
import { createBrowserRouter, type LazyRouteFunction, Navigate, type RouteObject } from "react-router";
import { Allowed } from "./Allowed";
import { Gate } from "./Gate";
import { NotFoundPage } from "./NotFoundPage";
import { RouteFault } from "./RouteFault";

type Page = () => React.ReactNode;

/** `permissions`: any of them is needed to see the page; none are for everybody who is signed in. */
function page(load: () => Promise<Page>, permissions: string[] = []): LazyRouteFunction<RouteObject> {
  return async () => {
    const Loaded = await load();
    if (permissions.length === 0) return { Component: Loaded };
    return {
      element: (
        <Allowed permissions={permissions}>
          <Loaded />
        </Allowed>
      ),
    };
  };
}

export const router = createBrowserRouter([
  {
    path: "/",
    Component: Gate,
    ErrorBoundary: RouteFault,
    HydrateFallback: () => null,
    children: [
      {
        ErrorBoundary: RouteFault,
        children: [
          { index: true, element: <Navigate to="/pipelines" replace /> },
          {
            path: "pipelines",
            lazy: page(async () => (await import("@/features/pipelines/PipelinesPage")).PipelinesPage),
          },
          {
            lazy: page(async () => (await import("@/features/create/CreateLayout")).CreateLayout),
            children: [
              {
                path: "pipelines/new",
                lazy: page(async () => (await import("@/features/create/CreatePage")).CreatePage),
              },
              {
                path: "create/:operation",
                lazy: page(async () => (await import("@/features/create/ProgressPage")).ProgressPage),
              },
            ],
          },
          {
            path: "pipelines/:name",
            lazy: page(async () => (await import("@/features/pipeline/PipelinePage")).PipelinePage),
            children: [
              { index: true, lazy: page(async () => (await import("@/features/pipeline/OverviewTab")).OverviewTab) },
              { path: "tables", lazy: page(async () => (await import("@/features/pipeline/TablesTab")).TablesTab) },
              { path: "schema", lazy: page(async () => (await import("@/features/pipeline/SchemaTab")).SchemaTab) },
              { path: "events", lazy: page(async () => (await import("@/features/pipeline/EventsTab")).EventsTab) },
              {
                path: "quarantine",
                lazy: page(async () => (await import("@/features/pipeline/QuarantineTab")).QuarantineTab),
              },
              { path: "verify", lazy: page(async () => (await import("@/features/pipeline/VerifyTab")).VerifyTab) },
              {
                path: "configs",
                lazy: page(async () => (await import("@/features/pipeline/ConfigsTab")).ConfigsTab, ["configs.read"]),
              },
              {
                path: "settings",
                lazy: page(
                  async () => (await import("@/features/pipeline/SettingsTab")).SettingsTab,
                  ["pipelines.update", "pipelines.delete"],
                ),
              },
            ],
          },
          {
            path: "connections",
            lazy: page(
              async () => (await import("@/features/connections/ConnectionsPage")).ConnectionsPage,
              ["connections.read"],
            ),
          },
          { path: "events", lazy: page(async () => (await import("@/features/events/EventsPage")).EventsPage) },
          {
            path: "monitoring",
            lazy: page(
              async () => (await import("@/features/monitoring/MonitoringPage")).MonitoringPage,
              ["metrics.read"],
            ),
          },
          {
            path: "orphans",
            lazy: page(async () => (await import("@/features/orphans/OrphansPage")).OrphansPage, ["orphans.read"]),
          },
          {
            path: "alerts",
            lazy: page(async () => (await import("@/features/alerts/AlertsPage")).AlertsPage, ["alerts.read"]),
          },
          {
            path: "people",
            lazy: page(
              async () => (await import("@/features/people/PeoplePage")).PeoplePage,
              ["members.read", "users.read"],
            ),
          },
          {
            path: "api-keys",
            lazy: page(async () => (await import("@/features/keys/ApiKeysPage")).ApiKeysPage, ["api-keys.own"]),
          },
          {
            path: "tenants",
            lazy: page(async () => (await import("@/features/tenants/TenantsPage")).TenantsPage, ["tenants.read"]),
          },
          {
            path: "audit",
            lazy: page(async () => (await import("@/features/audit/AuditPage")).AuditPage, ["audit.read"]),
          },
          { path: "account", lazy: page(async () => (await import("@/features/account/AccountPage")).AccountPage) },
          { path: "*", Component: NotFoundPage },
        ],
      },
    ],
  },
]);
