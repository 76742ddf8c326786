import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access, chown, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { composed, type Running } from "@polyreel/platform";
import pg from "pg";

const run = promisify(execFile);

/** A PostgreSQL server for a test, on loopback. */
export interface PrivatePostgres extends Running {
  /** URL of a new, empty database. */
  database(name?: string): Promise<string>;
  /** Shuts the server down, as an administrator would; its data is kept. */
  stop(): Promise<void>;
  /** Starts it again. */
  start(): Promise<void>;
}

/** Folder of the newest installed PostgreSQL's programs; undefined if it is not installed. */
export async function postgresPrograms(): Promise<string | undefined> {
  const debian = "/usr/lib/postgresql";
  const versions = (await readdir(debian).catch(() => [])).sort((a, b) => Number(b) - Number(a));
  for (const folder of [...versions.map((version) => join(debian, version, "bin")), "/usr/bin"]) {
    if (await isThere(join(folder, "initdb"))) return folder;
  }
  return undefined;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** It refuses to run as root: then it runs as its package's user. */
async function user(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const line = (await readFile("/etc/passwd", "utf8")).split("\n").find((one) => one.startsWith("postgres:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

export function startPostgres(programs: string): Promise<PrivatePostgres> {
  return composed(async (releasers) => {
    const folder = await mkdtemp(join(tmpdir(), "polyreel-postgres-"));
    releasers.add(() => rm(folder, { recursive: true, force: true }));
    const as = await user();
    if (as) await chown(folder, as.uid, as.gid);
    const data = join(folder, "data");
    const initdb = ["-D", data, "-U", "polyreel", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"];
    await run(join(programs, "initdb"), initdb, { ...as, cwd: folder });
    const port = await freePort();
    const settings = ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${folder}`];
    const url = (database: string) => `postgres://polyreel@127.0.0.1:${port}/${database}`;
    let server: ChildProcess | undefined;
    const start = async () => {
      server = spawn(join(programs, "postgres"), ["-D", data, "-p", String(port), ...settings], {
        ...as,
        cwd: folder,
        stdio: "ignore",
      });
      await untilItAnswers(url("postgres"), server);
    };
    releasers.add(() => server && end(server, "SIGQUIT")); // At once: none of it is kept.
    await start();
    let made = 0;
    const database = async (name = `test${++made}`) => {
      await query(url("postgres"), `create database ${name}`);
      return url(name);
    };
    // Fast shutdown: clients are disconnected.
    const stop = async () => server && (await end(server, "SIGINT"));
    return { database, start, stop, close: () => releasers.close() };
  });
}

async function untilItAnswers(url: string, server: ChildProcess): Promise<void> {
  for (;;) {
    try {
      return await query(url, "select 1");
    } catch (error) {
      if (server.exitCode !== null) throw error;
      await sleep(50);
    }
  }
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, "exit");
  server.kill(signal);
  await exited;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
