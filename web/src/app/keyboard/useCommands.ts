import { useMantineColorScheme } from "@mantine/core";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import type { Pipeline } from "@/api/types";
import { useToasts } from "@/components/Toasts";
import { usePipelines } from "@/features/pipelines/queries";
import { usePipelineVerb, type Verb, verbs, verbsFor } from "@/features/pipelines/verbs";
import { healthWords, shownHealth } from "@/lib/health";
import { useSession } from "../session";
import type { Command } from "./commands";
import { pages, permitted } from "./shortcuts";

/** All that one may go to or do, from any page. */
export function useCommands(onHelp: () => void): Command[] {
  const { me, may, signOut, chooseTenant } = useSession();
  const navigate = useNavigate();
  const toasts = useToasts();
  const { setColorScheme } = useMantineColorScheme();
  const { data: pipelines = [] } = usePipelines();
  const { mutate: work } = usePipelineVerb();

  return useMemo(() => {
    const go = (path: string) => () => void navigate(path);
    const act = (verb: Verb, name: string) => () => work({ verb, name });
    const partsOf = ({ name, state }: Pipeline): Command[] => {
      const address = `/pipelines/${encodeURIComponent(name)}`;
      const part = (title: string, path: string) => ({
        id: `${path} ${name}`,
        group: "Pipelines",
        title: `${name}: ${title}`,
        quiet: true,
        run: go(`${address}/${path}`),
      });
      return [
        part("tables", "tables"),
        ...(may("operations.read") ? [part("verify", "verify")] : []),
        ...(may("pipelines.update") ? [part("settings", "settings")] : []),
        ...(may("pipelines.operate") ? verbsFor(state) : []).map((verb) => ({
          id: `${verb} ${name}`,
          group: "Actions",
          title: `${verbs[verb].title} ${name}`,
          quiet: true,
          run: act(verb, name),
        })),
      ];
    };
    return [
      ...permitted(pages, may).map(({ keys, title, path = "/" }) => ({
        id: path,
        group: "Pages",
        title,
        keys,
        run: go(path),
      })),
      ...pipelines.map((pipeline) => ({
        id: `pipeline ${pipeline.name}`,
        group: "Pipelines",
        title: pipeline.name,
        hint: healthWords(shownHealth(pipeline)).word,
        run: go(`/pipelines/${encodeURIComponent(pipeline.name)}`),
      })),
      ...pipelines.flatMap(partsOf),
      ...me.tenants
        .filter(({ id }) => id !== me.tenant?.id)
        .map(({ id, name }) => ({
          id: `tenant ${id}`,
          group: "Actions",
          title: `Work in ${name}`,
          run: () => void chooseTenant(id).then(go("/pipelines"), toasts.failed),
        })),
      { id: "light", group: "Actions", title: "Light theme", run: () => setColorScheme("light") },
      { id: "dark", group: "Actions", title: "Dark theme", run: () => setColorScheme("dark") },
      { id: "help", group: "Actions", title: "Keyboard shortcuts", keys: "?", run: onHelp },
      { id: "sign-out", group: "Actions", title: "Sign out", run: () => void signOut().catch(toasts.failed) },
    ];
  }, [me, may, signOut, chooseTenant, navigate, toasts, setColorScheme, pipelines, work, onHelp]);
}
