import type { TenantUsage } from "@polyreel/contract";
import type { Column } from "./lines.js";

/** A row of the table of usage. */
export interface UsageRow {
  readonly month: string;
  readonly usage: TenantUsage;
}

/** Columns of the usage of tenants, with one for each provider of voices that occurs. Amounts that are not known are empty. */
export function usageColumns(rows: readonly UsageRow[]): Column<UsageRow>[] {
  const providers = new Set(rows.flatMap(({ usage }) => usage.speech.map(({ provider }) => provider)));
  const amount = (name: string, of: (usage: TenantUsage) => bigint | number | undefined): Column<UsageRow> => ({
    name,
    cell: ({ usage }) => {
      const value = of(usage);
      return value === undefined ? undefined : Number(value);
    },
  });
  return [
    { name: "month", cell: ({ month }) => month },
    { name: "tenant", cell: ({ usage }) => usage.tenant },
    amount("batches", ({ batches }) => batches),
    amount("combinations_delivered", ({ combinationsDelivered }) => combinationsDelivered),
    amount("combinations_failed", ({ combinationsFailed }) => combinationsFailed),
    amount("delivered_bytes", ({ deliveredBytes }) => deliveredBytes),
    amount("encode_seconds", ({ encodeSeconds }) => Math.round(encodeSeconds * 1000) / 1000),
    amount("uploads", ({ uploads }) => uploads),
    amount("upload_bytes", ({ uploadBytes }) => uploadBytes),
    amount("stored_bytes", ({ storedBytes }) => storedBytes),
    ...[...providers].sort().map((name) => amount(`characters_${name}`, (usage) => charactersOf(usage, name))),
  ];
}

const charactersOf = ({ speech }: TenantUsage, name: string): bigint =>
  speech.find(({ provider }) => provider === name)?.characters ?? 0n;
