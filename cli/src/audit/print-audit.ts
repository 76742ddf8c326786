import { setTimeout as sleep } from "node:timers/promises";
import { create, toJson } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type AuditEntry,
  AuditEntrySchema,
  type ListAuditLogRequest,
  ListAuditLogRequestSchema,
} from "@polyreel/contract";
import { call } from "../client/call.js";
import { type Connection, connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { interruptible } from "../interrupt.js";
import { ProblemsError } from "../problem.js";
import type { Terminal } from "../terminal/terminal.js";

export interface AuditFlags {
  readonly since?: Date;
  readonly until?: Date;
  readonly tenant?: string;
  readonly who?: string;
  readonly action?: string;
  readonly object?: string;
  readonly outcome?: string;
  readonly limit?: number;
  readonly follow?: true;
  readonly json?: true;
}

const PAGE_SIZE = 500;
const POLL_MS = 2000;
/** Entries of other gateways may become visible later than those of this one, and clocks differ. */
const OVERLAP_MS = 30_000;

/** `polyreel audit`. Returns the exit code. */
export async function audit(flags: AuditFlags & { readonly server: string }, terminal: Terminal): Promise<number> {
  const limit = limitOf(flags);
  const connection = connectTo(flags.server);
  try {
    if (flags.follow) return await interruptible(terminal, (signal) => follow(connection, flags, terminal, signal));
    let printed = 0;
    for await (const entry of entries(connection, flags, Math.min(limit, PAGE_SIZE))) {
      if (printed++ >= limit || terminal.discarded) break;
      await terminal.print(line(entry, flags));
    }
    if (printed === 0 && !flags.json) terminal.note("There are no entries like that.\n");
    return exitCodes.delivered;
  } finally {
    connection.close();
  }
}

/** The newest first, a page at a time. */
async function* entries(connection: Connection, flags: AuditFlags, pageSize: number): AsyncGenerator<AuditEntry> {
  let pageToken = "";
  do {
    const request = { ...requestOf(flags), pageSize, pageToken };
    const page = await call(connection, connection.audit.listAuditLog(request));
    yield* page.entries;
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
}

async function follow(
  connection: Connection,
  flags: AuditFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const began = flags.since ?? new Date();
  /** When each printed entry was made, in milliseconds. */
  const printed = new Map<string, number>();
  let newest = began.getTime();
  while (!signal.aborted) {
    const since = new Date(Math.max(began.getTime(), newest - OVERLAP_MS));
    const fresh: AuditEntry[] = [];
    for await (const entry of entries(connection, { ...flags, since }, PAGE_SIZE)) {
      if (!printed.has(entry.id)) fresh.push(entry);
    }
    for (const entry of fresh.reverse()) {
      const ms = timeOf(entry).getTime();
      printed.set(entry.id, ms);
      newest = Math.max(newest, ms);
      await terminal.print(line(entry, flags));
    }
    for (const [id, ms] of printed) if (ms < newest - 2 * OVERLAP_MS) printed.delete(id);
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
  return exitCodes.interrupted;
}

const requestOf = ({
  tenant = "",
  who = "",
  action = "",
  object = "",
  outcome = "",
  since,
  until,
}: AuditFlags): ListAuditLogRequest =>
  create(ListAuditLogRequestSchema, {
    ...{ tenant, principal: who, action, object, outcome },
    ...(since && { from: timestampFromDate(since) }),
    ...(until && { to: timestampFromDate(until) }),
  });

function limitOf({ limit = Number.POSITIVE_INFINITY }: AuditFlags): number {
  if (limit === Number.POSITIVE_INFINITY || (Number.isInteger(limit) && limit > 0)) return limit;
  throw new ProblemsError(
    [{ what: "--limit is no number of entries.", remedy: "Write it as in -n 20." }],
    exitCodes.usage,
  );
}

const timeOf = ({ time }: AuditEntry): Date => (time ? timestampDate(time) : new Date(0));

function line(entry: AuditEntry, { json }: AuditFlags): string {
  if (json) return `${JSON.stringify(toJson(AuditEntrySchema, entry))}\n`;
  const { tenant, principal, action, object, outcome, reason, address } = entry;
  const who = [principal?.kind, principal?.name || principal?.id].filter(Boolean).join(" ");
  const shown = [
    timeOf(entry).toISOString().slice(0, 19).replace("T", " "),
    ...(tenant ? [tenant] : []),
    address ? `${who} (${address})` : who,
    action.replace(/^polyreel\.v1\.\w+\//, ""),
    ...(object ? [`${object.kind} ${object.id}`] : []),
    reason ? `${outcome}: ${reason}` : outcome,
  ];
  return `${shown.join("  ")}\n`;
}
