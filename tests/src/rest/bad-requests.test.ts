import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import net from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeStill } from "../bad-input/damage.js";
import { makeBed, makeFootage } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { curl, json } from "./curl.js";

const NEVER = "b".padEnd(21, "a");
const NO_FILE = "0".repeat(64);
const MAX_BYTES = 2_000_000;
const MAX_LIVE = 50;
const WITHIN = { timeout: 30_000, interval: 50 };

let pipeline: Pipeline;
let api: string;
let file_id: string;
const files: Record<string, string> = {};

beforeAll(async () => {
  pipeline = await startPipeline({
    POLYREEL_REST_MAX_BYTES: String(MAX_BYTES),
    POLYREEL_REST_MAX_LIVE_JOBS: String(MAX_LIVE),
    POLYREEL_REST_FORMATS: "mp4, webm",
    GATEWAY_STALL_SECONDS: "2",
  });
  api = `${pipeline.url}/api/v1`;
  const write = async (name: string, bytes: string | Buffer) => {
    files[name] = join(pipeline.folder, name);
    await writeFile(files[name], bytes);
  };
  files.clip = await makeFootage(pipeline.folder, "clip.mp4", { seconds: 0.5, size: "64x64" });
  files.film = await makeFootage(pipeline.folder, "film.avi", { seconds: 0.5, size: "64x64" });
  files.sound = await makeBed(pipeline.folder, "sound.wav", 0.5);
  files.picture = await makeStill(pipeline.folder, "picture.png");
  await write("text.mp4", "This is no video.\n".repeat(100));
  await write("empty.mp4", "");
  await write("large.mp4", Buffer.alloc(MAX_BYTES + 1));
  file_id = (await curl("-F", `file=@${files.clip}`, `${api}/upload`)).body.file_id;
});
afterAll(() => pipeline?.close());

/** Checks that a request is refused as a problem; returns its text. */
async function refused(status: number, ...args: string[]): Promise<string> {
  const answer = await curl(...args);
  expect([answer.status, answer.type, answer.body.status]).toEqual([
    status,
    expect.stringContaining("application/problem+json"),
    status,
  ]);
  return answer.body.detail;
}

it.each([
  ["GET", `/jobs/${NEVER}`],
  ["GET", `/jobs/${NEVER}/download`],
  ["GET", "/jobs/..%2F..%2Fetc%2Fpasswd"],
  ["GET", `/jobs/metadata-${NO_FILE}`],
  ["GET", `/media/${NO_FILE}/artifacts`],
  ["POST", `/jobs/${NEVER}/retry`],
  ["GET", `/videos/${NEVER}/status`],
  ["GET", `/videos/${NEVER}/metadata`],
  ["GET", `/videos/${NEVER}/download`],
  ["DELETE", `/videos/${NEVER}`],
  ["GET", "/nothing"],
])("answers 404 to %s %s", async (method, path) => {
  expect(await refused(404, "-X", method, api + path)).toMatch(/^There is no /);
});

it("does not know other batches as jobs or videos", async () => {
  const source = { location: { case: "sha256" as const, value: file_id } };
  const outputs = [{ operation: { case: "thumbnail" as const, value: {} } }];
  const { batch } = await pipeline.batches.submitBatch({ batch: { name: "of others", inputs: [{ source }], outputs } });
  await refused(404, `${api}/jobs/${batch?.batchId}`);
  await refused(404, "-X", "DELETE", `${api}/videos/${batch?.batchId}`);
});

const FILE = "a".repeat(64);
const ALLOWED =
  "Allowed: thumbnail, video_thumbnail, contact_sheet, audio_extract, video_metadata, resize, transcode_480p";

it.each([
  ["{", /JSON/],
  ["[]", /^body: The body must be JSON, an object\.$/],
  ["{}", /^body: Give media_id and operations, or file_id and operation\.$/],
  [{ media_id: FILE }, /^body: Give media_id and operations/],
  [{ file_id: FILE, operations: ["thumbnail"] }, /^body: Give media_id and operations/],
  [{ file_id: 7, operation: "thumbnail" }, /^file_id: must be a string, got 7\. It is: The id that POST \/media/],
  [{ file_id: "7", operation: "thumbnail" }, /^file_id: "7" is not the id of a file\./],
  [{ media_id: FILE, operations: "thumbnail" }, /^operations: must be an array, got "thumbnail"\./],
  [{ media_id: FILE, operations: [] }, /^operations: must not be empty, got \[\]\./],
  [{ media_id: FILE, operations: ["thumbnail", "thumbnail"] }, /^operations: names "thumbnail" twice\.$/],
  [
    { media_id: FILE, operations: ["thumbnail", "transcode_720"] },
    new RegExp(`^operations\\[1\\]: must not be "transcode_720"\\. Did you mean transcode_720p\\? ${ALLOWED}`),
  ],
  [{ file_id: FILE, operation: "fly" }, new RegExp(`^operation: must not be "fly"\\. ${ALLOWED}`)],
  [{ file_id: FILE, opertaion: "thumbnail" }, /^opertaion: There is no such field here\. Did you mean operation\?/],
  [{ file_id: FILE, operation: "thumbnail", media_id: FILE }, /^file_id: The body names two files\./],
])("refuses the job %j", async (body, reason) => {
  expect(await refused(400, ...json(body), `${api}/jobs`)).toMatch(reason);
});

