import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Running } from "../../../lifecycle.js";
import { childEnvironment } from "../../../process/child-environment.js";
import { guardArguments } from "../../../process/orphans.js";
import { freePort } from "../../../testing/free-port.js";
import { needs } from "../../../testing/needs.js";
import type { S3Keys } from "../s3-keys.js";

/** Where the set-up for tests builds it (scripts/setup/versitygw.mjs). */
const PROGRAM = fileURLToPath(new URL("../../../../../../.programs/go-bin/versitygw", import.meta.url));
/** For a machine that is busy with other tests. */
const START_MS = 60_000;
const END_MS = 5_000;

/** Its program; undefined where the set-up could not build it. */
export const VERSITYGW: string | undefined = existsSync(PROGRAM) ? PROGRAM : undefined;
export const NEEDS_VERSITYGW = needs(VERSITYGW, "needs versitygw, a second server of S3, in .programs/go-bin");

export interface Versitygw extends Running {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly bucket: string;
  readonly keys: S3Keys;
}

/** Starts versitygw, another implementation of S3, on a free port, with data in a temporary folder. It dies with this process. */
export async function startVersitygw(): Promise<Versitygw> {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-versitygw-"));
  const data = join(folder, "data");
  const bucket = "media";
  await mkdir(join(data, bucket), { recursive: true }); // Its buckets are folders.
  const keys = { accessKeyId: "polyreel", secretAccessKey: "a-secret-of-tests" };
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const [program = "", ...rest] = await guardArguments(VERSITYGW ?? "versitygw");
  const child = spawn(program, [...rest, "--port", `127.0.0.1:${port}`, "--quiet", "posix", data], {
    env: { ...childEnvironment(), ROOT_ACCESS_KEY: keys.accessKeyId, ROOT_SECRET_KEY: keys.secretAccessKey },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const closed = new Promise((resolve) => child.once("close", resolve));
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  });
  const close = async () => {
    child.kill("SIGTERM");
    const firmly = setTimeout(() => child.kill("SIGKILL"), END_MS);
    await closed;
    clearTimeout(firmly);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const until = Date.now() + START_MS; ; await sleep(50)) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`versitygw ended: ${output}`);
      const answered = await fetch(endpoint).then(
        (response) => response.status,
        () => 0,
      );
      if (answered > 0) break;
      if (Date.now() > until) throw new Error(`versitygw does not answer: ${output}`);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { endpoint, bucket, keys, close };
}
