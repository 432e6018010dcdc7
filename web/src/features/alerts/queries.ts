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

// Of the rule about lag; the others measure nothing, and the server looks at neither.
const kUsualLagS = 60;
const kUsualForS = 300;

export function setRule({ rule, enabled, lagS, forS, pipelines, channels }: AlertRule) {
  return answer(
    api.PUT("/api/v1/alerts/rules/{rule}", {
      params: { path: { rule } },
      body: { enabled, pipelines, channels, lagS: lagS ?? kUsualLagS, forS: forS ?? kUsualForS },
    }),
  );
}
