import type { ChoiceCounts } from "@polyreel/contract";
import { call } from "../client/call.js";
import { connectTo } from "../client/connection.js";
import type { Terminal } from "../terminal/terminal.js";

export interface ChoiceCountsOptions {
  readonly batchId: string;
  readonly server: string;
  readonly json?: boolean | undefined;
}

const STATES = [
  "planned",
  "rendered",
  "delivered",
  "failed",
  "awaitingApproval",
  "rejected",
  "cancelled",
] as const satisfies (keyof ChoiceCounts)[];

/** Prints a batch's combinations by block, choice and state, a line for each choice. */
export async function showChoiceCounts(
  { batchId, server, json }: ChoiceCountsOptions,
  terminal: Terminal,
): Promise<void> {
  const connection = connectTo(server);
  try {
    const { choices } = await call(connection, connection.batches.getChoiceCounts({ batchId }));
    await terminal.print(json ? choices.map((one) => `${JSON.stringify(plain(one))}\n`).join("") : text(choices));
  } finally {
    connection.close();
  }
}

const plain = (one: ChoiceCounts): object => ({
  block: one.block,
  choice: one.choice,
  total: Number(one.total),
  ...Object.fromEntries(STATES.map((state) => [state, Number(one[state])])),
});

function text(choices: readonly ChoiceCounts[]): string {
  if (choices.length === 0) return "No combination is known yet.\n";
  const names = choices.map(({ block, choice }) => `${block}=${choice}`);
  const width = Math.max(...names.map(({ length }) => length));
  return choices
    .map((one, i) => {
      const counts = STATES.flatMap((state) => (one[state] > 0n ? [`${one[state]} ${LABELS[state]}`] : []));
      return `${names[i]?.padEnd(width)}  ${one.total}: ${counts.join(", ")}\n`;
    })
    .join("");
}

const LABELS = {
  planned: "planned",
  rendered: "rendered",
  delivered: "delivered",
  failed: "failed",
  awaitingApproval: "awaiting approval",
  rejected: "rejected",
  cancelled: "cancelled",
} as const;
