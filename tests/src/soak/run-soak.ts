import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { PgliteThread } from "@polyreel/gateway";
import { Random } from "../property/random.js";
import { makeBed, makeFootage, put } from "../testing/media.js";
import { startUp, type Up } from "../testing/up.js";
import { deleteEnded, type Media, runSmallBatch, type SmallBatch } from "./small-batch.js";
import { type Sample, type Trend, table, trendsOf } from "./soak-verdict.js";
import { takeSample } from "./take-sample.js";

export interface SoakReport {
  readonly batches: number;
  readonly finished: number;
  readonly cancelled: number;
  readonly deleted: number;
  readonly samples: readonly Sample[];
  readonly trends: readonly Trend[];
}

export interface SoakOptions {
  readonly batches: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Concurrent batches. */
const CONCURRENCY = 6;
/** Number of samples, each after a pause: a third of them is compared with another. Fewer if there are few batches. */
const SAMPLES = 30;
const BATCHES_A_SAMPLE = 4;
/** Number of batches kept: older ones are deleted. Fewer if there are few batches. */
const KEPT = 20;
const SETTLED_MS = 30_000;

/** Runs small batches through one `polyreel up`, whose resources must not grow. */
export async function runSoak(options: SoakOptions): Promise<{ report: SoakReport; problems: string[] }> {
  const { batches, seed, signal, print } = options;
  const module = fileURLToPath(new URL("../../dist/soak/collect-garbage.js", import.meta.url));
  const memoryFile = join(tmpdir(), `polyreel-soak-${process.pid}.json`);
  const node = ["--expose-gc", "--import", `file://${module}?file=${encodeURIComponent(memoryFile)}`];
  const up = await startUp({ node });
  const problems: string[] = [];
  try {
    const media = await makeMedia(up);
    const random = new Random(seed);
    const ended: SmallBatch[] = [];
    const samples: Sample[] = [];
    const round = Math.max(BATCHES_A_SAMPLE, Math.ceil(batches / SAMPLES));
    const kept = Math.min(KEPT, Math.ceil(batches / 4));
    let deleted = 0;
    for (let done = 0; done < batches; ) {
      signal.throwIfAborted();
      const size = Math.min(round, batches - done);
      const drawn = Array.from({ length: size }, (_, i) => ({
        index: done + i,
        random: new Random(random.whole(0, 2 ** 31)),
      }));
      ended.push(...(await inParallel(drawn, (one) => runSmallBatch(up, media, one, problems))));
      done += size;
      const old = ended.filter(({ gone }) => !gone).slice(0, -kept);
      await inParallel(old, (one) => deleteEnded(up, one, problems));
      deleted = ended.filter(({ gone }) => gone).length;
      await settled(up, ended);
      if (up.hasEnded) throw new Error(`polyreel up ended by itself after ${done} batches: ${up.log.join("\n")}`);
      samples.push(await takeSample(up, done, memoryFile));
      print(
        table(samples.slice(-1))
          .slice(samples.length > 1 ? 1 : 0)
          .join("\n"),
      );
    }
    const trends = trendsOf(samples);
    for (const { what, second, last, flat } of trends) {
      print(`${flat ? "flat " : "GROWS"}  ${what}: ${second} in the second third, ${last} in the last`);
      if (!flat) problems.push(`${what} grows: ${second} in the second third, ${last} in the last.`);
    }
    problems.push(...(await leftAfterDeletion(up, ended)));
    const outcome = (what: SmallBatch["outcome"]) => ended.filter((one) => one.outcome === what).length;
    const counts = { batches, finished: outcome("finished"), cancelled: outcome("cancelled"), deleted };
    return { report: { ...counts, samples, trends }, problems };
  } finally {
    await up.close();
  }
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const workOn = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at] as T);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, workOn));
  return results;
}

/** Waits until the folders of deleted batches are gone, which happens after the call has returned. */
async function settled({ out }: Up, ended: readonly SmallBatch[]): Promise<void> {
  const gone = new Set(ended.filter((one) => one.gone).map(({ batchId }) => batchId));
  for (const until = Date.now() + SETTLED_MS; Date.now() < until; await delay(100)) {
    if (!(await readdir(out)).some((name) => gone.has(name))) return;
  }
}

/** Deletes the rest and ends it; then nothing of any batch may remain. */
async function leftAfterDeletion(up: Up, ended: readonly SmallBatch[]): Promise<string[]> {
  const problems: string[] = [];
  await inParallel(
    ended.filter(({ gone }) => !gone),
    (one) => deleteEnded(up, one, problems),
  );
  await settled(up, ended);
  const listed = await stillListed(up);
  if (listed > 0) problems.push(`${listed} deleted batches are still listed.`);
  const folders = await readdir(up.out).catch(() => []);
  if (folders.length > 0)
    problems.push(`${folders.length} entries are left in the output folder: ${folders.slice(0, 3)}`);
  const code = await up.stop();
  if (code !== 0) problems.push(`polyreel up ended with exit code ${code}: ${up.log.slice(-5).join("\n")}`);
  for (const [name, rows] of await rowsOf(join(up.store, "database", "pglite"))) {
    if (rows > 0) problems.push(`${rows} rows are left in the table ${name}.`);
  }
  const left = await readdir(up.temporary, { recursive: true });
  if (left.length > 0) problems.push(`${left.length} temporary files are left: ${left.slice(0, 5).join(", ")}`);
  return problems;
}

/** Number of listed batches after a while: a deletion is visible when its fact has reached the read model. */
async function stillListed({ batches }: Up): Promise<number> {
  for (const until = Date.now() + SETTLED_MS; ; await delay(100)) {
    const { batches: listed } = await batches.listBatches({ pageSize: 100 });
    if (listed.length === 0 || Date.now() > until) return listed.length;
  }
}

/** Tables that keep a position, and those of what happened, which outlives batches. */
const NOT_OF_BATCHES = ["checkpoint", "notification_checkpoint", "usage_checkpoint", "usage", "audit_log"];

/** Number of rows of each other table of a database. */
async function rowsOf(folder: string): Promise<[string, number][]> {
  const thread = new PgliteThread(folder);
  try {
    const { rows: tables } = await thread.query(
      "select tablename from pg_tables where schemaname = 'public' and not tablename = any($1) and tablename not like 'kysely%'",
      [NOT_OF_BATCHES],
    );
    const counts: [string, number][] = [];
    for (const { tablename } of tables as { tablename: string }[]) {
      const { rows } = await thread.query(`select count(*)::int as count from "${tablename}"`, []);
      counts.push([tablename, (rows as { count: number }[])[0]?.count ?? 0]);
    }
    return counts;
  } finally {
    await thread.close();
  }
}

async function makeMedia(up: Up): Promise<Media> {
  const film = async (name: string, hertz: number) =>
    put(up, await makeFootage(up.folder, name, { seconds: 0.3, size: "64x64", hertz }));
  return {
    films: [await film("a.mp4", 440), await film("b.mp4", 550), await film("c.mp4", 660)],
    beds: [await put(up, await makeBed(up.folder, "m.wav", 0.3))],
  };
}
