import { toJson } from "@bufbuild/protobuf";
import { type BatchUse, QuotasSchema, type TenantUsage, TenantUsageSchema } from "@polyreel/contract";
import { spreadsheetHeader, spreadsheetLine, usageColumns } from "@polyreel/spec/rows";
import { call } from "../client/call.js";
import { connectTo } from "../client/connection.js";
import type { Terminal } from "../terminal/terminal.js";

export interface UsageFlags {
  readonly server: string;
  readonly month?: string;
  readonly tenant?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** Prints what tenants used in a month. */
export async function showUsage(
  { server, month: asked = "", tenant = "", json, csv }: UsageFlags,
  terminal: Terminal,
): Promise<void> {
  const connection = connectTo(server);
  try {
    const { month, usage } = await call(connection, connection.usage.getUsage({ month: asked, tenant }));
    if (json) {
      for (const one of usage) await terminal.print(`${JSON.stringify({ month, ...plain(one) })}\n`);
    } else if (csv) {
      const rows = usage.map((one) => ({ month, usage: one }));
      const columns = usageColumns(rows);
      await terminal.print(spreadsheetHeader(columns) + rows.map((row) => spreadsheetLine(row, columns)).join(""));
    } else {
      await terminal.print(usage.map((one) => text(month, one)).join("\n"));
    }
  } finally {
    connection.close();
  }
}

const plain = (usage: TenantUsage): object => toJson(TenantUsageSchema, usage, { alwaysEmitImplicit: true }) as object;

function text(month: string, usage: TenantUsage): string {
  const speech = usage.speech.map(({ provider, characters }) => `${count(characters)} of ${provider}`).join(", ");
  const rows: readonly (readonly [string, string])[] = [
    ["batches", count(usage.batches)],
    ["combinations", `${count(usage.combinationsDelivered)} delivered, ${count(usage.combinationsFailed)} failed`],
    ["delivered", `${count(usage.deliveredBytes)} bytes`],
    ["encode time", `${count(usage.encodeSeconds)} s`],
    ["characters", speech || "none of a provider"],
    ["uploads", `${count(usage.uploads)}, ${count(usage.uploadBytes)} bytes`],
    ...(usage.storedBytes === undefined ? [] : [["stored", `${count(usage.storedBytes)} bytes`] as const]),
    ["quotas", quotasText(usage)],
    ...(usage.reserved === undefined ? [] : [["reserved", reservedText(usage.reserved)] as const]),
  ];
  return `${usage.tenant} in ${month}\n${rows.map(([name, what]) => `  ${name.padEnd(12)}  ${what}\n`).join("")}`;
}

function quotasText({ quotas, combinationsToday }: TenantUsage): string {
  if (!quotas) return "none";
  const limits = Object.entries(toJson(QuotasSchema, quotas) as Record<string, string | number>);
  if (limits.length === 0) return "none";
  const today = (name: string) =>
    name === "combinationsPerDay" && combinationsToday !== undefined ? ` (${count(combinationsToday)} today)` : "";
  return limits.map(([name, limit]) => `${name} ${count(Number(limit))}${today(name)}`).join(", ");
}

function reservedText({ storedBytes, deliveredBytes, speechCharacters, encodeSeconds }: BatchUse): string {
  const amounts = [
    [storedBytes, "bytes stored"],
    [deliveredBytes, "bytes delivered"],
    [speechCharacters, "characters"],
    [encodeSeconds, "encode seconds"],
  ] as const;
  const some = amounts.filter(([amount]) => amount > 0).map(([amount, unit]) => `${count(amount)} ${unit}`);
  return some.length > 0 ? `${some.join(", ")}, by live batches` : "nothing";
}

const count = (amount: number | bigint): string => amount.toLocaleString("en-US", { maximumFractionDigits: 1 });
