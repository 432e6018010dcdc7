import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { keys } from "@/api/keys";

export function useSessions() {
  return useQuery({ queryKey: keys.sessions, queryFn: () => answer(api.GET("/api/v1/auth/sessions")) });
}

export const endSession = (session: string) =>
  answer(api.DELETE("/api/v1/auth/sessions/{session}", { params: { path: { session } } }));

export const changePassword = (currentPassword: string, newPassword: string) =>
  answer(api.POST("/api/v1/auth/password", { body: { currentPassword, newPassword } }));
