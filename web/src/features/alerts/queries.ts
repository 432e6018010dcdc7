import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { keys } from "@/api/keys";
import type { AlertRule } from "@/api/types";
import type { ChannelBody } from "./channel";

export function useChannels() {
  return useQuery({ queryKey: keys.alertChannels, queryFn: () => answer(api.GET("/api/v1/alerts/channels")) });
}

export function useRules() {
  return useQuery({ queryKey: keys.alertRules, queryFn: () => answer(api.GET("/api/v1/alerts/rules")) });
}

export const createChannel = (body: ChannelBody) => answer(api.POST("/api/v1/alerts/channels", { body }));

export const deleteChannel = (id: string) =>
  answer(api.DELETE("/api/v1/alerts/channels/{id}", { params: { path: { id } } }));

export const testChannel = (id: string) =>
  answer(api.POST("/api/v1/alerts/channels/{id}/test", { params: { path: { id } } }));

export function setRule({ rule, enabled, lagS, forS, pipelines, channels }: AlertRule) {
  const measures = rule === "lag" ? { lagS: lagS ?? undefined, forS: forS ?? undefined } : {};
  return answer(
    api.PUT("/api/v1/alerts/rules/{rule}", {
      params: { path: { rule } },
      body: { enabled, pipelines, channels, ...measures },
    }),
  );
}
