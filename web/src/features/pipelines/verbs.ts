/** What an operator does with a whole pipeline. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { keys } from "@/api/keys";
import type { Pipeline } from "@/api/types";
import { useToasts } from "@/components/Toasts";
import { pausePipeline, restartPipeline, resumePipeline } from "./queries";

export const verbs = {
  pause: {
    title: "Pause",
    run: pausePipeline,
    done: "Paused. The slot keeps the changes, so WAL grows on the source.",
  },
  resume: { title: "Resume", run: resumePipeline, done: "Resumed." },
  restart: { title: "Restart", run: restartPipeline, done: "Started again." },
} as const;

export type Verb = keyof typeof verbs;

/** The ones that make sense in a state. */
export function verbsFor(state: Pipeline["state"]): Verb[] {
  if (state === "creating" || state === "deleting") return [];
  return state === "paused" ? ["resume"] : ["restart", "pause"];
}

export function usePipelineVerb() {
  const client = useQueryClient();
  const toasts = useToasts();
  return useMutation({
    mutationFn: async ({ name, verb }: { name: string; verb: Verb }) => {
      await verbs[verb].run(name);
      return verbs[verb].done;
    },
    onSuccess: toasts.done,
    onError: toasts.failed,
    onSettled: (_done, _fault, { name }) => {
      void client.invalidateQueries({ queryKey: keys.pipelines });
      void client.invalidateQueries({ queryKey: keys.pipeline(name) });
    },
  });
}
