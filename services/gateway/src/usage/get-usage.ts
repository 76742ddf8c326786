import { create } from "@bufbuild/protobuf";
import { type GetUsageRequest, type TenantUsage, TenantUsageSchema } from "@polyreel/contract";
import { type Store, TENANTS } from "@polyreel/platform/blobs";
import pLimit from "p-limit";
import { type Call, narrowed, type Scope } from "../call/call.js";
import type { Admission } from "../quotas/admission.js";
import type { Quotas } from "../quotas/quotas.js";
import type { ReadModel } from "../read-model/read-model.js";
import { useMessage } from "./batch-use.js";
import { dayOf, daysOf, monthOf } from "./calendar.js";
import type { SpentCharacters } from "./spent-characters.js";
import type { StoredBytes } from "./stored-bytes.js";
import type { UploadLedger } from "./upload-ledger.js";
import { type Amounts, NOTHING } from "./usage-tally.js";

export interface UsageDeps {
  readonly model: ReadModel;
  readonly store: Store;
  readonly quotas: Quotas;
  readonly ledger: UploadLedger;
  readonly storedBytes: StoredBytes;
  readonly spentCharacters: SpentCharacters;
  readonly admission: Pick<Admission, "reservedBy">;
}

/** Tenants whose stores are listed at the same time. */
const AT_ONCE = 4;

/** What each tenant of the scope used in a month, by name; also of tenants that used nothing, if they have anything stored. */
export async function getUsage(
  deps: UsageDeps,
  { month: asked, tenant }: Pick<GetUsageRequest, "month" | "tenant">,
  { scope, signal }: Call,
): Promise<{ readonly month: string; readonly usage: TenantUsage[] }> {
  const now = new Date();
  const month = asked || monthOf(now);
  const own = narrowed(scope, tenant, "tenant");
  await deps.model.reached(0);
  const used = await deps.model.usage({ scope: own, ...daysOf(month) });
  const today = await deps.model.usage({ scope: own, from: dayOf(now), to: dayOf(now) });
  const isPresent = month === monthOf(now);
  const inTurn = pLimit(AT_ONCE);
  const rows = (await tenantsOf(deps, own, used, signal)).map((name) =>
    inTurn(async () => {
      signal.throwIfAborted();
      const present = { combinations: today.get(name)?.combinations ?? 0 };
      return await usageOf(deps, { name, month, amounts: used.get(name) ?? NOTHING, ...(isPresent && { present }) });
    }),
  );
  return { month, usage: await Promise.all(rows) };
}

async function usageOf(
  { quotas, ledger, storedBytes, spentCharacters, admission }: UsageDeps,
  of: {
    readonly name: string;
    readonly month: string;
    readonly amounts: Amounts;
    /** Combinations of today, in the present month. */
    readonly present?: { readonly combinations: number };
  },
): Promise<TenantUsage> {
  const { name, month, amounts, present } = of;
  const uploaded = await ledger.inMonth(name, month);
  const speech = [...(await spentCharacters.of(name, month)).byProvider];
  const reserved = present && (await admission.reservedBy(name));
  return create(TenantUsageSchema, {
    tenant: name,
    batches: BigInt(amounts.batches),
    combinationsDelivered: BigInt(amounts.delivered),
    combinationsFailed: BigInt(amounts.failed),
    deliveredBytes: BigInt(amounts.deliveredBytes),
    encodeSeconds: amounts.encodeSeconds,
    speech: speech.sort().map(([provider, characters]) => ({ provider, characters: BigInt(characters) })),
    uploads: BigInt(uploaded.files),
    uploadBytes: BigInt(Math.max(0, uploaded.bytes)),
    ...(present && {
      storedBytes: BigInt((await storedBytes.of(name)).bytes),
      combinationsToday: BigInt(Math.max(0, present.combinations)),
    }),
    ...(reserved && { reserved: useMessage(reserved) }),
    quotas: quotasMessage(await quotas.of(name)),
  });
}

function quotasMessage({ encodeSecondsPerMonth, ...counts }: Awaited<ReturnType<Quotas["of"]>>) {
  const whole = Object.entries(counts).map(([name, limit]) => [name, BigInt(limit)] as const);
  return { ...Object.fromEntries(whole), ...(encodeSecondsPerMonth !== undefined && { encodeSecondsPerMonth }) };
}

async function tenantsOf(
  { store }: UsageDeps,
  scope: Scope,
  used: ReadonlyMap<string, Amounts>,
  signal: AbortSignal,
): Promise<string[]> {
  if (!("all" in scope)) return [scope.tenant];
  return [...new Set([...(await store.segments(TENANTS, { signal })), ...used.keys()])].sort();
}
