import { create, type JsonObject, toJson } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type AuditEntry, AuditEntrySchema, ListAuditLogRequestSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import { type Column, spreadsheetHeader, spreadsheetLine } from "@polyreel/spec/rows";
import type { FastifyRequest } from "fastify";
import type { Call } from "../call/call.js";
import type { RequestCheck } from "../server/validate.js";
import { checkedMessage } from "../sources/web/checked-message.js";
import { queryOf } from "../sources/web/query.js";
import { disposition } from "../web/answer-bytes.js";
import { sendFile } from "../web/send-file.js";
import { callOf, type WebApp } from "../web/web-app.js";
import { filterOf } from "./audit-service.js";
import type { AuditFilter, AuditStore } from "./store/audit-store.js";

const PAGE = 1000;
const TYPES = { csv: "text/csv; charset=utf-8", jsonl: "application/x-ndjson" } as const;
type Format = keyof typeof TYPES;

interface Deps {
  readonly auditStore: AuditStore;
  readonly check: RequestCheck;
  readonly log: Log;
}

/**
 * GET /audit.jsonl and /audit.csv: the audit log from the newest entry on, streamed a page at a time. Parameters are the fields of
 * ListAuditLogRequest.
 */
export const serveAudit =
  ({ auditStore, check, log }: Deps) =>
  (app: WebApp): void => {
    for (const format of Object.keys(TYPES) as Format[]) {
      app.get(`/audit.${format}`, async (request, reply) => {
        const call = callOf(request, reply);
        const filter = filterIn(request, check, call);
        const isRead = request.method !== "HEAD";
        const body = isRead ? linesOf(format, pages(auditStore, filter, call.signal)) : nothing();
        const headers = {
          "Content-Type": TYPES[format],
          "Content-Disposition": disposition(`audit.${format}`, "attachment"),
          "X-Content-Type-Options": "nosniff",
          "Cache-Control": "no-store",
        };
        await sendFile(reply, { status: 200, headers, body, first: await body.next() }, call.signal, log);
      });
    }
  };

async function* nothing(): AsyncGenerator<Uint8Array> {}

function filterIn(request: FastifyRequest, check: RequestCheck, call: Call): AuditFilter {
  const { one } = queryOf(request);
  const [from, to] = [timeIn(one("from"), "from"), timeIn(one("to"), "to")];
  const message = create(ListAuditLogRequestSchema, {
    ...{ tenant: one("tenant"), principal: one("principal"), action: one("action") },
    ...{ object: one("object"), outcome: one("outcome") },
    ...(from && { from: timestampFromDate(from) }),
    ...(to && { to: timestampFromDate(to) }),
  });
  return filterOf(checkedMessage(check, ListAuditLogRequestSchema, message), call);
}

function timeIn(text: string, field: string): Date | undefined {
  if (text === "") return undefined;
  const date = new Date(text);
  if (!Number.isNaN(date.getTime())) return date;
  const reason = `${JSON.stringify(text.slice(0, 80))} is not a time.`;
  throw new PolyreelError("invalid", { field, reason, remedy: "Write it as in 2026-05-01 or 2026-05-01T12:00:00Z." });
}

async function* pages(store: AuditStore, filter: AuditFilter, signal: AbortSignal): AsyncGenerator<AuditEntry[]> {
  let before: string | undefined;
  do {
    const page = await store.list({ ...filter, before, limit: PAGE }, signal);
    if (page.length > 0) yield page;
    before = page.length < PAGE ? undefined : page.at(-1)?.id;
  } while (before !== undefined);
}

async function* linesOf(format: Format, found: AsyncIterable<AuditEntry[]>): AsyncGenerator<Uint8Array> {
  if (format === "csv") yield Buffer.from(spreadsheetHeader(COLUMNS));
  const line = format === "csv" ? (entry: AuditEntry) => spreadsheetLine(entry, COLUMNS) : jsonLine;
  for await (const page of found) yield Buffer.from(page.map(line).join(""));
}

const jsonLine = (entry: AuditEntry): string =>
  `${JSON.stringify(toJson(AuditEntrySchema, entry, { alwaysEmitImplicit: true }) as JsonObject)}\n`;

const COLUMNS: readonly Column<AuditEntry>[] = [
  { name: "time", cell: ({ time }) => (time ? timestampDate(time).toISOString() : "") },
  { name: "tenant", cell: ({ tenant }) => tenant },
  { name: "principal_kind", cell: ({ principal }) => principal?.kind ?? "" },
  { name: "principal_id", cell: ({ principal }) => principal?.id ?? "" },
  { name: "principal_name", cell: ({ principal }) => principal?.name ?? "" },
  { name: "action", cell: ({ action }) => action },
  { name: "object_kind", cell: ({ object }) => object?.kind ?? "" },
  { name: "object_id", cell: ({ object }) => object?.id ?? "" },
  { name: "outcome", cell: ({ outcome }) => outcome },
  { name: "reason", cell: ({ reason }) => reason },
  { name: "fields", cell: ({ fields }) => fields.join(" ") },
  { name: "address", cell: ({ address }) => address },
  { name: "user_agent", cell: ({ userAgent }) => userAgent },
  { name: "trace_id", cell: ({ traceId }) => traceId },
  { name: "request_id", cell: ({ requestId }) => requestId },
  { name: "id", cell: ({ id }) => id },
];
