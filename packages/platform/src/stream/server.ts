import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PolyreelError } from "../errors.js";
import { removeLeftFolders } from "../files/left-folders.js";
import { makeOwnFolder, type OwnFolder } from "../files/own-folder.js";
import type { Running } from "../lifecycle.js";
import { childEnvironment } from "../process/child-environment.js";
import { guardArguments, holdUntilEnd } from "../process/orphans.js";

const START_MS = 10_000;
const END_MS = 5_000;
/** Exit code of launchers if the program does not exist. */
const NO_SUCH_PROGRAM = 127;

/** Prefix of the servers' own folders. */
const SCRATCH = "polyreel-nats-";

export interface NatsServer extends Running {
  readonly url: string;
  readonly pid: number;
  /** Resolves with the cause when it has ended: by itself, or because it was closed. */
  readonly ended: Promise<string>;
}

export interface NatsServerOptions {
  /** Folder of its data; a temporary one, removed at the end, by default. */
  readonly folder?: string;
  /** Chosen by the server by default. */
  readonly port?: number;
  readonly program?: string;
  /** File of a configuration with JetStream and its folder: `folder` is not used then. */
  readonly configuration?: string;
  /** Arguments of a cluster's server. */
  readonly cluster?: readonly string[];
  /** Cancels the start. */
  readonly signal?: AbortSignal;
  /** Called once its process is started, before it listens. */
  readonly onSpawned?: () => void;
}

/**
 * Starts a private nats-server with JetStream as a child, on loopback. Throws PolyreelError `unavailable` if it is not
 * installed or does not start, and the signal's reason.
 */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  options.signal?.throwIfAborted();
  const [own, command] = await Promise.all([openNatsFolder(), guardArguments(options.program ?? "nats-server")]);
  const scratch = own.path;
  const place = ["-a", "127.0.0.1", "-p", String(options.port ?? -1), "--ports_file_dir", scratch];
  const data = options.configuration ? ["-c", options.configuration] : ["-js", "-sd", options.folder ?? scratch];
  const args = [...place, ...(options.cluster ?? []), ...data];
  // In its own process group: Ctrl-C reaches us alone, and we end it last. It does not outlive us, however we die: the
  // next one to open its folder would find it in use.
  const [program = "", ...rest] = [...command, ...args];
  const child = spawn(program, rest, { stdio: ["ignore", "ignore", "pipe"], detached: true, env: childEnvironment() });
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  });
  const ended = new Promise<string>((resolve) => {
    child.once("close", (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}: ${output.trim()}`));
  });
  if (child.pid !== undefined) holdUntilEnd(child.pid, ended);
  const close = async () => {
    child.kill("SIGTERM");
    const firmly = setTimeout(() => child.kill("SIGKILL"), END_MS);
    if (child.pid !== undefined) await ended;
    clearTimeout(firmly);
    await own.close();
  };
  try {
    options.onSpawned?.();
    const failed = new Promise<never>((_, reject) => {
      child.on("error", (error: NodeJS.ErrnoException) => reject(notStarted(error, error.code === "ENOENT")));
      child.once("exit", (code) => {
        reject(notStarted(new Error(`exit code ${code}: ${output}`), code === NO_SUCH_PROGRAM));
      });
    });
    failed.catch(() => {}); // It ends eventually, which is no failure then.
    const url = await Promise.race([portOf(scratch, options.signal), failed]);
    return { url, pid: child.pid ?? 0, ended, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A temporary folder for a server's own files. Also removes those left behind by dead processes. */
export async function openNatsFolder(): Promise<OwnFolder> {
  await removeLeftFolders(tmpdir(), SCRATCH);
  return makeOwnFolder(tmpdir(), SCRATCH);
}

/** The server writes its ports into a file as soon as it listens. */
async function portOf(folder: string, signal?: AbortSignal): Promise<string> {
  for (const until = Date.now() + START_MS; Date.now() < until; ) {
    signal?.throwIfAborted();
    const name = (await readdir(folder)).find((file) => file.endsWith(".ports"));
    if (name) {
      try {
        const ports = JSON.parse(await readFile(join(folder, name), "utf8")) as { nats?: string[] };
        const [url] = ports.nats ?? [];
        if (url) return url;
      } catch {
        // Not completely written yet.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw notStarted(new Error("it did not listen in time"));
}

function notStarted(cause: Error, missing = false): PolyreelError {
  return new PolyreelError(
    "unavailable",
    missing
      ? {
          reason: "nats-server is not installed (or not on the PATH).",
          remedy: "Install it: apt-get install nats-server, brew install nats-server, or from nats.io.",
        }
      : { reason: "nats-server did not start.", remedy: "Run nats-server -js by hand to see why." },
    { cause },
  );
}
