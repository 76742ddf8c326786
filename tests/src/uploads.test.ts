import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { guardArguments } from "@polyreel/platform/process";
import { freePort } from "@polyreel/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeFootage } from "./testing/media.js";
import { POLYREEL } from "./testing/up.js";

const run = promisify(execFile);
const PAGE = fileURLToPath(new URL("../../docs/guide/uploads.md", import.meta.url));
const PIECE_BYTES = 32 * 1024 ** 2;
/** Allows for a busy machine. */
const PATIENT = { timeout: 60_000 };

let folder: string;
let port: number;
let server: ChildProcess;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-uploads-"));
  await mkdir(join(folder, "media"));
  const media = join(folder, "media");
  await makeFootage(media, "hook-a.mp4", { size: "90x160", hertz: 300 });
  await makeFootage(media, "hook-b.mp4", { size: "90x160", hertz: 400 });
  await writeFile(join(media, "music.mp3"), randomBytes(1000));
  port = await freePort();
  url = `http://127.0.0.1:${port}`;
  server = await startServer();
});
afterAll(async () => {
  server?.kill("SIGTERM");
  if (server && server.exitCode === null && server.signalCode === null) await once(server, "close");
  await rm(folder, { recursive: true, force: true });
});

async function startServer(): Promise<ChildProcess> {
  const [program = "", ...before] = await guardArguments(process.execPath);
  const args = [...before, POLYREEL, "up", "--port", String(port), "--out", "out", "--store", "store"];
  const child = spawn(program, args, {
    cwd: folder,
    stdio: "ignore",
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: "error" },
  });
  const isThere = () =>
    fetch(`${url}/sources`).then(
      ({ status }) => status === 200,
      () => false,
    );
  for (const until = Date.now() + PATIENT.timeout; !(await isThere()); await delay(100)) {
    if (Date.now() > until) throw new Error("polyreel up does not answer.");
  }
  return child;
}

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Blocks of the guide's page, in a language. */
async function blocks(language: string): Promise<string[]> {
  const page = await readFile(PAGE, "utf8");
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, text = ""]) => text);
}

const inShell = (script: string, args: readonly string[] = []) =>
  run(
    "bash",
    ["-c", script.replaceAll("http://127.0.0.1:8080", url).replaceAll("npx polyreel", "polyreel"), "-", ...args],
    {
      cwd: folder,
      env: {
        ...process.env,
        POLYREEL_SERVER: url,
        PATH: `${fileURLToPath(new URL("../../node_modules/.bin", import.meta.url))}:${process.env.PATH}`,
      },
    },
  );

it("stores files by the guide's commands, and a batch uses them by their hashes", async () => {
  const [byCurl = "", listing = ""] = await blocks("sh");
  const { stdout } = await inShell(
    byCurl
      .split("\n")
      .join("; echo;\n")
      .replace(/; echo;\n$/, ""),
  );
  const [first, second, form] = stdout
    .trim()
    .split(/\n+/)
    .map((line) => JSON.parse(line));
  const films = await Promise.all(["hook-a.mp4", "hook-b.mp4"].map((name) => readFile(join(folder, "media", name))));
  expect([first, second]).toMatchObject([
    { sha256: hashOf(films[0] as Buffer), known: false, fileName: "hook-a.mp4" },
    { sha256: hashOf(films[1] as Buffer), known: false, fileName: "opening.mp4" },
  ]);
  expect(form).toMatchObject({ sources: [{ sha256: first.sha256, known: true }, { fileName: "music.mp3" }] });
  const listed = await inShell(listing);
  expect(listed.stdout).toContain("Spring sale, opening");
  expect(listed.stdout).toContain('"labels":["ads"]');

  const choices = [first, second].map(({ source }) => `{source: ${JSON.stringify(source)}}`).join(", ");
  const batch = `canvas: {width: 90, height: 160}\nblocks: [{name: v, video: {choices: [${choices}]}}]\n`;
  await writeFile(join(folder, "batch.yaml"), batch);
  const submitted = JSON.parse((await inShell("polyreel submit batch.yaml --watch --json --quiet")).stdout);
  expect(submitted).toMatchObject({ combinations: { delivered: 2 } });
});

/** Forwards connections, and cuts some after a number of bytes. */
async function breakingLine(cuts: number[]): Promise<{ url: string; close: () => void }> {
  const line = net.createServer((client) => {
    const onward = net.connect(port, "127.0.0.1");
    for (const socket of [client, onward]) socket.on("error", () => {});
    let bytes = 0;
    client.on("data", (chunk) => {
      onward.write(chunk);
      bytes += chunk.length;
      if (cuts[0] === undefined || bytes <= cuts[0]) return;
      cuts.shift();
      client.resetAndDestroy();
      onward.destroy();
    });
    onward.pipe(client);
    client.on("close", () => onward.destroy());
  });
  line.listen(0, "127.0.0.1");
  await once(line, "listening");
  return { url: `http://127.0.0.1:${(line.address() as net.AddressInfo).port}`, close: () => line.close() };
}

it("goes on by the guide's script after the line broke", async () => {
  const bytes = randomBytes(20_000_000);
  await writeFile(join(folder, "large.mp4"), bytes);
  const [script = ""] = await blocks("bash");
  const cuts = [3_000_000, 5_000_000, 100_000];
  const line = await breakingLine(cuts);
  const { stdout } = await inShell(script, ["large.mp4", line.url]);
  line.close();
  expect(stdout.trim()).toBe(hashOf(bytes));
  expect(cuts).toEqual([]);
});

it("goes on with what was durable after the server was killed, and is one source in the end", async () => {
  const bytes = randomBytes(PIECE_BYTES + 8_000_000);
  const tus = { "tus-resumable": "1.0.0" };
  const created = await fetch(`${url}/uploads/`, {
    method: "POST",
    headers: { ...tus, "upload-length": String(bytes.length) },
  });
  const path = url + (created.headers.get("location") ?? "");
  const patch = { ...tus, "content-type": "application/offset+octet-stream" };
  const request = http.request(path, { method: "PATCH", headers: { ...patch, "upload-offset": "0" } });
  request.on("error", () => {});
  request.write(bytes.subarray(0, PIECE_BYTES + 4_000_000));
  const offset = async () => Number((await fetch(path, { method: "HEAD", headers: tus })).headers.get("upload-offset"));
  await expect.poll(offset, PATIENT).toBeGreaterThanOrEqual(PIECE_BYTES);
  const closed = once(server, "close");
  server.kill("SIGKILL");
  await closed;
  request.destroy();

  server = await startServer();
  const durable = await offset();
  expect(durable).toBeGreaterThanOrEqual(PIECE_BYTES);
  const rest = await fetch(path, {
    method: "PATCH",
    headers: { ...patch, "upload-offset": String(durable) },
    body: bytes.subarray(durable),
  });
  expect({ status: rest.status, source: rest.headers.get("polyreel-source") }).toEqual({
    status: 204,
    source: hashOf(bytes),
  });
});
