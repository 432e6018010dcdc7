import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { ifMatch } from "@/api/etag";
import { keys } from "@/api/keys";
import { allItems } from "@/api/pages";
import type { Role, User } from "@/api/types";

export function useMembers(enabled = true) {
  return useQuery({
    queryKey: keys.members,
    queryFn: () => allItems((query) => answer(api.GET("/api/v1/members", { params: { query } }))),
    enabled,
  });
}

export function useUsers(enabled = true) {
  return useQuery({
    queryKey: keys.users,
    queryFn: () => allItems((query) => answer(api.GET("/api/v1/users", { params: { query } }))),
    enabled,
  });
}

/** All there are: for the memberships of a user. */
export function useTenantNames() {
  return useQuery({
    queryKey: keys.tenants,
    queryFn: () => allItems((query) => answer(api.GET("/api/v1/tenants", { params: { query } }))),
  });
}

export const changeMember = (user: string, role: Role) =>
  answer(api.PATCH("/api/v1/members/{user}", { params: { path: { user } }, body: { role } }));

export const removeMember = (user: string) =>
  answer(api.DELETE("/api/v1/members/{user}", { params: { path: { user } } }));

export interface NewUser {
  name: string;
  /** Without one the user signs in by the identity provider alone. */
  password?: string;
  email: string;
  serverAdmin: boolean;
  memberships: { tenant: string; role: Role }[];
}

export const createUser = (body: NewUser) => answer(api.POST("/api/v1/users", { body }));

export interface UserChange {
  email: string;
  serverAdmin: boolean;
  disabled: boolean;
  /** Forgets the identity that is linked. */
  oidcLinked?: false;
}

const asShown = (user: User) => ({ path: { user: user.id }, header: ifMatch(user) });

export const updateUser = (user: User, body: UserChange) =>
  answer(api.PATCH("/api/v1/users/{user}", { params: asShown(user), body }));

export const deleteUser = (user: User) => answer(api.DELETE("/api/v1/users/{user}", { params: asShown(user) }));

export const resetPassword = (user: string, password: string) =>
  answer(api.POST("/api/v1/users/{user}/password", { params: { path: { user } }, body: { password } }));

export const putMembership = (user: string, tenant: string, role: Role) =>
  answer(api.PUT("/api/v1/users/{user}/memberships/{tenant}", { params: { path: { user, tenant } }, body: { role } }));

export const deleteMembership = (user: string, tenant: string) =>
  answer(api.DELETE("/api/v1/users/{user}/memberships/{tenant}", { params: { path: { user, tenant } } }));
