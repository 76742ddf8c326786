import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Releasers } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import { MemoryProjectionStore } from "../memory/memory-projection-store.js";
import type { ProjectionStore } from "../projection-store.js";
import { openPglite } from "../sql/pglite/open-pglite.js";
import { openPostgres } from "../sql/postgres/open-postgres.js";
import { postgresPrograms, startPostgres } from "./private-postgres.js";

const programs = await postgresPrograms();

export const isPostgresThere = programs !== undefined;

/** URL of a new database on a separate server. */
export async function postgresUrl(releasers: Releasers): Promise<string> {
  if (!programs) throw new Error("PostgreSQL is not installed.");
  const server = releasers.use(await startPostgres(programs));
  return await server.database();
}

/**
 * Every storage of the read model. One of each is opened for all of a file's tests: each of them begins with another
 * stream, which clears it. `open` is undefined if the system lacks its requirements.
 */
export const projectionStores = (
  releasers: Releasers,
): [name: string, open: (() => Promise<ProjectionStore>) | undefined][] => [
  ["memory", async () => new MemoryProjectionStore()],
  [
    "PGlite",
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "polyreel-pglite-"));
      releasers.add(() => rm(folder, { recursive: true, force: true }));
      return releasers.use(await openPglite(folder));
    },
  ],
  [
    "PostgreSQL",
    isPostgresThere
      ? async () => releasers.use(await openPostgres(await postgresUrl(releasers), createLog("test", "silent")))
      : undefined,
  ],
];
