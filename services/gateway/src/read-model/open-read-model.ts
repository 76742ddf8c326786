import type { Notify } from "@polyreel/contract";
import type { LiveBatches } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { composed } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { EventStream } from "@polyreel/platform/stream";
import type { AuditStore } from "../audit/store/audit-store.js";
import type { NotificationStore } from "../notify/store/notification-store.js";
import { BatchChanges } from "./batch-changes.js";
import { MemoryProjectionStore } from "./memory/memory-projection-store.js";
import type { Presence } from "./presence.js";
import { Projection } from "./projection.js";
import type { ProjectionStore } from "./projection-store.js";
import type { KnownBatch, ReadModel } from "./read-model.js";

/** Storage of the read model: a PostgreSQL database, or else a folder, or else memory. */
export interface ReadModelConfig {
  readonly databaseUrl: string;
  readonly databaseFolder: string;
}

export interface RunningReadModel extends ReadModel, Running {
  /** Availability of its database, if that can be unavailable. */
  readonly presence: Presence | undefined;
  /** Resolves when it is ready. */
  readonly caughtUp: Promise<void>;
  /** Undefined if notifications are off. */
  readonly notifications: NotificationStore | undefined;
  /** The audit log in its database; undefined if it has none. */
  readonly auditStore: AuditStore | undefined;
}

interface Deps {
  readonly stream: EventStream;
  readonly batches: LiveBatches;
  readonly log: Log;
  /** Called with complete batches whose end is not published yet. */
  readonly completed: (batch: KnownBatch) => void;
  /** Default receivers of a tenant's batches; undefined: notifications are off. */
  readonly receivers?: ((tenant: string) => readonly Notify[]) | undefined;
  /** Called when notifications were recorded. */
  readonly noticed?: () => void;
}

/** Opens the read model, and starts to follow the stream. */
export function openReadModel(config: ReadModelConfig, deps: Deps): Promise<RunningReadModel> {
  return composed(async (releasers) => {
    const store = releasers.use(await openProjectionStore(config, deps.log));
    const notifications = deps.receivers && store.notifications(deps.receivers);
    const changes = new BatchChanges();
    const projection = releasers.use(new Projection({ ...deps, store, notices: notifications, changes }));
    return {
      changes,
      notifications,
      auditStore: store.audit,
      get ready() {
        return projection.ready;
      },
      caughtUp: projection.caughtUp,
      presence: store.presence,
      async reached(sequence) {
        store.presence?.assertThere();
        await projection.reached(sequence).catch((error: unknown) => {
          store.presence?.assertThere(); // A disconnect meanwhile is the better explanation.
          throw error;
        });
      },
      rebuild: (signal) => projection.rebuild(signal),
      get progress() {
        return projection.progress;
      },
      batch: (batchId, scope) => store.batch(batchId, scope),
      batches: (asked) => store.batches(asked),
      combination: (batchId, combinationId, scope) => store.combination(batchId, combinationId, scope),
      combinations: (batchId, asked) => store.combinations(batchId, asked),
      choiceCounts: (batchId, scope) => store.choiceCounts(batchId, scope),
      partStates: (batchId, parts, scope) => store.partStates(batchId, parts, scope),
      partsOnlyOf: (batchId, besides) => store.partsOnlyOf(batchId, besides),
      keptBatches: (scope) => store.keptBatches(scope),
      continuing: (batchId) => store.continuing(batchId),
      deliveredBytes: (batchIds) => store.deliveredBytes(batchIds),
      soundsUsed: () => store.soundsUsed(),
      namedBatches: (query) => store.namedBatches(query),
      namedTally: (query) => store.namedTally(query),
      sharedPaths: (batchId) => store.sharedPaths(batchId),
      stats: (asked) => store.stats(asked),
      usage: (query) => store.usage(query),
      close: () => releasers.close(),
    };
  });
}

/** Databases are imported on demand, so that a render in one process starts at once. */
async function openProjectionStore(
  { databaseUrl, databaseFolder }: ReadModelConfig,
  log: Log,
): Promise<ProjectionStore> {
  if (databaseUrl) return (await import("./sql/postgres/open-postgres.js")).openPostgres(databaseUrl, log);
  if (databaseFolder) return (await import("./sql/pglite/open-pglite.js")).openPglite(databaseFolder);
  return new MemoryProjectionStore();
}
