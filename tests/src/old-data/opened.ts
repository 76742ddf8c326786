import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliDecompress, constants } from "node:zlib";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import {
  type BatchStatus,
  BatchStatusSchema,
  type CombinationStatus,
  CombinationStatusSchema,
  certificateOf,
} from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { startNatsServer } from "@polyreel/platform/stream";
import { startPipeline } from "../testing/pipeline.js";

/** Made by make.mjs. */
const ARCHIVE = fileURLToPath(new URL("../../src/old-data/release-0.tar.br", import.meta.url));

/** Names of its batches. */
export type OldBatch =
  | ("pictures" | "virtual" | "failing" | "voices" | "acme" | "removable" | "cancelled")
  | ("written" | "half" | "waiting" | "early" | "unplanned");

/** Data of an earlier release, in a separate folder. */
export interface OldData {
  readonly folder: string;
  readonly ids: Readonly<Record<OldBatch, string>>;
  /** SHA-256 of its sources, by the labels of the choices that use them. */
  readonly sources: Readonly<Record<string, string>>;
  /** The build that clips were encoded with. */
  readonly clipEncoder: string;
  /** That release's own final answers about a batch. */
  answer(name: OldBatch): { readonly batch: BatchStatus; readonly combinations: readonly CombinationStatus[] };
}

/** Unpacks an archive into a folder of its own. */
export async function unpackArchive(archive: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-old-data-"));
  const tar = join(folder, "data.tar");
  const params = { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 1 };
  await writeFile(tar, await promisify(brotliDecompress)(await readFile(archive), { params }));
  await promisify(execFile)("tar", ["-xf", tar, "-C", folder]);
  await rm(tar);
  return folder;
}

export async function unpackOldData(): Promise<OldData> {
  const folder = await unpackArchive(ARCHIVE);
  const known = JSON.parse(await readFile(join(folder, "answers.json"), "utf8")) as Pick<
    OldData,
    "ids" | "sources" | "clipEncoder"
  > & {
    answers: Record<OldBatch, { batch: JsonValue; combinations: JsonValue[] }>;
  };
  return {
    ...known,
    folder,
    answer: (name) => ({
      batch: fromJson(BatchStatusSchema, known.answers[name].batch),
      combinations: known.answers[name].combinations.map((one) =>
        withOperation(fromJson(CombinationStatusSchema, one)),
      ),
    }),
  };
}

/** Certificates are now answered by their operation. */
const withOperation = ({ certificate, ...status }: CombinationStatus): CombinationStatus => ({
  ...status,
  ...(certificate && { certificate: certificateOf(certificate) }),
});

/** This release's services over it. `readModel`: variables that select the gateway's storage; in memory without any. */
export async function openOldData(old: Pick<OldData, "folder">, readModel: NodeJS.ProcessEnv) {
  const releasers = new Releasers();
  releasers.add(() => rm(old.folder, { recursive: true, force: true }));
  try {
    const [store, out] = ["store", "out"].map((name) => join(old.folder, name)) as [string, string];
    const nats = releasers.use(await startNatsServer({ folder: join(store, "nats") }));
    const env = { POLYREEL_STORE: store, POLYREEL_OUTPUT: out, POLYREEL_STREAM_MAX_BYTES: String(1 << 26) };
    const pipeline = releasers.use(
      await startPipeline({ ...env, POLYREEL_ACK_WAIT_SECONDS: "5", ...readModel }, { nats }),
    );
    // A read model takes a moment to be filled from the stream.
    await eventually(
      () => pipeline.batches.listBatches({}),
      () => true,
    );
    return { ...pipeline, close: () => releasers.close() };
  } catch (error) {
    await releasers.close();
    throw error;
  }
}

const TIMEOUT_MS = 100_000;
/** Five processes and a database, on a busy machine. */
export const START_MS = 240_000;

/** Repeats a request until the answer matches; refusals do not. */
export async function eventually<T>(request: () => Promise<T>, matches: (answer: T) => boolean): Promise<T> {
  for (const until = Date.now() + TIMEOUT_MS; ; await sleep(100)) {
    try {
      const answer = await request();
      if (matches(answer)) return answer;
      if (Date.now() > until) throw new Error(`It stays ${JSON.stringify(answer)}.`);
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}

export type Opened = Awaited<ReturnType<typeof openOldData>>;
