import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { STREAM, Stage } from "@polyreel/contract";
import { createLog } from "@polyreel/platform/runtime";
import { connectNats, openStream } from "@polyreel/platform/stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BadChoices, expectVerdict } from "./bad-input/input-verdict.js";
import { runBatch } from "./testing/batches.js";
import { audio, video } from "./testing/blocks.js";
import { expectNothingLeft } from "./testing/leftovers.js";
import { makeBed, makeFootage } from "./testing/media.js";
import { startOtlpReceiver } from "./testing/otlp-receiver.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

/** A signature in every URL's query, which must not occur anywhere. */
const SECRET = "c0ffee5ec2e7";

let pipeline: Pipeline;
let traces: Awaited<ReturnType<typeof startOtlpReceiver>>;
/** Requested paths. */
const requested: string[] = [];
/** Served files, by path. */
const files: Record<string, string> = {};

const pages: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  "/gone.mp4": (_, response) => response.writeHead(404).end("no such key"),
  "/private.mp4": (_, response) => response.writeHead(403).end(),
  "/page.mp4": (_, response) => response.end("<!doctype html><title>Log in first</title>"),
  "/hangs.mp4": () => {},
  "/stops.mp4": (_, response) => response.writeHead(200, { "content-length": 5000 }).write("half"),
  "/round.mp4": ({ url }, response) => response.writeHead(302, { location: url }).end(),
  "/inside.mp4": (_, response) => response.writeHead(302, { location: "http://169.254.169.254/latest" }).end(),
  "/large.mp4": (_, response) => response.writeHead(200, { "content-length": 50_000_000 }).write("large"),
  "/cut.mp4": (_, response) => {
    response.writeHead(200, { "content-length": 5000 });
    response.write("half", () => response.destroy());
  },
  "/busy.mp4": (_, response) =>
    requested.filter((path) => path === "/busy.mp4").length < 3
      ? response.writeHead(503).end()
      : serve("/whole.mp4", response),
  "/moved.mp4": (_, response) => response.writeHead(301, { location: `/whole.mp4?signature=${SECRET}` }).end(),
};

