import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { BatchSchema, type OutputSchema, type PictureFormat } from "@polyreel/contract";
import { footage, video } from "../testing/blocks.js";
import { durationOf } from "../testing/duration.js";
import { ANSWER_MS, type Attack, type AttackContext } from "./attack.js";

type OutputInit = MessageInitShape<typeof OutputSchema>;

const CANVAS = { width: 64, height: 64 };
const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const folder = (path: string) => ({ kind: { case: "folder" as const, value: { path } } });
const virtual = (path: string) => ({ kind: { case: "virtual" as const, value: { folder: { path } } } });

/** Nonsensical outputs, each of which must be refused. */
const OUTPUTS: Readonly<Record<string, readonly OutputInit[]>> = {
  "two outputs of one name": [{ name: "a" }, { name: "a", operation: { case: "contactSheet", value: {} } }],
  "17 outputs": many(17, (i) => ({ name: `o${i}` })),
  "65 deliveries of two outputs": [
    { name: "a", to: many(64, (i) => folder(`f${i}`)) },
    { name: "b", to: [folder("f")] },
  ],
  "65 deliveries of one output": [{ to: many(65, (i) => folder(`f${i}`)) }],
  "one folder twice": [{ to: [folder("f"), folder("f")] }],
  "a folder above the root": [{ to: [folder("../up")] }],
  "a virtual output whose folder is above the root": [{ to: [virtual("../up")] }],
  "a virtual output whose folder is absolute": [{ to: [virtual("/tmp/up")] }],
  "a virtual output with the folder of receipts": [{ to: [virtual(".polyreel")] }],
  "a virtual output among other tenants": [{ to: [virtual("tenants/other")] }],
  "both spellings in one output": [{ name: "a", poster: durationOf(0) }],
  "both spellings of a destination": [{ destination: folder("a"), to: [folder("b")] }],
  "an operation beside the former virtual": [{ virtual: true, operation: { case: "mp4", value: {} } }],
  "a name with a slash": [{ name: "../a" }],
  "a name that is a suffix": [{ name: "a.mp4" }],
  "a thumbnail before the beginning": [{ operation: { case: "thumbnail", value: { at: { seconds: -1n } } } }],
  "a thumbnail of another format": [{ operation: { case: "thumbnail", value: { format: 99 as PictureFormat } } }],
  "a thumbnail as wide as a wall": [{ operation: { case: "thumbnail", value: { width: 2 ** 32 - 1 } } }],
  "a transcode as wide as a wall": [{ operation: { case: "transcode", value: { width: 2 ** 32 - 2 } } }],
  "a transcode of another container": [{ operation: { case: "transcode", value: { container: 99 as never } } }],
  "a transcode by a path": [{ operation: { case: "transcode", value: { preset: "../../etc/passwd" } } }],
  "a transcode of no frames": [{ operation: { case: "transcode", value: { fps: -1 } } }],
  "a transcode through a filter": [{ operation: { case: "transcode", value: { background: "#000,movie=/x" } } }],
  "a transcode at an infinite loudness": [
    { operation: { case: "transcode", value: { loudnessLufs: Number.NEGATIVE_INFINITY } } },
  ],
  "sound of another format": [{ operation: { case: "audio", value: { format: 99 as never } } }],
  "an image of blocks": [{ operation: { case: "image", value: {} } }],
  "an image as wide as a wall": [{ operation: { case: "image", value: { width: 2 ** 32 - 1 } } }],
  "an image of quality 4 billion": [{ operation: { case: "image", value: { quality: 2 ** 32 - 1 } } }],
  "an image turned by infinity": [{ operation: { case: "image", value: { rotate: Number.POSITIVE_INFINITY } } }],
  "a watermark of nothing": [{ operation: { case: "image", value: { watermark: {} } } }],
  "a sheet of 4 billion rows": [{ operation: { case: "contactSheet", value: { rows: 2 ** 32 - 1 } } }],
};

/** The same as JSON, with fields that the contract does not have. */
const JSON_OUTPUTS: Readonly<Record<string, string>> = {
  "an unknown operation": '{"name":"a","mp5":{}}',
  "an unknown field of an operation": '{"name":"a","thumbnail":{"att":"1s"}}',
  "two operations": '{"name":"a","mp4":{},"thumbnail":{}}',
  "an unknown destination": '{"name":"a","to":[{"ftp":{"path":"a"}}]}',
  "two kinds of one destination": '{"name":"a","to":[{"folder":{},"virtual":{}}]}',
  "a list as an operation": '{"name":"a","mp4":[]}',
  "an output that is a text": '"mp4"',
};

/** Batches with nonsensical outputs: each must be refused, naming the outputs, or in JSON the message of the contract. */
export const badOutputs = (): Attack[] => [
  ...Object.entries(OUTPUTS).map(([name, outputs]) => ({
    name,
    run: (context: AttackContext) => sendOutputs(context, [...outputs]),
  })),
  ...Object.entries(JSON_OUTPUTS).map(([name, output]) => ({
    name,
    run: (context: AttackContext) => sendJsonOutput(context, output),
  })),
];

async function sendOutputs({ pipeline, good }: AttackContext, outputs: OutputInit[]): Promise<string | undefined> {
  const blocks = [video("v", { choices: [footage("a", good)] })];
  const batch = create(BatchSchema, { name: "bad outputs", canvas: CANVAS, blocks, outputs });
  try {
    const { batch: status } = await pipeline.batches.submitBatch({ batch }, { timeoutMs: ANSWER_MS });
    await pipeline.batches.cancelBatch({ batchId: status?.batchId ?? "" }, { timeoutMs: ANSWER_MS });
    return "it was accepted";
  } catch (error) {
    const { code, rawMessage } = ConnectError.from(error);
    if (code !== Code.InvalidArgument) return `${Code[code]}: ${rawMessage}`;
    return /outputs/.test(rawMessage) ? undefined : `refused without naming the outputs: ${rawMessage}`;
  }
}

async function sendJsonOutput({ pipeline, good }: AttackContext, output: string): Promise<string | undefined> {
  const blocks = `[{"name":"v","video":{"choices":[{"label":"a","source":{"sha256":"${good}"}}]}}]`;
  const response = await fetch(`${pipeline.url}/polyreel.v1.BatchService/SubmitBatch`, {
    ...{ method: "POST", headers: { "content-type": "application/json" } },
    body: `{"batch":{"canvas":{"width":64,"height":64},"blocks":${blocks},"outputs":[${output}]}}`,
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const answer = await response.text();
  if (response.status !== 400) return `HTTP ${response.status} ${answer.slice(0, 200)}`;
  return /polyreel\.v1\.\w/.test(answer) ? undefined : `refused without naming the message: ${answer.slice(0, 200)}`;
}
