/** The pages of the side bar, and what one must be allowed to see each. */
import {
  IconActivity,
  IconArrowsRightLeft,
  IconBell,
  IconBuilding,
  IconClipboardList,
  IconGauge,
  IconKey,
  IconPlugConnected,
  IconPlugOff,
  IconUsers,
} from "@tabler/icons-react";
import type { ComponentType } from "react";

export interface NavigationItem {
  path: string;
  /** Pressed after "g" it leads there. */
  key: string;
  title: string;
  icon: ComponentType<{ size?: number; "aria-hidden"?: boolean }>;
  /** Any of these. */
  permissions: string[];
}

export const navigation: { title: string; items: NavigationItem[] }[] = [
  {
    title: "Replication",
    items: [
      { path: "/pipelines", key: "p", title: "Pipelines", icon: IconArrowsRightLeft, permissions: ["pipelines.read"] },
      {
        path: "/connections",
        key: "c",
        title: "Connections",
        icon: IconPlugConnected,
        permissions: ["connections.read"],
      },
      { path: "/monitoring", key: "m", title: "Monitoring", icon: IconGauge, permissions: ["metrics.read"] },
      { path: "/events", key: "e", title: "Events", icon: IconActivity, permissions: ["events.read"] },
      { path: "/orphans", key: "o", title: "Orphans", icon: IconPlugOff, permissions: ["orphans.read"] },
      { path: "/alerts", key: "a", title: "Alerts", icon: IconBell, permissions: ["alerts.read"] },
    ],
  },
  {
    title: "Access",
    items: [
      { path: "/people", key: "u", title: "People", icon: IconUsers, permissions: ["members.read", "users.read"] },
      { path: "/api-keys", key: "k", title: "API keys", icon: IconKey, permissions: ["api-keys.own"] },
      {
        path: "/tenants",
        key: "t",
        title: "Tenants",
        icon: IconBuilding,
        permissions: ["tenants.read", "tenants.write"],
      },
      { path: "/audit", key: "l", title: "Audit log", icon: IconClipboardList, permissions: ["audit.read"] },
    ],
  },
];
