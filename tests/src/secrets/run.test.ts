import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { postgresPrograms, startPostgres } from "@polyreel/gateway/testing";
import { Releasers } from "@polyreel/platform";
import { startNatsServer } from "@polyreel/platform/stream";
import { refuse, startElevenLabsServer } from "@polyreel/tts/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, endOf, manifestOf } from "../testing/batches.js";
import { processesOf } from "../testing/left-behind.js";
import { makeBed, makeFootage } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { SECRETS, secretsIn } from "./markers.js";
import { installRecordingPrograms } from "./recording-programs.js";
import { STRICT, startStreamWitness, withPassword } from "./stream-witness.js";
import { startSignedServer, startTraceServer } from "./web.js";

// A complete run in which every secret is a marker; then all of its outputs anywhere are searched for them.

const run = promisify(execFile);
const POLYREEL = fileURLToPath(new URL("../../../cli/bin/polyreel.mjs", import.meta.url));
const releasers = new Releasers();

let folder: string;
let pipeline: Pipeline;
let ended: Ended;
let databaseUrl: string | undefined;
let programs: string | undefined;
let witness: Awaited<ReturnType<typeof startStreamWitness>>;
let traces: Awaited<ReturnType<typeof startTraceServer>>;
let recording: Awaited<ReturnType<typeof installRecordingPrograms>>;
let commandLines: string;
let batchFile: string;
let submitted: string;
/** Output of commands about secrets of the store. */
let stored: string;
/** Of a signed link that was used. */
let signature: string;
/** Output of commands about destinations, and about notifications. */
let elsewhere: string;
let notified: string;

const polyreel = async (...args: string[]): Promise<string> => {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    POLYREEL_SERVER: pipeline.url,
    POLYREEL_STORE: join(folder, "mine"),
  };
  // Failed combinations are reported by the exit code.
  const { stdout, stderr } = await run(process.execPath, [POLYREEL, ...args], { env }).catch((error) => error);
  return `${stdout}${stderr}`;
};

/** Words with a meaning in a command, a filter or a path. */
const NAMES = { batch: "$(reboot)", label: "la'bel:[0:v];%{pts}", text: "-y 50%:x=1;[a]", line: "-o Hello" } as const;

/** A batch in which some of everything succeeds and some fails. */
const batchOf = (address: (path: string) => string) => `
name: "${NAMES.batch}"
canvas: {width: 96, height: 96}
blocks:
  - name: hook
    video: {choices: [${["/whole.mp4", "/moved-whole.mp4", "/gone.mp4", "/noise.mp4"].map((path) => `{source: "${address(path)}"}`)}]}
  - name: words
    text: {over: [hook], choices: [{label: "${NAMES.label}", text: "${NAMES.text}"}]}
  - name: speaker
    voice: {at: hook, overrun: trim, choices: [{text: "${NAMES.line}"}, {text: One, voice: Rachel}, {text: Two, voice: Rachel}]}
  - name: music
    audio: {choices: [{source: "${address("/bed.wav")}"}]}
notify:
  - webhook: {url: "http://127.0.0.1:1999/hook?key=${SECRETS.webhook}"}
  - email: {to: [ann@b.example]}
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-secrets-"));
  releasers.add(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "nats.conf"), STRICT);
  const nats = releasers.use(await startNatsServer({ cluster: ["-c", join(folder, "nats.conf")] }));
  witness = releasers.use(await startStreamWitness(nats.url));
  programs = await postgresPrograms();
  const postgres = programs === undefined ? undefined : releasers.use(await startPostgres(programs));
  databaseUrl = (await postgres?.database())?.replace("polyreel@", `polyreel:${SECRETS.database}@`);
  traces = releasers.use(await startTraceServer());
  recording = releasers.use(await installRecordingPrograms(folder));
  await writeFile(join(folder, "noise.mp4"), "\0\0\0\x18ftypisomnoise and nothing else".repeat(9));
  const web = releasers.use(
    await startSignedServer({
      "/whole.mp4": await makeFootage(folder, "whole.mp4"),
      "/noise.mp4": join(folder, "noise.mp4"),
      "/bed.wav": await makeBed(folder, "bed.wav"),
    }),
  );
  const destinations = join(folder, "destinations.yaml");
  await writeFile(join(folder, "ads"), `aws_access_key_id = ads\naws_secret_access_key = ${SECRETS.destination}\n`);
  await writeFile(destinations, ADS);
  const provider = releasers.use(await startElevenLabsServer());
  provider.next.push((_, response) => refuse(response, 401, "invalid_api_key")); // Quotes the key.
  const voices = join(folder, "voices.yaml");
  await writeFile(voices, `eleven: {type: elevenlabs, credentials: secret:eleven, endpoint: "${provider.url}"}\n`);
  pipeline = releasers.use(
    await startPipeline(
      {
        PATH: recording.path,
        NATS_URL: withPassword(nats.url),
        ...(databaseUrl && { DATABASE_URL: databaseUrl }),
        OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
        OTEL_EXPORTER_OTLP_HEADERS: `authorization=${SECRETS.traces}`,
        AWS_SECRET_ACCESS_KEY: SECRETS.cloud,
        POLYREEL_DESTINATIONS: destinations,
        POLYREEL_VOICES: voices,
        POLYREEL_LINK_KEYS: `k1:${SECRETS.links.padEnd(32, "0")}`,
        POLYREEL_FETCH_ALLOW: "127.0.0.1",
        POLYREEL_NOTIFY_ALLOW: "127.0.0.1",
        POLYREEL_SECRET_KEYS: `m1:${SECRETS.master.padEnd(43, "A")}=`,
        POLYREEL_WEBHOOK_SECRETS: "default=secret:signing",
        SMTP_URL: `smtp://me:${SECRETS.mail}@127.0.0.1:9`,
        SMTP_FROM: "polyreel@b.example",
        LOG_LEVEL: "trace",
      },
      { nats },
    ),
  );
  stored = await storeSecrets({ eleven: SECRETS.voices, signing: `whsec_${SECRETS.signing.padEnd(32, "A")}` });
  batchFile = join(folder, "batch.yaml");
  await writeFile(batchFile, batchOf(web.address));
  submitted = await polyreel("submit", batchFile, "--json");
  const { batchId } = JSON.parse(submitted) as { batchId: string };
  ended = await endOf(pipeline, batchId, { withinSeconds: 90 });
  await manifestOf(pipeline, batchId);
  signature = await useLink(batchId);
  elsewhere = await useDestinations(destinations);
  notified = await useNotifications(batchId);
  commandLines = await commandLinesOf(pipeline);
}, 180_000);
afterAll(() => releasers.close());

