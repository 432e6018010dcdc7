/** The pages of the side bar, and what one must be allowed to see each. */
import {
  IconActivity,
  IconArrowsRightLeft,
  IconBell,
  IconBuilding,
  IconClipboardList,
  IconGauge,
  IconKey,
  IconPlugOff,
  IconUsers,
} from "@tabler/icons-react";
import type { ComponentType } from "react";

export interface NavigationItem {
  path: string;
  title: string;
  icon: ComponentType<{ size?: number; "aria-hidden"?: boolean }>;
  /** Any of these. */
  permissions: string[];
}

export const navigation: { title: string; items: NavigationItem[] }[] = [
  {
    title: "Replication",
    items: [
      { path: "/pipelines", title: "Pipelines", icon: IconArrowsRightLeft, permissions: ["pipelines.read"] },
      { path: "/monitoring", title: "Monitoring", icon: IconGauge, permissions: ["metrics.read"] },
      { path: "/events", title: "Events", icon: IconActivity, permissions: ["events.read"] },
      { path: "/orphans", title: "Orphans", icon: IconPlugOff, permissions: ["orphans.read"] },
      { path: "/alerts", title: "Alerts", icon: IconBell, permissions: ["alerts.read"] },
    ],
  },
  {
    title: "Access",
    items: [
      { path: "/people", title: "People", icon: IconUsers, permissions: ["members.read", "users.read"] },
      { path: "/api-keys", title: "API keys", icon: IconKey, permissions: ["api-keys.own"] },
      { path: "/tenants", title: "Tenants", icon: IconBuilding, permissions: ["tenants.read", "tenants.write"] },
      { path: "/audit", title: "Audit log", icon: IconClipboardList, permissions: ["audit.read"] },
    ],
  },
];
