import { execFileSync, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createLog } from "@polyreel/platform/runtime";
import { connectNats, type NatsConnection } from "@polyreel/platform/stream";
import { needs } from "@polyreel/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Ended, runBatch } from "../testing/batches.js";
import { footage, video } from "../testing/blocks.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";
import { type Command, commandsOf } from "./page-commands.js";

// The guide's commands of the nats program: checks each command's requests to the server (natscli 0.3.0), and, where
// the program is installed, the command itself.

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PAGE = new URL("../../../docs/guide/again.md", import.meta.url);
/** How long a pull waits for messages. */
const EXPIRES_MS = 500;

let pipeline: Pipeline;
let connection: NatsConnection;
let ended: Ended;
let commands: Command[];
/** Position of a delivery, and number of facts. */
let position: bigint;
let factCount: number;
beforeAll(async () => {
  pipeline = await startPipeline();
  connection = await connectNats({ url: pipeline.nats.url, name: "test", log: createLog("test", "silent") });
  const sha256 = await put(
    pipeline,
    await makeFootage(pipeline.folder, "a.mp4", { seconds: 0.5, size: "160x90", sound: false }),
  );
  ended = await runBatch(pipeline, { blocks: [video("hook", { choices: [footage("a", sha256)] })] });
  const facts = ended.updates.filter(({ sequence }) => sequence > 0n);
  position = facts.find(({ update }) => update.case === "combinationDelivered")?.sequence ?? 0n;
  factCount = facts.length;
  const page = await readFile(PAGE, "utf8");
  commands = commandsOf(page, "nats", { "batch id": ended.batchId, position: String(position) });
});
afterAll(async () => {
  await connection?.close();
  await pipeline?.close();
});

const deliveries = () => `polyreel.combination.delivered.${ended.batchId}`;

/** The checked fields of JetStream's answers. */
interface Answer {
  readonly state?: { subjects: Record<string, number> };
  readonly message?: { subject: string; data: string };
  readonly consumers?: readonly string[];
}

/** Calls JetStream's API. */
async function request(subject: string, payload?: object): Promise<Answer> {
  const answer = await connection.request(`$JS.API.${subject}`, payload ? JSON.stringify(payload) : "");
  const { error, ...rest } = answer.json<Answer & { error?: { description: string } }>();
  if (error) throw new Error(`${subject}: ${error.description}`);
  return rest;
}

/** Pulls a consumer's messages until no more arrive, acknowledging them. Returns the subjects. */
async function pull(consumer: string, most: number): Promise<string[]> {
  const subjects: string[] = [];
  const inbox = `_INBOX.test.${consumer}`;
  const subscription = connection.subscribe(inbox, { max: most });
  const request = { expires: EXPIRES_MS * 1e6, batch: most };
  connection.publish(`$JS.API.CONSUMER.MSG.NEXT.POLYREEL.${consumer}`, JSON.stringify(request), { reply: inbox });
  for await (const message of subscription) {
    if (message.headers?.code) break; // 408: nothing more arrived in time.
    subjects.push(message.subject);
    message.respond("+ACK");
  }
  subscription.unsubscribe();
  return subjects;
}

const create = (name: string, subject: string, config: object) =>
  request(`CONSUMER.CREATE.POLYREEL.${name}.${subject}`, {
    stream_name: "POLYREEL",
    config: { durable_name: name, name, filter_subject: subject, ack_policy: "explicit", ...config },
    action: "",
  });

/** From an age, such as "2h". */
const since = (ago: string) => ({
  deliver_policy: "by_start_time",
  opt_start_time: new Date(Date.now() - Number.parseInt(ago, 10) * 3_600_000).toISOString(),
});

/** Meaning of `--deliver`. */
const delivered = (from: string): object => {
  if (from === "all") return { deliver_policy: "all" };
  if (/^\d+$/.test(from)) return { deliver_policy: "by_start_sequence", opt_start_seq: Number(from) };
  return since(from);
};

