import { composed, type Running } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import type { RunningReadModel } from "../read-model/open-read-model.js";
import { lowestAuditId } from "./audit-id.js";
import { AuditLog } from "./audit-log.js";
import type { AuditStore } from "./store/audit-store.js";
import { ReservedAudit } from "./store/reserved-audit.js";
import { StoredAudit } from "./store/stored-audit.js";

export interface Audit extends Running {
  /** Takes actions. */
  readonly audit: AuditLog;
  readonly auditStore: AuditStore;
  /** Removes entries beyond the retention. */
  expire(signal: AbortSignal): Promise<void>;
}

interface Deps {
  readonly model: Pick<RunningReadModel, "auditStore" | "presence">;
  readonly store: Store;
  readonly log: Log;
}

/** The audit log in the read model's database; in the store for a gateway without one. */
export function openAudit(keptMs: number, { model, store, log }: Deps): Promise<Audit> {
  return composed(async (releasers) => {
    const stored = new StoredAudit(store);
    const reserved = model.auditStore && new ReservedAudit(model.auditStore, stored, log);
    const auditStore = reserved ?? stored;
    releasers.add(() => reserved?.idle());
    const move = () => void reserved?.moveReserved();
    model.presence?.on("change", move);
    releasers.add(() => model.presence?.off("change", move));
    move();
    const audit = releasers.use(new AuditLog(auditStore, log));
    return {
      ...{ audit, auditStore },
      async expire(signal) {
        await reserved?.moveReserved();
        if (!Number.isFinite(keptMs)) return;
        const removed = await auditStore.removeBelow(lowestAuditId(new Date(Date.now() - keptMs)), signal);
        if (removed > 0) log.info({ removed }, "entries of the audit log beyond the retention were removed");
      },
      close: () => releasers.close(),
    };
  });
}
