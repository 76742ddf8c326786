import { readFile, stat, utimes } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Running } from "@polyreel/platform/lifecycle.js";
import { processesOf } from "../testing/left-behind.js";
import { makeFootage } from "../testing/media.js";
import type { Pipeline } from "../testing/pipeline.js";
import type { Bait } from "./playlists.js";

/** Sees what hostile files make others do. */
export interface Witness extends Running {
  readonly bait: Bait;
  /** Connections to the address that they name. */
  readonly connections: number;
  /** The most memory that a process took, in bytes: what services start, and services themselves. */
  readonly peaks: { readonly program: number; readonly service: number };
  /** Whether the file that they name was opened; undefined where the file system does not tell. */
  wasRead(): Promise<boolean | undefined>;
}

/** Short runs are missed now and then; what takes gigabytes takes longer. */
const LOOK_MS = 100;

export async function startWitness(pipeline: Pipeline): Promise<Witness> {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };

  const path = await makeFootage(pipeline.folder, "bait.mp4", { seconds: 0.5 });
  const control = await makeFootage(pipeline.folder, "control.mp4", { seconds: 0.5 });
  for (const one of [path, control]) await forgetReading(one);
  await readFile(control);
  const tells = await wasOpened(control);

  const peaks = { program: 0, service: 0 };
  const stop = new AbortController();
  const looking = lookUntil(stop.signal, () => look(pipeline, peaks));
  return {
    bait: { url: `http://127.0.0.1:${port}`, path },
    get connections() {
      return connections;
    },
    peaks,
    wasRead: async () => (tells ? wasOpened(path) : undefined),
    close: async () => {
      stop.abort();
      await looking;
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A file system notes when a file is read, at least where that was before it was last written. */
const forgetReading = (path: string): Promise<void> => utimes(path, 0, Date.now() / 1000);
const wasOpened = async (path: string): Promise<boolean> => (await stat(path)).atimeMs > 0;

async function lookUntil(signal: AbortSignal, look: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await look();
    await delay(LOOK_MS);
  }
}

async function look(pipeline: Pipeline, peaks: { program: number; service: number }): Promise<void> {
  for (const { pid, isService } of await processesOf(pipeline)) {
    const status = await readFile(join("/proc", String(pid), "status"), "utf8").catch(() => "");
    const bytes = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
    const kind = isService ? "service" : "program";
    peaks[kind] = Math.max(peaks[kind], bytes);
  }
}
