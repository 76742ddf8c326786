import { create } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type AuditService, type ListAuditLogRequest, ListAuditLogResponseSchema } from "@polyreel/contract";
import { foreignToken, pageToken, readPageToken } from "../batches/page-token.js";
import { type Call, narrowed, scopeKey } from "../call/call.js";
import type { CallHandlers } from "../call/with-calls.js";
import { isAuditId } from "./audit-id.js";
import type { AuditFilter, AuditStore } from "./store/audit-store.js";

const DEFAULT_PAGE_SIZE = 100;

/** polyreel.v1.AuditService: for administrators the entries of their tenant, for operators all. */
export function auditService(store: AuditStore): CallHandlers<typeof AuditService> {
  return {
    listAuditLog: async (request, call) => {
      const filter = filterOf(request, call);
      const query = ["audit", scopeKey(filter.scope), { ...filter, scope: undefined }];
      const place = readPageToken(request.pageToken, query);
      const before = place?.[0];
      if (place && (typeof before !== "string" || !isAuditId(before) || place.length > 1)) throw foreignToken();
      const limit = request.pageSize || DEFAULT_PAGE_SIZE;
      const found = await store.list(
        { ...filter, before: before as string | undefined, limit: limit + 1 },
        call.signal,
      );
      const entries = found.slice(0, limit);
      const last = found.length > limit ? entries.at(-1) : undefined;
      return create(ListAuditLogResponseSchema, {
        entries,
        ...(last && { nextPageToken: pageToken(query, [last.id]) }),
      });
    },
  };
}

/** Throws PolyreelError `denied` for another tenant than the call's. */
export const filterOf = (
  { tenant, principal, action, object, outcome, from, to }: Omit<ListAuditLogRequest, "$typeName">,
  call: Pick<Call, "scope">,
): AuditFilter => ({
  scope: narrowed(call.scope, tenant, "tenant"),
  ...{ principal, action, object, outcome },
  from: from && timestampDate(from),
  to: to && timestampDate(to),
});
