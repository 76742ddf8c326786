import type { Scope } from "../call/call.js";

/** Which tenants, and which days ("2026-11-30"), both included. */
export interface UsageQuery {
  readonly scope: Scope;
  readonly from: string;
  readonly to: string;
}
