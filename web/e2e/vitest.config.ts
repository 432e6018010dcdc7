import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// One server, one lab and one browser after the other: the files share them and this machine.
export default defineConfig({
  root: here("."),
  cacheDir: here("../node_modules/.vite"),
  test: {
    include: ["**/*.test.ts"],
    environment: "node",
    globalSetup: here("./support/world.ts"),
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
