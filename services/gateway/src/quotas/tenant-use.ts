import { BatchState } from "@polyreel/contract";
import { NEWEST_FIRST } from "../read-model/batch-order.js";
import type { ReadModel } from "../read-model/read-model.js";
import { type BatchUse, NO_USE, plusUse } from "../usage/batch-use.js";
import { dayOf, daysOf, monthOf } from "../usage/calendar.js";
import type { SpentCharacters } from "../usage/spent-characters.js";
import type { StoredBytes } from "../usage/stored-bytes.js";
import { type Amounts, NOTHING } from "../usage/usage-tally.js";
import { outstanding } from "./outstanding.js";
import type { Reservation } from "./reservations.js";
import { ESTIMATED_QUOTAS, type EstimatedQuota, needsEstimate, type TenantQuotas } from "./tenant-quotas.js";

export interface TenantUseDeps {
  readonly model: ReadModel;
  readonly storedBytes: StoredBytes;
  readonly spentCharacters: SpentCharacters;
}

/** What a tenant has used of its quotas. */
export interface TenantUse {
  readonly used: TenantQuotas;
  /** What batches that are live or about to be may still use by their estimates. */
  readonly reserved: BatchUse;
  /** The same, by batch, of those that are live. */
  readonly left: ReadonlyMap<string, BatchUse>;
  /** Characters that were charged for this month, by batch. */
  readonly characters: ReadonlyMap<string, number>;
}

interface Asked {
  readonly tenant: string;
  readonly quotas: TenantQuotas;
  /** Without a fact. */
  readonly pending: readonly Reservation[];
}

const LIVE = [BatchState.PLANNING, BatchState.RUNNING];
const NONE: TenantUse = { used: {}, reserved: NO_USE, left: new Map(), characters: new Map() };

/** Counts only what a quota limits: some costs much to count. */
export async function tenantUse(deps: TenantUseDeps, asked: Asked, now: Date): Promise<TenantUse> {
  const { quotas } = asked;
  const estimated = needsEstimate(quotas) ? await estimatedUse(deps, asked, now) : NONE;
  const used = { ...estimated.used, ...(await exactUse(deps, asked, now)) };
  return { ...estimated, used };
}

/** Of the quotas whose use is known at once. */
async function exactUse(
  { model }: TenantUseDeps,
  { tenant, quotas, pending }: Asked,
  now: Date,
): Promise<TenantQuotas> {
  const { liveBatches, combinationsPerDay } = quotas;
  const scope = { tenant };
  const live = async (limit: number) => {
    const known = await model.batches({ scope, states: LIVE, order: NEWEST_FIRST, after: undefined, limit: limit + 1 });
    return known.length + pending.reduce((sum, { batches }) => sum + batches, 0);
  };
  const today = async () => {
    const { combinations } = await amountsOf(model, tenant, { from: dayOf(now), to: dayOf(now) });
    return combinations + pending.reduce((sum, one) => sum + one.combinations, 0);
  };
  return {
    ...(liveBatches !== undefined && { liveBatches: await live(Math.ceil(liveBatches)) }),
    ...(combinationsPerDay !== undefined && { combinationsPerDay: await today() }),
  };
}

/**
 * Of the others. Whatever is counted now and then is counted first, and facts last: what changes meanwhile counts twice for
 * a moment, rather than never.
 */
async function estimatedUse(
  { model, storedBytes, spentCharacters }: TenantUseDeps,
  { tenant, quotas, pending }: Asked,
  now: Date,
): Promise<TenantUse> {
  const stored = quotas.storedBytes === undefined ? undefined : await storedBytes.of(tenant);
  const characters =
    quotas.speechCharactersPerMonth === undefined ? undefined : await spentCharacters.of(tenant, monthOf(now));
  const since = Math.min(...[now, stored?.countedAt ?? now, characters?.countedAt ?? now].map(Number));
  const left = outstanding(await model.reservations(tenant, new Date(since)), { stored, characters });
  const amounts = await amountsOf(model, tenant, daysOf(monthOf(now)));
  const used: Record<EstimatedQuota, number> = {
    storedBytes: stored?.bytes ?? 0,
    deliveredBytesPerMonth: amounts.deliveredBytes,
    speechCharactersPerMonth: [...(characters?.byProvider.values() ?? [])].reduce((sum, one) => sum + one, 0),
    encodeSecondsPerMonth: amounts.encodeSeconds,
  };
  const reserved = [...left.values(), ...pending.map(({ use = NO_USE }) => use)].reduce(plusUse, NO_USE);
  return { used, reserved, left, characters: characters?.byBatch ?? new Map() };
}

async function amountsOf(model: ReadModel, tenant: string, days: { from: string; to: string }): Promise<Amounts> {
  return (await model.usage({ scope: { tenant }, ...days })).get(tenant) ?? NOTHING;
}

const FIELDS: Readonly<Record<EstimatedQuota, keyof BatchUse>> = {
  storedBytes: "storedBytes",
  deliveredBytesPerMonth: "deliveredBytes",
  speechCharactersPerMonth: "speechCharacters",
  encodeSecondsPerMonth: "encodeSeconds",
};

export const byQuota = (use: BatchUse): TenantQuotas =>
  Object.fromEntries(ESTIMATED_QUOTAS.map((name) => [name, use[FIELDS[name]]]));

/** All that remains of the quotas. */
export function restOf(quotas: TenantQuotas, { used, reserved }: TenantUse): BatchUse {
  const held = byQuota(reserved);
  const rest = (name: EstimatedQuota) => Math.max(0, (quotas[name] ?? 0) - (used[name] ?? 0) - (held[name] ?? 0));
  return { ...NO_USE, ...Object.fromEntries(ESTIMATED_QUOTAS.map((name) => [FIELDS[name], rest(name)])) };
}
