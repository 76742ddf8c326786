import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { STREAM } from "@polyreel/contract";
import type { Up } from "../testing/up.js";
import type { Sample } from "./soak-verdict.js";

const MEGABYTE = 2 ** 20;
const COLLECTED_MS = 10_000;

/** Measures an idle process after a garbage collection. `memoryFile` is the file with its memory usage. */
export async function takeSample(up: Up, batches: number, memoryFile: string): Promise<Sample> {
  const { heapUsed, external } = await collectedMemory(up.pid, memoryFile);
  const { consumers, facts } = await streamOf(up.natsUrl);
  const megabytes = (bytes: number) => Math.round(bytes / MEGABYTE);
  return {
    batches,
    rssMb: megabytes(await residentBytes(up.pid)),
    heapMb: megabytes(heapUsed),
    externalMb: megabytes(external),
    handles: (await readdir(`/proc/${up.pid}/fd`)).length,
    processes: (await childrenOf(up.pid)).length,
    consumers,
    facts,
    listed: await listedBatches(up),
    storeFiles: (await filesIn(up.store, ["nats", "database"])).length,
    temporaryFiles: (await filesIn(up.temporary, [])).length,
    outputFiles: (await filesIn(up.out, [])).length,
    databaseMb: megabytes(await bytesIn(join(up.store, "database"))),
  };
}

async function collectedMemory(pid: number, file: string): Promise<NodeJS.MemoryUsage> {
  await rm(file, { force: true });
  process.kill(pid, "SIGUSR2");
  for (const until = Date.now() + COLLECTED_MS; Date.now() < until; await delay(50)) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (text.endsWith("}")) return JSON.parse(text) as NodeJS.MemoryUsage;
  }
  throw new Error("The process did not collect its garbage.");
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

async function childrenOf(pid: number): Promise<string[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    threads.map((id) => readFile(`/proc/${pid}/task/${id}/children`, "utf8").catch(() => "")),
  );
  return lists.flatMap((list) => list.split(" ").filter((child) => child !== ""));
}

async function streamOf(url: string): Promise<{ consumers: number; facts: number }> {
  const connection = await connect({ servers: url });
  try {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info(STREAM, { subjects_filter: "polyreel.batch.deleted.*" });
    const marks = Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
    return { consumers: state.consumer_count, facts: state.messages - marks };
  } finally {
    await connection.close();
  }
}

async function listedBatches({ batches }: Up): Promise<number> {
  let count = 0;
  let pageToken = "";
  do {
    const page = await batches.listBatches({ pageSize: 1000, pageToken });
    count += page.batches.length;
    pageToken = page.nextPageToken;
  } while (pageToken);
  return count;
}

async function filesIn(folder: string, without: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const left = (path: string) => without.some((name) => path.startsWith(join(folder, name)));
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !left(path));
}

async function bytesIn(folder: string): Promise<number> {
  let sum = 0;
  for (const path of await filesIn(folder, [])) sum += (await stat(path).catch(() => ({ size: 0 }))).size;
  return sum;
}
