import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { AuditEntry } from "@polyreel/contract";
import { reaches, type Scope } from "../../call/call.js";

/** Filters; empty ones match everything. */
export interface AuditFilter {
  readonly scope: Scope;
  /** Id, name or kind of the principal. */
  readonly principal: string;
  /** In full, or what follows its last "/". */
  readonly action: string;
  /** The object's id. */
  readonly object: string;
  /** A code, or "refused" for all but "ok". */
  readonly outcome: string;
  readonly from: Date | undefined;
  /** Not included. */
  readonly to: Date | undefined;
}

export interface AuditQuery extends AuditFilter {
  /** Only entries with a lower id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Where entries are kept. They are added, and removed when they are too old, but never changed. */
export interface AuditStore {
  /** They survive a crash when this resolves. An entry that is there already is left as it is. */
  append(entries: readonly AuditEntry[]): Promise<void>;
  /** By descending id. */
  list(query: AuditQuery, signal?: AbortSignal): Promise<AuditEntry[]>;
  /** Removes entries with lower ids; returns how many. */
  removeBelow(id: string, signal?: AbortSignal): Promise<number>;
}

export const REFUSED = "refused";

/** Whether an entry passes the filters. */
export function passes(entry: AuditEntry, filter: AuditFilter): boolean {
  const { scope, principal, action, object, outcome, from, to } = filter;
  const time = entry.time ? timestampDate(entry.time) : new Date(0);
  const who = entry.principal;
  return (
    reaches(scope, entry.tenant) &&
    (principal === "" || [who?.id, who?.name, who?.kind].includes(principal)) &&
    (action === "" || entry.action === action || entry.action.endsWith(`/${action}`)) &&
    (object === "" || entry.object?.id === object) &&
    (outcome === "" || (outcome === REFUSED ? entry.outcome !== "ok" : entry.outcome === outcome)) &&
    (from === undefined || time >= from) &&
    (to === undefined || time < to)
  );
}