/** Sets secrets of the store. Returns the commands' output. */
async function storeSecrets(values: Readonly<Record<string, string>>): Promise<string> {
  let output = "";
  for (const [name, value] of Object.entries(values)) {
    const env = { PATH: process.env.PATH, POLYREEL_SERVER: pipeline.url };
    const setting = run(process.execPath, [POLYREEL, "secrets", "set", name], { env });
    setting.child.stdin?.end(value);
    output += (await setting).stderr;
  }
  return output + (await polyreel("secrets", "rotate")) + (await polyreel("secrets", "list", "--json"));
}

/** Reads an output by a link, then by an altered one. Returns its signature, which permits whoever has it to read the output. */
async function useLink(batchId: string): Promise<string> {
  const { combinations } = await pipeline.batches.listCombinations({ batchId, links: true });
  const link = combinations.find(({ link }) => link !== "")?.link ?? "";
  expect((await fetch(link)).status).toBe(200);
  expect((await fetch(`${link}&x=1`)).status).toBe(403);
  return new URL(link).searchParams.get("signature") ?? "";
}

const ADS = 'ads: {type: s3, address: "s3://ads?endpoint=http://127.0.0.1:9", credentials: ads}\n';

/** Delivers to a bucket that does not answer, and writes its key into the wrong file. Returns the commands' output. */
async function useDestinations(file: string): Promise<string> {
  const batch = join(folder, "elsewhere.yaml");
  await writeFile(
    batch,
    "blocks: [{name: hook, video: {choices: [{source: whole.mp4}]}}]\noutputs: [{to: [{s3: {destination: ads}}]}]\n",
  );
  const delivered = await polyreel("submit", batch, "--watch", "-q");
  const listed = await polyreel("destinations");
  await writeFile(file, `${ADS}secret: ${SECRETS.destination}\n`);
  await sleep(1_500); // Longer than a version of the file is used without looking for a newer one.
  const json = await polyreel("destinations", "--json");
  await pipeline.services.uploader.logged(/the file of destinations is not right/);
  return delivered + listed + json;
}

/** Both receivers cannot be reached. Returns the commands' output. */
async function useNotifications(batchId: string): Promise<string> {
  await pipeline.services.gateway.logged(/notification not accepted/);
  const listed = await polyreel("webhooks", "list", batchId, "--json");
  return listed + (await polyreel("webhooks", "list")) + (await polyreel("webhooks", "test", batchId, "--json"));
}

/** What `ps` shows of running services. */
async function commandLinesOf(of: Pipeline): Promise<string> {
  const processes = await processesOf(of);
  const lines = processes.map(({ pid }) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""));
  return (await Promise.all(lines)).join("\n");
}

