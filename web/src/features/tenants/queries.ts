import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { keys } from "@/api/keys";
import { allItems } from "@/api/pages";

export function useTenants() {
  return useQuery({
    queryKey: keys.tenants,
    queryFn: () => allItems((query) => answer(api.GET("/api/v1/tenants", { params: { query } }))),
  });
}

export const createTenant = (name: string) => answer(api.POST("/api/v1/tenants", { body: { name } }));

export const renameTenant = (tenant: string, name: string) =>
  answer(api.PATCH("/api/v1/tenants/{tenant}", { params: { path: { tenant } }, body: { name } }));

export const deleteTenant = (tenant: string) =>
  answer(api.DELETE("/api/v1/tenants/{tenant}", { params: { path: { tenant } } }));
