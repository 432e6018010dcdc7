import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { ifMatch } from "@/api/etag";
import { keys } from "@/api/keys";
import { allItems } from "@/api/pages";
import type { Tenant } from "@/api/types";

export function useTenants() {
  return useQuery({
    queryKey: keys.tenants,
    queryFn: () => allItems((query) => answer(api.GET("/api/v1/tenants", { params: { query } }))),
  });
}

export const createTenant = (name: string) => answer(api.POST("/api/v1/tenants", { body: { name } }));

const asShown = (tenant: Tenant) => ({ path: { tenant: tenant.id }, header: ifMatch(tenant) });

export const renameTenant = (tenant: Tenant, name: string) =>
  answer(api.PATCH("/api/v1/tenants/{tenant}", { params: asShown(tenant), body: { name } }));

export const deleteTenant = (tenant: Tenant) =>
  answer(api.DELETE("/api/v1/tenants/{tenant}", { params: asShown(tenant) }));
