import { create, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { BatchSchema, type EstimateBatchResponse } from "@polyreel/contract";
import { footage, text, video } from "../testing/blocks.js";
import type { Pipeline } from "../testing/pipeline.js";
import { ANSWER_MS, type Attack, type AttackContext } from "./attack.js";
import { badOutputs } from "./outputs.js";
import { COSTLY_RULES } from "./rules.js";

const CALL = { timeoutMs: ANSWER_MS };
const CANVAS = { width: 64, height: 64 };

type BatchInit = Exclude<MessageInitShape<typeof BatchSchema>, Message>;
const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const words = (count: number) => many(count, (i) => ({ label: `${i}`, text: `Text ${i}` }));

/** Batches that are expensive to check, count or plan. */
const BATCHES: Readonly<Record<string, (good: string) => BatchInit>> = {
  ...Object.fromEntries(
    Object.entries(COSTLY_RULES).map(([name, where]) => [
      name,
      (good: string) => ({
        canvas: CANVAS,
        blocks: [
          video("v", { choices: [footage("a", good)] }),
          text("t", {
            over: ["v"],
            choices: [{ label: `${"a".repeat(40)}!`, text: "x" }, ...words(name.startsWith("64") ? 9_999 : 1)],
          }),
        ],
        where: [...where],
      }),
    ]),
  ),
  "300,000 names in over": (good) => ({
    blocks: [
      video("v", { choices: [footage("a", good)] }),
      text("t", { over: many(300_000, (i) => `n${i}`), choices: words(1) }),
    ],
  }),
  "300,000 times one name in over": (good) => ({
    blocks: [
      video("v", { choices: [footage("a", good)] }),
      text("t", { over: many(300_000, () => "v"), choices: words(1) }),
    ],
  }),
  "64 blocks of 4,000 choices": () => ({
    blocks: many(64, (i) => text(`t${i}`, { over: ["v"], choices: many(4000, () => ({ text: "x" })) })),
  }),
  "10,000 labels that differ little": (good) => ({
    blocks: [
      video("v", { choices: [footage("a", good)] }),
      text("t", { over: ["w"], choices: many(10_000, (i) => ({ label: "x".repeat(190) + i, text: "x" })) }),
    ],
    where: many(64, (i) => `t == '${"x".repeat(190)}y${i}'`),
  }),
  "names of unknown blocks in a name": (good) => ({
    blocks: [video("v", { choices: [footage("a", good)] })],
    naming: many(100, (i) => `{n${i}}`)
      .join("")
      .slice(0, 500),
  }),
  "captions that refer to each other": () => ({
    blocks: many(64, (i) => text(`t${i}`, { choices: [{ label: "a", captions: `t${(i + 1) % 64}` }] })),
  }),
  "a sample of 2^63 of 10^15": () => ({
    blocks: many(15, (i) => text(`t${i}`, { choices: words(10) })),
    sample: { count: 2n ** 63n, seed: 2n ** 64n - 1n },
  }),
};

/** URLs that are aliases of this machine. */
const addresses = (url: string): string[] => {
  const { port } = new URL(url);
  const hosts = [
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "localhost.",
    "0",
    "127.0.0.1:80@127.0.0.1",
  ];
  return [
    `HTTP://127.0.0.1:${port}/a`,
    `hTTps://127.0.0.1:${port}/a`,
    ...hosts.map((host) => `http://${host}:${port}/a`),
  ];
};

/** Properties of an unclear refusal. */
function unclear(error: unknown): string | undefined {
  const { code, rawMessage } = ConnectError.from(error);
  if (code === Code.Internal || code === Code.Unknown) return `${Code[code]}: ${rawMessage}`;
  return rawMessage ? undefined : `${Code[code]} without a word`;
}

async function sendBatch({ pipeline }: AttackContext, init: BatchInit): Promise<string | undefined> {
  const batch = create(BatchSchema, { canvas: CANVAS, ...init });
  const estimated = await pipeline.batches.estimateBatch({ batch }, CALL).then(
    (answer): EstimateBatchResponse => answer,
    (error: unknown) => error,
  );
  try {
    const { batch: status } = await pipeline.batches.submitBatch({ batch }, CALL);
    await pipeline.batches.cancelBatch({ batchId: status?.batchId ?? "" }, CALL);
    return estimated instanceof Error ? unclear(estimated) : undefined;
  } catch (error) {
    return unclear(error);
  }
}

/** Sends raw JSON; returns what is wrong with the answer, or the result of `isRight`. */
async function sendJson({ pipeline }: AttackContext, method: string, body: string): Promise<string | undefined> {
  const response = await fetch(`${pipeline.url}/polyreel.v1.BatchService/${method}`, {
    ...{ method: "POST", body, headers: { "content-type": "application/json" } },
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const answer = await response.text();
  if (response.status >= 500) return `HTTP ${response.status} ${answer.slice(0, 200)}`;
  const { batch } = JSON.parse(answer) as { batch?: { batchId?: string } };
  if (batch?.batchId) await pipeline.batches.cancelBatch({ batchId: batch.batchId }, CALL);
  return undefined;
}

const jsonBatch = (good: string, choice: string) =>
  `{"batch":{"canvas":{"width":64,"height":64},"blocks":[{"name":"v","video":{"choices":[{${choice},"source":{"sha256":"${good}"}}]}}]}}`;

/** Texts that JSON can represent and UTF-8 cannot, and names that are special in JavaScript. */
const JSON_CHOICES: Readonly<Record<string, string>> = {
  "a lone surrogate as a label": '"label":"\\ud800"',
  "a lone surrogate in metadata": '"label":"a","metadata":{"tone":"\\udfff"}',
  "__proto__ as a label": '"label":"__proto__"',
  "constructor as a metadata key": '"label":"a","metadata":{"constructor":"x"}',
  "a NUL in a label": '"label":"a\\u0000b"',
};

/** A `__proto__` key is refused like any other bad one, or kept: it must not vanish. */
async function protoKey(context: AttackContext): Promise<string | undefined> {
  const body = jsonBatch(context.good, '"label":"a","metadata":{"__proto__":"x"}');
  const response = await fetch(`${context.pipeline.url}/polyreel.v1.BatchService/EstimateBatch`, {
    ...{ method: "POST", body, headers: { "content-type": "application/json" } },
  });
  return response.status === 200 ? "the key vanished: it was neither refused nor kept" : undefined;
}

async function endlessWatch({ pipeline, good }: AttackContext): Promise<string | undefined> {
  const batch = create(BatchSchema, { canvas: CANVAS, blocks: [video("v", { choices: [footage("a", good)] })] });
  const { batch: status } = await pipeline.batches.submitBatch({ batch }, CALL);
  const batchId = status?.batchId ?? "";
  for await (const _ of pipeline.batches.watchBatch({ batchId }, { timeoutMs: 3 * ANSWER_MS })) void _;
  try {
    const watching = pipeline.batches.watchBatch({ batchId, afterSequence: 2n ** 62n }, { timeoutMs: ANSWER_MS / 2 });
    for await (const _ of watching) void _;
    return undefined;
  } catch (error) {
    const { code, rawMessage } = ConnectError.from(error);
    return code === Code.DeadlineExceeded
      ? "it never ends, though its batch has"
      : unclear(new ConnectError(rawMessage, code));
  }
}

/**
 * Longer, shorter or empty compared with the announced size; each must be refused clearly, and leave nothing in the
 * store.
 */
function wrongSize(announced: number, sent: number): Attack["run"] {
  return async ({ pipeline }) => {
    const description = { sha256: "0".repeat(64), sizeBytes: BigInt(announced) };
    try {
      await pipeline.sources.putSource(
        (async function* () {
          yield { part: { case: "description" as const, value: description } };
          if (sent > 0) yield { part: { case: "chunk" as const, value: Buffer.alloc(sent) } };
        })(),
        CALL,
      );
      return "it was accepted";
    } catch (error) {
      return unclear(error);
    }
  };
}

async function innerAddress({ pipeline, good, baitUrl }: AttackContext): Promise<string | undefined> {
  const problems: string[] = [];
  for (const url of addresses(baitUrl)) {
    const source = { location: { case: "url" as const, value: url } };
    const choices = [footage("a", good), { label: "b", media: { case: "source" as const, value: source } }];
    const problem = await pipeline.batches
      .submitBatch({ batch: create(BatchSchema, { canvas: CANVAS, blocks: [video("v", { choices })] }) }, CALL)
      .then(({ batch }) => outcomeOf(pipeline, batch?.batchId ?? ""), unclear);
    if (problem) problems.push(`${url}: ${problem}`);
  }
  return problems.join("; ") || undefined;
}

/** What is wrong with the end of a batch whose choice "b" is unavailable. */
async function outcomeOf({ batches }: Pipeline, batchId: string): Promise<string | undefined> {
  for await (const _ of batches.watchBatch({ batchId }, { timeoutMs: 3 * ANSWER_MS })) void _;
  const { combinations } = await batches.listCombinations({ batchId });
  const failure = combinations.find(({ choices }) => choices.some(({ choice }) => choice === "b"))?.failure;
  if (!failure) return "it was not refused";
  return failure.reason && failure.remedy ? undefined : `refused without a remedy: ${failure.reason}`;
}

/** All attacks by request, in a fixed order. */
export const requests = (): Attack[] => [
  ...Object.entries(BATCHES).map(([name, batch]) => ({
    name,
    run: (context: AttackContext) => sendBatch(context, batch(context.good)),
  })),
  ...Object.entries(JSON_CHOICES).map(([name, choice]) => ({
    name,
    run: async (context: AttackContext) => {
      const body = jsonBatch(context.good, choice);
      return (await sendJson(context, "EstimateBatch", body)) ?? (await sendJson(context, "SubmitBatch", body));
    },
  })),
  ...badOutputs(),
  { name: "__proto__ as a metadata key", run: protoKey },
  { name: "200,000 keys of metadata", run: (context) => sendJson(context, "SubmitBatch", manyKeys(context.good)) },
  { name: "50,000 lists in lists", run: (context) => sendJson(context, "SubmitBatch", "[".repeat(50_000)) },
  { name: "a watch beyond the stream", run: endlessWatch },
  { name: "a source shorter than announced", run: wrongSize(1000, 10) },
  { name: "a source longer than announced", run: wrongSize(10, 1000) },
  { name: "a source without a byte", run: wrongSize(10, 0) },
  { name: "a source whose bytes are others", run: wrongSize(10, 10) },
  { name: "addresses that lead inside", run: innerAddress },
];

const manyKeys = (good: string): string =>
  jsonBatch(good, `"label":"a","metadata":{${many(200_000, (i) => `"k${i}":"v"`).join(",")}}`);
