import { formatSpan, PolyreelError } from "@polyreel/platform";
import { untilNextDay, untilNextMonth } from "../usage/calendar.js";
import { QUOTAS, type QuotaName, type TenantQuotas } from "./tenant-quotas.js";

/** Where nothing tells when it is free again: batches end, and the store is counted again. */
const ASK_AGAIN_MS: Readonly<Partial<Record<QuotaName, number>>> = { liveBatches: 30_000, storedBytes: 600_000 };

/** What a request uses, beside what is used already. */
export interface Asked {
  readonly tenant: string;
  /** By quota; a quota that is missing here must only not be used up. */
  readonly adds: TenantQuotas;
  /** Field of the request that is too large by itself, for errors. */
  readonly field: string;
}

/** By quota. */
export interface Standing {
  readonly used: TenantQuotas;
  /** What live batches may still use. */
  readonly reserved?: TenantQuotas;
}

/**
 * Whether a request fits in quotas beside what is used of them and reserved. Throws PolyreelError `exhausted` that names the
 * first quota which it exceeds, and when it is free again. A request that would exceed it by itself gets an error that says so, with its
 * field: waiting does not help.
 */
export function assertFits(
  quotas: TenantQuotas,
  { used, reserved = {} }: Standing,
  { tenant, adds, field }: Asked,
  now: Date,
): void {
  for (const [name, limit] of Object.entries(quotas) as [QuotaName, number][]) {
    const [spent, held, more] = [used[name] ?? 0, reserved[name] ?? 0, adds[name]];
    const fits = (present: number) => (more === undefined ? present < limit : present + more <= limit);
    if (fits(spent + held)) continue;
    if (more !== undefined && more > limit) throw tooLarge(name, limit, more, { tenant, field });
    // As soon as batches end that take less than they reserved.
    const isHeld = fits(spent);
    const retryAfterMs = isHeld ? ASK_AGAIN_MS.liveBatches : untilFree(name, now);
    const has = `has used ${shown(spent)}${held > 0 ? ` and reserved ${shown(held)}` : ""}`;
    const needs = more !== undefined && more > 1 ? `, and this needs ${shown(more)} more` : "";
    throw new PolyreelError(
      "exhausted",
      {
        reason: `Tenant ${JSON.stringify(tenant)} ${has} of its ${shown(limit)} ${QUOTAS[name].unit}${needs} (quota ${name}).`,
        remedy: isHeld ? HELD : remedyFor(name, now),
      },
      { retryAfterMs },
    );
  }
}

const HELD = "Live batches have reserved it by their estimates: wait until one ends, or cancel one.";

function tooLarge(
  name: QuotaName,
  limit: number,
  needs: number,
  { tenant, field }: Pick<Asked, "tenant" | "field">,
): PolyreelError {
  return new PolyreelError("exhausted", {
    field,
    reason: `This needs ${shown(needs)}, and tenant ${JSON.stringify(tenant)} may have ${shown(limit)} ${QUOTAS[name].unit} (quota ${name}).`,
    remedy: "Ask for less, or ask the operator for more.",
  });
}

function untilFree(name: QuotaName, now: Date): number | undefined {
  const { period } = QUOTAS[name];
  if (period === "day") return untilNextDay(now);
  return period === "month" ? untilNextMonth(now) : ASK_AGAIN_MS[name];
}

function remedyFor(name: QuotaName, now: Date): string {
  if (name === "liveBatches") return "Wait until a batch ends, or cancel one.";
  if (name === "storedBytes") return "Delete batches and sources that are not needed; it is counted every ten minutes.";
  if (QUOTAS[name].period === "day") {
    return `It is free again at midnight UTC, in ${formatSpan(untilNextDay(now))}. Or ask the operator for more.`;
  }
  const next = new Date(now.getTime() + untilNextMonth(now));
  return `It is free again on ${next.toISOString().slice(0, "2026-12-01".length)} (UTC). Or ask the operator for more.`;
}

const shown = (amount: number): string => amount.toLocaleString("en-US", { maximumFractionDigits: 1 });
