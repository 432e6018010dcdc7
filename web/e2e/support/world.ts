/** What every test stands on, started before the first and ended after the last: a lab and a server. */
import type { TestProject } from "vitest/node";
import { startLab } from "./lab";
import { startServer } from "./server";

declare module "vitest" {
  export interface ProvidedContext {
    url: string;
    dataDir: string;
    lab: Record<string, string>;
  }
}

export default async function world(project: TestProject) {
  const lab = await startLab();
  try {
    const server = await startServer();
    project.provide("url", server.url);
    project.provide("dataDir", server.dataDir);
    project.provide("lab", lab.facts);
    return async () => {
      await server.stop();
      await lab.stop();
    };
  } catch (fault) {
    await lab.stop();
    throw fault;
  }
}