function serve(path: string, response: ServerResponse): void {
  const file = files[path];
  if (file) createReadStream(file).pipe(response);
  else response.writeHead(404).end();
}

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? "", "http://x");
  requested.push(pathname);
  const page = pages[pathname];
  if (page) page(request, response);
  else serve(pathname, response);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  traces = await startOtlpReceiver();
  pipeline = await startPipeline({
    OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=${SECRET}`,
    POLYREEL_FETCH_ALLOW: "127.0.0.1",
    POLYREEL_FETCH_MAX_BYTES: "20000000",
    POLYREEL_FETCH_STALL_SECONDS: "1",
    LOG_LEVEL: "trace",
  });
});
afterAll(async () => {
  await pipeline?.close();
  await traces?.close();
  server.closeAllConnections();
  server.close();
});

const at = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}?signature=${SECRET}`;
const from = (value: string) => ({ location: { case: "url" as const, value } });
const footage = (label: string, url: string) => ({ label, media: { case: "source" as const, value: from(url) } });

const BAD: BadChoices = {
  hook: {
    gone: /^"gone\.mp4": 127\.0\.0\.1:\d+\/gone\.mp4 does not exist: the server answers 404 \(Not Found\)\.$/,
    private: /^"private\.mp4": .*\/private\.mp4 is refused: the server answers 403/,
    page: /^"page\.mp4": The file is a web page/,
    hangs: /^"hangs\.mp4": .*no answer within 1 s; tried 3 times/,
    stops: /^"stops\.mp4": .*no data received for 1 s; tried 3 times/,
    round: /^"round\.mp4": .*redirects more than 5 times/,
    inside: /^"inside\.mp4": 169\.254\.169\.254\/latest points into an inner network/,
    large: /^"large\.mp4": .*larger than the 20000000 bytes allowed: 50000000/,
    cut: /^"cut\.mp4": .*the connection ended before all 5000 bytes were received; tried 3 times/,
    password: /^"whole\.mp4": The address of 127\.0\.0\.1:\d+\/whole\.mp4 contains a user or password/,
    loopback: /^"a\.mp4": 127\.0\.0\.2:\d+\/a\.mp4 points into an inner network/,
    nonsense: /can't be read as a URL/,
  },
  music: { "gone.wav": /^"gone\.wav": .*does not exist/ },
};

it("delivers combinations of working URLs, and names URL and reason for each failing one", async () => {
  files["/whole.mp4"] = await makeFootage(pipeline.folder, "whole.mp4");
  files["/chord.wav"] = await makeBed(pipeline.folder, "chord.wav");
  const hooks = ["gone", "private", "page", "hangs", "stops", "round", "inside", "large", "cut"];
  const { port } = server.address() as AddressInfo;

  const ended = await runBatch(pipeline, {
    blocks: [
      video("hook", {
        choices: [
          footage("", at("/whole.mp4")),
          ...hooks.map((label) => footage(label, at(`/${label}.mp4`))),
          footage("loopback", `http://0x7f.2:${port}/a.mp4?signature=${SECRET}`),
          footage("password", `http://user:${SECRET}@127.0.0.1:${port}/whole.mp4`),
          footage("nonsense", `http://[${SECRET}`),
          footage("busy", at("/busy.mp4")),
          footage("moved", at("/moved.mp4")),
          footage("again", at("/whole.mp4")),
        ],
      }),
      audio("music", {
        choices: [
          { label: "none" },
          { source: from(at("/chord.wav")) },
          { label: "gone.wav", source: from(at("/gone.wav")) },
        ],
      }),
    ],
  });

  await expectVerdict(pipeline, ended, BAD);
  const delivered = ended.combinations.filter(({ path }) => path);
  expect(delivered.map(({ choices }) => choices.map(({ choice }) => choice))).toEqual(
    ["whole", "busy", "moved", "again"].flatMap((hook) => ["none", "chord"].map((music) => [hook, music])),
  );

  // Transient failures are reported with the attempt, and the time of the next one.
  const again = ended.updates.flatMap(({ update: { case: name, value } }) =>
    name === "progress" && value.tryingAgain ? [{ stage: value.stage, id: value.id, ...value.tryingAgain }] : [],
  );
  const stalled = again.find(({ id, tried }) => id.endsWith("/stops.mp4") && tried === 2);
  expect(stalled).toMatchObject({ stage: Stage.PLAN, tries: 3, nextAt: expect.anything() });

  const times = (path: string) => requested.filter((one) => one === path).length;
  expect(times("/whole.mp4"), "once for both choices, once for the redirect").toBe(2);
  expect(times("/gone.mp4")).toBe(1);
  expect(times("/hangs.mp4")).toBe(3);
  expect(times("/busy.mp4")).toBe(3);

  const seen = [
    ...Object.values(pipeline.services).flatMap(({ log }) => log),
    ...ended.updates.map(({ update }) => update.value),
    ended.combinations,
    ended.status,
  ];
  const spoken = JSON.stringify(seen, (_, value) => (typeof value === "bigint" ? value.toString() : value));
  expect(spoken).toContain("planned");
  expect(spoken).not.toContain(SECRET);
  expect(delivered.map(({ path }) => basename(path)).join()).not.toContain("signature");
  await expectNothingLeft(pipeline);

  // The services have ended, and exported all their spans.
  expect(traces.spans.map(({ name }) => name)).toContain("fetch source");
  expect(JSON.stringify(traces.spans)).not.toContain(SECRET);
  const facts = await messagesOf(pipeline.nats.url);
  expect(facts).toContain("gone.mp4");
  expect(facts).not.toContain(SECRET);
  const manifest = await readFile(join(pipeline.out, ended.batchId, "manifest.jsonl"), "utf8");
  expect(manifest).toContain("gone.mp4");
  expect(manifest).not.toContain(SECRET);
});

/** The content of the stream, as bytes. */
async function messagesOf(url: string): Promise<string> {
  const connection = await connectNats({ url, name: "test", log: createLog("test", "silent") });
  try {
    const { manager } = await openStream(connection, { maxBytes: 10 * 1024 ** 3 });
    const { state } = await manager.streams.info(STREAM);
    const all: Buffer[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await manager.streams.getMessage(STREAM, { seq });
      if (message) all.push(Buffer.from(message.data));
    }
    return Buffer.concat(all).toString("latin1");
  } finally {
    await connection.close();
  }
}
