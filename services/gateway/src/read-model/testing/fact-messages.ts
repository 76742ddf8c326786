import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type FactName, facts } from "@polyreel/contract";
import type { FactMessage } from "@polyreel/platform/stream";

export const TRACE = "0af7651916cd43dd8448eb211c80319c";

/** A fact as read from the stream, `sequence` seconds after the epoch. */
export function factMessage<N extends FactName>(
  name: N,
  init: MessageInitShape<(typeof facts)[N]>,
  sequence = 1,
  batchId = "b1",
  generation = 0,
): FactMessage {
  const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
  const fact = create<DescMessage>(facts[name], init);
  const time = new Date(sequence * 1000);
  return { name, batchId, fact, sequence, time, pending: 0, traceparent, generation } as unknown as FactMessage;
}

export const combination = (ordinal: number, attempt = 1) => ({
  attempt,
  combination: {
    id: `c${ordinal}`,
    ordinal: BigInt(ordinal),
    choices: choicesOf(ordinal),
    clips: [{ hash: `k${ordinal % 2}` }],
    metadata: { "hook.campaign": "spring" },
  },
});

export const ended = (ordinal: number, attempt = 1) => ({
  attempt,
  combinationId: `c${ordinal}`,
  ordinal: BigInt(ordinal),
  choices: choicesOf(ordinal),
});

/** Two hooks under as many headlines as needed. */
const choicesOf = (ordinal: number) => [
  { block: "hook", choice: ordinal % 2 ? "flower" : "friday" },
  { block: "headline", choice: `h${Math.floor(ordinal / 2)}` },
];

export const submitted = (batchId: string, tenant: string, second: number) =>
  [
    "batch.submitted",
    { batchId, tenant, name: `of ${tenant}`, time: timestampFromDate(new Date(second * 1000)) },
  ] as const;
