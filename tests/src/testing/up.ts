import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BatchService, SourceService } from "@polyreel/contract";
import { guardArguments } from "@polyreel/platform/process";

export const POLYREEL = fileURLToPath(new URL("../../../cli/bin/polyreel.mjs", import.meta.url));

/** Creating a database takes seconds, and many of them on a busy machine. */
const START_MS = 120_000;

/** `polyreel up` as a process, with its own store and output folder. */
export async function startUp({ node = [] as readonly string[], env = {} as NodeJS.ProcessEnv } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-up-"));
  const [store, out, temporary] = ["store", "out", "tmp"].map((name) => join(folder, name)) as [string, string, string];
  await mkdir(temporary);
  // A killed test run must not leave it running.
  const [program = "", ...before] = await guardArguments(process.execPath);
  const args = [...before, ...node, POLYREEL, "up", "--port", "0", "--out", out, "--store", store];
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: temporary, LOG_LEVEL: "warn", ...env },
  });
  const log: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => log.push(...text.split("\n")));
  const ended = once(child, "close").then(([code]) => code as number | null);
  try {
    const url = await urlOf(child, ended, log);
    const transport = createGrpcTransport({ baseUrl: url });
    return {
      ...{ url, folder, store, out, temporary, log },
      pid: child.pid ?? 0,
      batches: createClient(BatchService, transport),
      sources: createClient(SourceService, transport),
      natsUrl: await natsUrlOf(temporary),
      get hasEnded() {
        return child.exitCode !== null || child.signalCode !== null;
      },
      /** Ends it like a system would; returns its exit code. */
      stop: async () => {
        child.kill("SIGTERM");
        return ended;
      },
      close: async () => {
        child.kill("SIGTERM");
        await ended;
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

export type Up = Awaited<ReturnType<typeof startUp>>;

/** The address is in its first line. */
function urlOf({ stdout, exitCode }: ChildProcess, ended: Promise<unknown>, log: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = "";
    const fail = () => reject(new Error(`polyreel up did not start (${exitCode}): ${log.join("\n")}`));
    setTimeout(fail, START_MS).unref();
    void ended.then(fail);
    stdout?.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      const url = /^http:\S+(?=\n)/m.exec(printed)?.[0];
      if (url) resolve(url);
    });
  });
}

/** Its nats-server writes its ports into a temporary folder. */
async function natsUrlOf(temporary: string): Promise<string> {
  const names = await readdir(temporary, { recursive: true });
  const name = names.find((one) => one.endsWith(".ports"));
  if (!name) throw new Error("polyreel up has no nats-server of its own.");
  const { nats } = JSON.parse(await readFile(join(temporary, name), "utf8")) as { nats: string[] };
  return nats[0] ?? "";
}
