import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

// A checked-out and built release, used through its own code: this release's code would read and write differently.

/** Its test utilities. */
export async function loadRelease(checkout) {
  const of = (path) => import(pathToFileURL(join(checkout, path)).href);
  const ofPackage = (name) =>
    import(pathToFileURL(createRequire(join(checkout, "tests/package.json")).resolve(name)).href);
  const { connectNats } = await of("packages/platform/dist/nats/connection.js");
  const { createLog } = await of("packages/platform/dist/log.js");
  return {
    contract: await of("packages/contract/dist/index.js"),
    blocks: await of("tests/dist/testing/blocks.js"),
    ...(await of("tests/dist/testing/pipeline.js")),
    ...(await of("tests/dist/testing/batches.js")),
    ...(await of("tests/dist/testing/media.js")),
    ...(await of("packages/platform/dist/nats/server.js")),
    ...(await of("packages/media/dist/ffmpeg/build.js")),
    ...(await of("services/gateway/dist/read-model/testing/private-postgres.js")),
    ...(await ofPackage("@bufbuild/protobuf")),
    ...(await ofPackage("@connectrpc/connect")),
    ...(await ofPackage("@connectrpc/connect-node")),
    connect: (url) => connectNats({ url, name: "record", log: createLog("record", "silent") }),
  };
}

/** A gateway in addition to that of a pipeline. */
export async function startGateway(checkout, env) {
  const main = join(checkout, "services/gateway/dist/main.js");
  const { PATH, HOME } = process.env;
  const options = { env: { PATH, HOME, GATEWAY_PORT: "0", ...env }, stdio: ["ignore", "pipe", "inherit"] };
  const child = spawn(process.execPath, [main], options);
  const ended = once(child, "close");
  const port = await new Promise((resolve, reject) => {
    void ended.then(() => reject(new Error("The second gateway ended.")));
    createInterface(child.stdout).on("line", (line) => {
      const { message, port } = JSON.parse(line);
      if (/^listening/.test(message)) resolve(port);
    });
  });
  const kill = async (signal) => {
    child.kill(signal);
    await ended;
  };
  return { url: `http://127.0.0.1:${port}`, kill };
}

/** A gateway's answers about batches, by their names here, as JSON. */
export async function answersOf(url, ids, { contract, createClient, createGrpcTransport, toJson }) {
  const batches = createClient(contract.BatchService, createGrpcTransport({ baseUrl: url }));
  const answers = {};
  for (const [name, batchId] of Object.entries(ids)) {
    const { batch } = await batches.getBatch({ batchId });
    const { combinations } = await batches.listCombinations({ batchId });
    answers[name] = {
      batch: toJson(contract.BatchStatusSchema, batch),
      combinations: combinations.map((one) => toJson(contract.CombinationStatusSchema, one)),
    };
  }
  return answers;
}

/**
 * Creates the folder of PGlite's database, and switches to a new file of its write-ahead log: the first one contains
 * the creation, which compresses badly.
 */
export async function makeDatabase(checkout, folder) {
  const require = createRequire(join(checkout, "services/gateway/package.json"));
  const { PGlite } = await import(pathToFileURL(require.resolve("@electric-sql/pglite")).href);
  mkdirSync(folder, { recursive: true });
  const database = await PGlite.create(join(folder, "pglite"));
  await database.exec("set wal_recycle = off; checkpoint; select pg_switch_wal(); checkpoint");
  await database.close();
}

/** A dump that every version of psql reads: without the guards of the newest ones. */
export function sqlDump(programs, url) {
  const args = ["--no-owner", "--no-privileges", "--no-comments", url];
  const text = execFileSync(join(programs, "pg_dump"), args, { encoding: "utf8", maxBuffer: 1 << 28 });
  return text.replaceAll(/^\\(un)?restrict .*\n/gm, "");
}