const requests: Record<string, (command: Command) => Promise<void>> = {
  async "stream subjects"() {
    const { state } = await request("STREAM.INFO.POLYREEL", { offset: 0, subjects_filter: ">" });
    expect(state).toMatchObject({ subjects: { [deliveries()]: 1, [`polyreel.batch.finished.${ended.batchId}`]: 1 } });
  },
  async "stream view"({ flags: { subject = "", since: ago = "" } }) {
    await create("stream_pager", subject, { ...since(ago), inactive_threshold: 3_600e9, mem_storage: true });
    expect(await pull("stream_pager", 25)).toHaveLength(factCount);
    await request("CONSUMER.DELETE.POLYREEL.stream_pager");
  },
  async "stream get"({ args: [, at], flags: { "last-for": last, translate } }) {
    const { message } = await request("STREAM.MSG.GET.POLYREEL", last ? { last_by_subj: last } : { seq: Number(at) });
    const { subject = "", data = "" } = message ?? {};
    expect(subject).toBe(last ?? deliveries());
    if (!translate) return;
    const input = Buffer.from(data, "base64");
    const { batchId, path } = JSON.parse(execFileSync("sh", ["-c", translate], { input, cwd: ROOT, encoding: "utf8" }));
    expect({ batchId, path }).toEqual({ batchId: ended.batchId, path: expect.stringMatching(/\/a\.mp4$/) });
  },
  async "consumer add"({ args: [, name = ""], flags: { filter = "", deliver = "", replay } }) {
    for (const from of [String(position), "2h", deliver]) {
      await create(name, filter, { ...delivered(from), replay_policy: replay });
      if (from !== deliver) expect(await pull(name, 100)).toEqual([filter]);
      if (from !== deliver) await request(`CONSUMER.DELETE.POLYREEL.${name}`);
    }
  },
  async "consumer next"({ args: [, name = ""], flags: { count } }) {
    expect(await pull(name, Number(count))).toEqual([deliveries()]);
  },
  async "consumer rm"({ args: [, name] }) {
    await request(`CONSUMER.DELETE.POLYREEL.${name}`);
  },
};

const kindOf = ({ words }: Command): string => words.join(" ");

/** Consumers that belong to no service: none may be left. */
const readers = async () =>
  (await request("CONSUMER.NAMES.POLYREEL", { offset: 0 })).consumers?.filter((name) =>
    /^(mine|stream_pager)/.test(name),
  );

it("sends the requests of the page's commands, which change nothing", async () => {
  expect(new Set(commands.map(kindOf))).toEqual(new Set(Object.keys(requests)));
  for (const command of commands) await requests[kindOf(command)]?.(command);
  expect(await readers()).toEqual([]);
  expect((await pipeline.batches.getBatch({ batchId: ended.batchId })).batch).toEqual(ended.status);
});

/** Output of the program; it fails if a pull returns fewer messages than requested. */
const SHOWN: Record<string, { what: () => RegExp; status?: number }> = {
  "stream subjects": { what: () => new RegExp(`${deliveries()} +. 1 `) },
  "stream view": { what: () => new RegExp(`\\[${factCount}\\] Subject: polyreel\\.`) },
  "stream get": { what: () => new RegExp(ended.batchId) },
  "consumer add": { what: () => /Unprocessed Messages: 1/ },
  "consumer next": { what: () => /cons seq: 1 .*pending: 0.*nats: error/s, status: 1 },
  "consumer rm": { what: () => /^$/ },
};

const isInstalled = spawnSync("nats", ["--version"]).error === undefined;

it("matches the program itself", needs(isInstalled, "needs the program nats"), async () => {
  const env = { ...process.env, NATS_URL: pipeline.nats.url, HOME: pipeline.folder };
  for (const command of commands) {
    const { what, status = 0 } = SHOWN[kindOf(command)] ?? { what: () => /^nothing is known of it$/ };
    // Paging needs a terminal.
    const options = { env, cwd: ROOT, encoding: "utf8", input: "", timeout: 30_000 } as const;
    const run = spawnSync("script", ["-qec", command.line, "/dev/null"], options);
    expect(run.stdout, command.line).toMatch(what());
    expect(run.status, command.line).toBe(status);
  }
  expect(await readers()).toEqual([]);
});

it("leaves nothing behind", () => expectNothingLeft(pipeline));