/** Files below a folder, by path. */
async function filesUnder(path: string): Promise<Map<string, Buffer>> {
  const entries = (await readdir(path, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name));
  return new Map(await Promise.all(paths.map(async (one) => [one, await readFile(one)] as const)));
}

const plain = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (typeof part === "bigint" ? part.toString() : part));

it("runs as intended: some combinations are delivered, some fail", () => {
  expect(ended.status.combinations).toMatchObject({ total: 12n, delivered: 4n, failed: 8n });
});

describe("exposes no secret", () => {
  it("in logs", () => {
    const logs = plain(Object.values(pipeline.services).map(({ log }) => log));
    expect(logs).toContain("planned");
    expect(secretsIn(logs)).toEqual([]);
    expect(logs).toContain("a link was refused");
    expect(signature).toHaveLength(43);
    expect(logs).not.toContain(signature);
  });

  it("in events, in the stream, beside it, or in transit", async () => {
    const kept = await witness.kept();
    expect(kept.includes("gone.mp4")).toBe(true);
    expect(secretsIn(kept)).toEqual([]);
    expect(witness.messages().includes("polyreel-progress.")).toBe(true);
    expect(secretsIn(witness.messages())).toEqual([]);
  });

  it("to programs, nor in the process list; nor names and texts", () => {
    const notes = recording.notes();
    expect(new Set(notes.match(/^ran .*/gm))).toEqual(
      new Set(["ran ffmpeg", "ran ffprobe", "ran flite", "ran espeak-ng"]),
    );
    expect(notes).toContain(`\nTMPDIR=${pipeline.temporary}\n`);
    expect(secretsIn(notes)).toEqual([]);
    expect(Object.values(NAMES).filter((name) => notes.includes(name))).toEqual([]);
    expect(commandLines).toContain("planner");
    expect(secretsIn(commandLines)).toEqual([]);
  });

  it("in answers", async () => {
    const { batchId } = ended;
    const responses = [ended, await pipeline.batches.listBatches({}), await pipeline.batches.getStats({})];
    expect(plain(responses)).toContain("gone.mp4");
    expect(secretsIn(plain(responses))).toEqual([]);
    const answers = await Promise.all([
      polyreel("list", batchId),
      polyreel("list", batchId, "--json"),
      polyreel("list", batchId, "--csv"),
      polyreel("watch", batchId, "--json"),
      polyreel("estimate", batchFile, "--json", "--server", pipeline.url),
      polyreel("diff", batchFile, batchFile, "--json", "--server", pipeline.url),
    ]);
    expect(answers.filter((text) => text.length < 40)).toEqual([]);
    expect([submitted, stored, elsewhere, notified, ...answers].flatMap(secretsIn)).toEqual([]);
    expect(stored).toMatch(/secret:eleven;.*"keyId":"m1"/s);
    expect(notified).toContain("127.0.0.1:1999/hook  The connection was refused.");
    expect(notified).toContain("The connection to the mail server failed");
    expect(elsewhere).toContain("0 videos of 1 delivered");
    expect(elsewhere).toMatch(/^ads +s3 +s3:\/\/ads\/ at http:\/\/127.0.0.1:9 +no: /m);
  });

  it("in delivered files", async () => {
    const files = await filesUnder(pipeline.out);
    const shown = [...files.keys()].filter((path) => !path.includes(".polyreel/")); // Receipts have their files' names.
    expect(shown.filter((path) => /\.(mp4|csv|jsonl)$/.test(path))).toHaveLength(6);
    expect([...files].flatMap(([path, bytes]) => [...secretsIn(path), ...secretsIn(bytes)])).toEqual([]);
  });

  it("in the read model", async (context) => {
    if (programs === undefined || databaseUrl === undefined) return context.skip("PostgreSQL is not installed");
    const { stdout } = await run(join(programs, "pg_dump"), ["--inserts", databaseUrl]);
    expect(stdout).toContain("moved-whole");
    expect(secretsIn(stdout)).toEqual([]);
  });

  it("in the store, except in the specification, which contains the URLs to fetch", async () => {
    const files = [...(await filesUnder(pipeline.store))];
    const found = files.flatMap(([path, bytes]) => secretsIn(bytes).map((secret) => ({ path, secret })));
    const specification = expect.stringMatching(new RegExp(`/plans/${ended.batchId}-[0-9a-f]{16}$`));
    expect(found).toEqual([
      { path: specification, secret: "signature" },
      { path: specification, secret: "webhook" },
    ]);
  });

  it("in traces", async () => {
    await pipeline.stop(); // Exports everything.
    expect(traces.headers[0]?.authorization).toBe(SECRETS.traces);
    expect(traces.bodies().includes("fetch source")).toBe(true);
    expect(secretsIn(traces.bodies())).toEqual([]);
    expect(traces.bodies().includes(signature)).toBe(false);
  });
});
