import { readFile, stat, utimes } from "node:fs/promises";
import { createServer } from "node:net";
import type { Running } from "@polyreel/platform";
import { makeFootage } from "../testing/media.js";
import { watchPeakMemory } from "../testing/peak-memory.js";
import type { Pipeline } from "../testing/pipeline.js";
import type { Bait } from "./playlists.js";

/** Observes side effects of hostile files. */
export interface Witness extends Running {
  readonly bait: Bait;
  /** Connections to the URL in them. */
  readonly connections: number;
  /** Peak memory of a process, in bytes: of the services' children, and of the services. */
  readonly peaks: { readonly program: number; readonly service: number };
  /** Whether the file named in them was opened; undefined if the file system does not record it. */
  wasRead(): Promise<boolean | undefined>;
}

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
  const detectsReads = await wasOpened(control);

  const memory = watchPeakMemory(pipeline);
  return {
    bait: { url: `http://127.0.0.1:${port}`, path },
    get connections() {
      return connections;
    },
    peaks: memory.peaks,
    wasRead: async () => (detectsReads ? wasOpened(path) : undefined),
    close: async () => {
      await memory.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A file system records reads at least if the previous one was before the last write. */
const forgetReading = (path: string): Promise<void> => utimes(path, 0, Date.now() / 1000);
const wasOpened = async (path: string): Promise<boolean> => (await stat(path)).atimeMs > 0;
