/** Limits of a tenant by name; those that are missing do not exist. Days and months are those of UTC. */
export type TenantQuotas = Readonly<Partial<Record<QuotaName, number>>>;

export type QuotaName =
  | "liveBatches"
  | "combinationsPerDay"
  | "storedBytes"
  | "deliveredBytesPerMonth"
  | "speechCharactersPerMonth"
  | "encodeSecondsPerMonth"
  | "uploadBytesPerDay";

interface Quota {
  /** What it counts, in the plural. */
  readonly unit: string;
  /** After this it is counted from 0 again; undefined: what it counts ends or is removed. */
  readonly period: "day" | "month" | undefined;
}

export const QUOTAS: Readonly<Record<QuotaName, Quota>> = {
  liveBatches: { unit: "live batches", period: undefined },
  combinationsPerDay: { unit: "combinations a day", period: "day" },
  storedBytes: { unit: "stored bytes", period: undefined },
  deliveredBytesPerMonth: { unit: "delivered bytes a month", period: "month" },
  speechCharactersPerMonth: { unit: "characters of speech a month", period: "month" },
  encodeSecondsPerMonth: { unit: "encode seconds a month", period: "month" },
  uploadBytesPerDay: { unit: "uploaded bytes a day", period: "day" },
};

export const QUOTA_NAMES = Object.keys(QUOTAS) as QuotaName[];

/** Those whose use is known only when a batch has ended: until then what it is estimated to use is reserved. */
export const ESTIMATED_QUOTAS = [
  "storedBytes",
  "deliveredBytesPerMonth",
  "speechCharactersPerMonth",
  "encodeSecondsPerMonth",
] as const satisfies QuotaName[];

export type EstimatedQuota = (typeof ESTIMATED_QUOTAS)[number];

export const needsEstimate = (quotas: TenantQuotas): boolean =>
  ESTIMATED_QUOTAS.some((name) => quotas[name] !== undefined);

/** Those that a batch must fit in; the others concern uploads. */
export const BATCH_QUOTAS = QUOTA_NAMES.filter(
  (name): name is Exclude<QuotaName, "uploadBytesPerDay"> => name !== "uploadBytesPerDay",
);
