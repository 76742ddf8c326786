import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type AuditEntry, AuditEntrySchema, type AuditObject, type AuditPrincipalSchema } from "@polyreel/contract";
import { newAuditId } from "./audit-id.js";

/** An action as its recorder knows it. Neither names nor reasons may have secrets in them. */
export interface Action {
  /** Whose data; empty for none, or for all. */
  readonly tenant: string;
  readonly principal: MessageInitShape<typeof AuditPrincipalSchema>;
  readonly action: string;
  readonly object?: Pick<AuditObject, "kind" | "id"> | undefined;
  /** "ok", or the code of a refusal or failure in lower case. */
  readonly outcome: string;
  readonly reason?: string;
  readonly fields?: readonly string[];
  readonly address?: string;
  readonly userAgent?: string;
  readonly traceId?: string;
  readonly requestId?: string;
}

const MAX_TEXT = 200;
const MAX_REASON = 500;
const MAX_FIELDS = 64;

/** Its entry, which can be stored and shown anywhere: texts are bounded, and what is invisible in them is escaped. */
export function auditEntry(action: Action, nowMs = Date.now()): AuditEntry {
  const { tenant, principal, object, reason = "", fields = [] } = action;
  return create(AuditEntrySchema, {
    id: newAuditId(nowMs),
    time: timestampFromMs(nowMs),
    tenant: shown(tenant),
    principal: { kind: principal.kind ?? "", id: shown(principal.id), name: shown(principal.name) },
    action: shown(action.action),
    ...(object && { object: { kind: shown(object.kind), id: shown(object.id) } }),
    outcome: action.outcome,
    reason: shown(reason, MAX_REASON),
    fields: fields.slice(0, MAX_FIELDS).map((field) => shown(field)),
    address: shown(action.address),
    userAgent: shown(action.userAgent),
    traceId: shown(action.traceId),
    requestId: shown(action.requestId),
  });
}

/** Control and format characters, which could forge lines or turn a text's direction, and halves of characters. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const shown = (text = "", maxLength = MAX_TEXT): string =>
  text
    .slice(0, maxLength)
    .replace(INVISIBLE, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`)
    .slice(0, maxLength);
