import type { LiveBatches } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { composed } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { EventStream } from "@polyreel/platform/stream";
import { MemoryProjectionStore } from "./memory/memory-projection-store.js";
import type { Presence } from "./presence.js";
import { Projection } from "./projection.js";
import type { ProjectionStore } from "./projection-store.js";
import type { KnownBatch, ReadModel } from "./read-model.js";

/** Where the read model is kept: in a PostgreSQL database, else in a folder, else in memory. */
export interface ReadModelConfig {
  readonly databaseUrl: string;
  readonly databaseFolder: string;
}

export interface RunningReadModel extends ReadModel, Running {
  /** Of its database, where that can be away. */
  readonly presence: Presence | undefined;
  /** Resolves when it is ready. */
  readonly caughtUp: Promise<void>;
}

interface Deps {
  readonly stream: EventStream;
  readonly batches: LiveBatches;
  readonly log: Log;
  /** Called with batches that are complete, and not said to be finished yet. */
  readonly completed: (batch: KnownBatch) => void;
}

/** Opens the read model, and begins to keep it up with the stream. */
export function openReadModel(config: ReadModelConfig, deps: Deps): Promise<RunningReadModel> {
  return composed(async (releasers) => {
    const ledger = releasers.use(await openProjectionStore(config, deps.log));
    const projection = releasers.use(new Projection({ ...deps, ledger }));
    return {
      get ready() {
        return projection.ready;
      },
      caughtUp: projection.caughtUp,
      presence: ledger.presence,
      async reached(sequence) {
        ledger.presence?.assertThere();
        await projection.reached(sequence).catch((error: unknown) => {
          ledger.presence?.assertThere(); // it went away meanwhile, which says more
          throw error;
        });
      },
      rebuild: (signal) => projection.rebuild(signal),
      get progress() {
        return projection.progress;
      },
      batch: (batchId, scope) => ledger.batch(batchId, scope),
      batches: (asked) => ledger.batches(asked),
      combination: (batchId, combinationId, scope) => ledger.combination(batchId, combinationId, scope),
      combinations: (batchId, asked) => ledger.combinations(batchId, asked),
      partStates: (batchId, parts, scope) => ledger.partStates(batchId, parts, scope),
      partsOnlyOf: (batchId, besides) => ledger.partsOnlyOf(batchId, besides),
      keptBatches: (scope) => ledger.keptBatches(scope),
      continuing: (batchId) => ledger.continuing(batchId),
      deliveredBytes: (batchIds) => ledger.deliveredBytes(batchIds),
      soundsUsed: () => ledger.soundsUsed(),
      sharedPaths: (batchId) => ledger.sharedPaths(batchId),
      stats: (asked) => ledger.stats(asked),
      close: () => releasers.close(),
    };
  });
}

/** Databases are loaded where they are used: a render in one process begins at once. */
async function openProjectionStore(
  { databaseUrl, databaseFolder }: ReadModelConfig,
  log: Log,
): Promise<ProjectionStore> {
  if (databaseUrl) return (await import("./sql/postgres/open-postgres.js")).openPostgres(databaseUrl, log);
  if (databaseFolder) return (await import("./sql/pglite/open-pglite.js")).openPglite(databaseFolder);
  return new MemoryProjectionStore();
}
