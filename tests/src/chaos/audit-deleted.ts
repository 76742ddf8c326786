import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { STREAM } from "@polyreel/contract";
import type { ChaosSystem } from "./system.js";

/** Outputs and facts are removed after the call has returned. */
const GONE_MS = 120_000;

interface DeletedBatch {
  readonly id: string;
  /** Folders of its outputs. */
  readonly folders: readonly string[];
}

/** Remainders of deleted batches after a while: facts, files, specifications, an answer. */
export async function auditDeleted(system: ChaosSystem, deleted: readonly DeletedBatch[]): Promise<string[]> {
  const problems: string[] = [];
  const until = Date.now() + GONE_MS;
  for (const batch of deleted) {
    let left = await leftOf(system, batch);
    for (; left.length > 0 && Date.now() < until; await delay(100)) left = await leftOf(system, batch);
    problems.push(...left.map((problem) => `Batch ${batch.id} was deleted: ${problem}`));
  }
  return problems;
}

async function leftOf({ pipeline, stream }: ChaosSystem, { id, folders }: DeletedBatch): Promise<string[]> {
  const problems: string[] = [];
  const filter = { subjects_filter: `polyreel.*.*.${id}` };
  const info = await stream.manager.streams.info(STREAM, filter).catch(() => undefined);
  if (!info) return ["the event stream does not answer."]; // It was killed a moment ago.
  const mark = `polyreel.batch.deleted.${id}`;
  for (const [subject, count] of Object.entries(info.state.subjects ?? {})) {
    if (subject !== mark || count !== 1) problems.push(`there are ${count} facts of ${subject}.`);
  }
  const answer = await pipeline.batches.getBatch({ batchId: id }, { timeoutMs: 5000 }).then(
    ({ batch }) => `GetBatch answers ${batch?.state}`,
    (error: unknown) => (ConnectError.from(error).code === Code.NotFound ? "" : ConnectError.from(error).message),
  );
  if (answer) problems.push(`${answer}.`);
  for (const folder of folders) {
    const outputs = await readdir(join(pipeline.out, folder)).catch((): string[] => []);
    if (outputs.length > 0) problems.push(`${outputs.length} files are in its folder ${folder}, as ${outputs[0]}.`);
  }
  const tenant = join(pipeline.store, "tenants", "default");
  const pictures = await readdir(join(tenant, "outputs", id)).catch((): string[] => []);
  if (pictures.length > 0) problems.push(`the store has ${pictures.length} of its pictures.`);
  const plans = await readdir(join(tenant, "plans")).catch((): string[] => []);
  for (const name of plans) if (name.startsWith(`${id}-`)) problems.push(`the store has its ${name}.`);
  return problems;
}