it("refuses jobs of unknown files, and operations on media of another kind", async () => {
  const unknown = json({ file_id: FILE, operation: "thumbnail" });
  expect(await refused(404, ...unknown, `${api}/jobs`)).toMatch(/^There is no file "aaa/);
  const picture = (await curl("-F", `file=@${files.picture}`, `${api}/upload`)).body.file_id;
  const text = await refused(400, ...json({ file_id: picture, operation: "video_thumbnail" }), `${api}/jobs`);
  expect(text).toBe(
    "operation: The operation video_thumbnail is not for images. For this file, use one of: thumbnail, resize, watermark.",
  );
});

it("refuses bodies that are no JSON", async () => {
  expect(await refused(415, "-d", '{"file_id": "x"}', `${api}/jobs`)).toContain("Content-Type: application/json");
  expect(await refused(400, "-X", "POST", `${api}/jobs`)).toMatch(/body/);
});

it.each([
  ["page=0", "page: must be at least 1, got 0."],
  ["page=x", 'page: must be an integer, got "x".'],
  ["limit=101", "limit: must be at most 100, got 101."],
  ["status=done", 'status: must not be "done". Allowed: uploading, pending, processing, completed, failed.'],
])("refuses the list with %s", async (query, text) => {
  expect(await refused(400, `${api}/videos?${query}`)).toBe(text);
});

it.each([
  ["text.mp4", "text.mp4;type=video/mp4", 415, /^file: The file .* text|media/],
  ["an empty file", "empty.mp4", 400, /^file: The file is empty\./],
  ["a file over the limit", "large.mp4", 413, /^file: The file has more than 2,000,000 bytes\./],
  [
    "a format that is not accepted",
    "film",
    415,
    /^file: By its bytes the file is avi.*Accepted are mp4, webm, images\./,
  ],
  ["sound", "sound", 415, /^file: .*Accepted are mp4, webm, images\./],
])("refuses to store %s", async (_, name, status, reason) => {
  const [file = "", type] = name.split(";");
  for (const path of ["media", "upload"])
    expect(await refused(status, "-F", `file=@${files[file]}${type ? `;${type}` : ""}`, `${api}/${path}`)).toMatch(
      reason,
    );
});

it("measures a file whose size is not announced", async () => {
  const chunked = ["-H", "Transfer-Encoding: chunked", "-F", `file=@${files["large.mp4"]}`];
  expect(await refused(413, ...chunked, `${api}/media`)).toContain("more than 2,000,000 bytes");
});

it("takes no pictures as videos", async () => {
  const text = await refused(415, "-F", `file=@${files.picture};type=video/mp4`, `${api}/videos/upload`);
  expect(text).toBe("file: By its bytes the file is an image, which is not accepted here. Accepted are mp4, webm.");
});

it.each([
  ["no form", ["--data-binary", "x", "-H", "Content-Type: video/mp4"], 415, /not a form|JSON/],
  ["no file", ["-F", "title=x"], 400, /^file: The form has no file\./],
  ["a text as the file", ["-F", "file=x"], 400, /^file: The form's field is text, not a file\./],
  ["two files", ["-F", "file=@CLIP", "-F", "file=@CLIP"], 400, /^file: The form has several files\./],
  ["an unknown field", ["-F", "file=@CLIP", "-F", "name=x"], 400, /^name: The form has no such field\. Fields: file/],
  ["a long title", ["-F", "file=@CLIP", "-F", `title=${"x".repeat(201)}`], 400, /^title: It has 201 characters/],
  [
    "a field twice",
    ["-F", "title=a", "-F", "title=b", "-F", "file=@CLIP"],
    400,
    /^title: The form has the field several times/,
  ],
  ["metadata that is no JSON", ["-F", "file=@CLIP", "-F", "metadata=x"], 400, /^metadata: It is not a JSON object\./],
  ["nested metadata", ["-F", "file=@CLIP", "-F", 'metadata={"a":{}}'], 400, /^metadata\.a: The value is neither/],
  [
    "reserved metadata",
    ["-F", "file=@CLIP", "-F", 'metadata={"title":"x"}'],
    400,
    /^metadata\.title: The key is reserved/,
  ],
  [
    "a boundary that is not its own",
    ["--data-binary", "--a\r\n\r\n", "-H", "Content-Type: multipart/form-data; boundary=b"],
    400,
    /The form cannot be read/,
  ],
  ["no boundary", ["--data-binary", "x", "-H", "Content-Type: multipart/form-data"], 400, /The form cannot be read/],
] as const)("refuses a form with %s", async (_, args, status, reason) => {
  const given = args.map((arg) => arg.replace("CLIP", files.clip ?? ""));
  expect(await refused(status, ...given, `${api}/videos/upload`)).toMatch(reason);
});

/** What uploads leave: files that are being written, in a folder for each process. */
const unfinished = async () =>
  (await readdir(join(pipeline.store, "tmp"), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
const sources = async () => (await readdir(join(pipeline.store, "tenants", "default", "sources"))).length;

it("keeps nothing of a cancelled upload", async () => {
  const before = await sources();
  const child: ChildProcess = spawn(
    "curl",
    [
      "-sS",
      "--limit-rate",
      "50k",
      "-F",
      `file=@${files["large.mp4"]}`,
      "-H",
      "Transfer-Encoding: chunked",
      `${api}/media`,
    ],
    { stdio: "ignore" },
  );
  await new Promise((resolve) => setTimeout(resolve, 1000));
  child.kill("SIGKILL");
  await once(child, "close");
  await expect.poll(unfinished, WITHIN).toEqual([]);
  expect(await sources()).toBe(before);
  expect((await curl(`${api}/health`)).status).toBe(200);
});

/** Sends raw bytes; resolves with everything received until the connection ends. */
async function raw(text: string, { end = false } = {}): Promise<string> {
  const { hostname, port } = new URL(pipeline.url);
  const socket = net.connect(Number(port), hostname);
  await once(socket, "connect");
  socket.write(text);
  if (end) socket.end();
  let received = "";
  socket.on("error", () => {});
  for await (const chunk of socket) received += chunk;
  return received;
}

it("ends an upload that is shorter than announced, or never ends", async () => {
  const part = `--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n${"a".repeat(5000)}`;
  const head = `POST /api/v1/media HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=x\r\n`;
  const began = Date.now();
  const [stalled, endless] = await Promise.all([
    raw(`${head}Content-Length: 100000\r\n\r\n${part}`),
    raw(`${head}Transfer-Encoding: chunked\r\n\r\n${part.length.toString(16)}\r\n${part}\r\n`),
  ]);
  expect(Date.now() - began).toBeLessThan(20_000);
  for (const answer of [stalled, endless]) {
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toContain("next to nothing came for 2 s");
  }
  const complete = await raw(`${head}Content-Length: ${part.length}\r\n\r\n${part}`);
  expect(complete).toMatch(/^HTTP\/1.1 400 /);
  expect(complete).toContain("The form cannot be read");
  await expect.poll(unfinished, WITHIN).toEqual([]);
});

it("bounds a thousand jobs at once, and does not lose the accepted ones", async () => {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ file_id, operation: "thumbnail" });
  const began = Date.now();
  const answers: { status: number; job_id?: string; detail?: string }[] = [];
  const client = async () => {
    for (let i = 0; i < 20; i++) {
      const response = await fetch(`${api}/jobs`, { method: "POST", headers, body });
      answers.push({ ...((await response.json()) as object), status: response.status });
    }
  };
  await Promise.all(Array.from({ length: 50 }, client));
  expect(Date.now() - began).toBeLessThan(60_000);
  const accepted = answers.filter(({ status }) => status === 202);
  const others = answers.filter(({ status }) => status !== 202);
  expect(accepted.length).toBeGreaterThanOrEqual(MAX_LIVE);
  expect(accepted.length).toBeLessThan(300);
  for (const { status, detail } of others)
    expect([status, detail]).toEqual([429, expect.stringMatching(/50 jobs have not ended/)]);
  await expect
    .poll(async () => (await curl(`${api}/stats`)).body.queueLength, { timeout: 120_000, interval: 500 })
    .toBe(0);
  for (const { job_id } of accepted.slice(0, 5))
    expect((await curl(`${api}/jobs/${job_id}`)).body.status).toBe("completed");
}, 240_000);
