import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { type BatchSchema, BatchService, type BlockSchema, SubmitBatchRequestSchema } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { createRequestCheck } from "./validate.js";

type BatchInit = MessageInitShape<typeof BatchSchema>;
type BlockInit = MessageInitShape<typeof BlockSchema>;

/** Takes about two seconds on an idle machine. */
const MAX_CPU_SECONDS = 6;

const source = { name: "a.mp4", location: { case: "sha256" as const, value: "a".repeat(64) } };
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const video: BlockInit = {
  name: "v",
  kind: { case: "video", value: { choices: [{ label: "a", media: { case: "source", value: source } }] } },
};
const text = (name: string, choices: object[], over: string[] = []): BlockInit => ({
  name,
  kind: { case: "text", value: { choices, over } },
});
const nested = `${times(9, (i) => `[0,1,2,3,4,5,6,7,8,9].all(x${i}, `).join("")}true${")".repeat(9)} && v == 'a'`;

const attacks: [string, BatchInit, RegExp][] = [
  ["nested macros", { blocks: [video], where: [nested] }, /100,000 steps/],
  [
    "unknown labels beside many known ones",
    {
      blocks: [
        video,
        text(
          "t",
          times(10_000, (i) => ({ text: `label number ${i}` })),
        ),
      ],
      where: times(64, (k) => `t in [${times(150, (i) => `'l${k}x${i}'`)}]`),
    },
    /a label that none has/,
  ],
  [
    "texts over 300,000 blocks",
    {
      blocks: [
        video,
        text(
          "t",
          [{ text: "Hi" }],
          times(300_000, (i) => `name${i}`),
        ),
      ],
    },
    /no more than 64/,
  ],
  ["100,000 blocks", { blocks: times(100_000, () => ({})) }, /no more than 64/],
  ["100,000 rules", { blocks: [video], where: times(100_000, () => "v == 'a'") }, /no more than 64/],
  ["a rule of megabytes", { blocks: [video], where: [`${"v == 'a' || ".repeat(200_000)}true`] }, /2000/],
  ["a name of megabytes", { blocks: [video], naming: "{a}".repeat(1_000_000) }, /500/],
  [
    "600,000 choices",
    {
      blocks: [
        video,
        ...times(60, (k) =>
          text(
            `t${k}`,
            times(10_000, () => ({})),
          ),
        ),
      ],
    },
    /more than 150,000 choices, lines and metadata values/,
  ],
  [
    "140,000 labels that are all the same",
    {
      blocks: [
        video,
        ...times(14, (k) =>
          text(
            `t${k}`,
            times(10_000, () => ({ label: "x" })),
          ),
        ),
      ],
    },
    /Two choices of block "t0"/,
  ],
  [
    "captions of 94,500 voices that do not exist",
    {
      blocks: [
        video,
        ...times(63, (k) =>
          text(
            `t${k}`,
            times(1500, (i) => ({ label: `${i}`, captions: `no${i}` })),
          ),
        ),
      ],
    },
    /The captions follow "no0"/,
  ],
  [
    "140,000 empty lines of speech",
    {
      blocks: [
        video,
        {
          name: "speaker",
          kind: {
            case: "voice",
            value: { choices: times(1400, (i) => ({ label: `${i}`, text: "Hi", next: times(100, () => ({})) })) },
          },
        },
      ],
    },
    /neither a text nor a recording/,
  ],
  [
    "metadata under as many keys as there are choices",
    {
      blocks: [
        video,
        text(
          "t",
          times(10_000, (i) => ({ label: `${i}`, metadata: { [`k${i}`]: "" } })),
        ),
      ],
      where: [times(12, () => "meta.t == meta.t").join(" && ")],
    },
    /100,000 steps/,
  ],
];

describe("the check of a request", () => {
  const check = createRequestCheck();

  it.each(attacks)("refuses %s in bounded time", { timeout: 60_000 }, (_, batch, reason) => {
    const request = create(SubmitBatchRequestSchema, { batch });
    const before = process.cpuUsage();
    const { failures } = check(SubmitBatchRequestSchema, request);
    const { user, system } = process.cpuUsage(before);
    expect(failures.map((failure) => failure.reason).join("\n")).toMatch(reason);
    expect((user + system) / 1e6).toBeLessThan(MAX_CPU_SECONDS);
  });

  it.each<[string, BatchInit, string, string, string]>([
    ["name", { name: "\ud800" }, "name", "", ""],
    [
      "label",
      { blocks: [video, text("t", [{ label: "a\udc00b" }])] },
      "blocks[1].text.choices[0].label",
      "t",
      "a\ufffdb",
    ],
    [
      "metadata",
      { blocks: [text("t", [{ label: "b", metadata: { k: "\ud83d" } }])] },
      'blocks[0].text.choices[0].metadata["k"]',
      "t",
      "b",
    ],
    ["rule", { where: ["v == '\ud800'"] }, "where[0]", "", ""],
  ])("names the field with an unpaired surrogate: %s", (_, batch, field, block, choice) => {
    const { failures } = check(SubmitBatchRequestSchema, create(SubmitBatchRequestSchema, { batch }));
    expect(failures).toMatchObject([{ field, block, choice, reason: expect.stringContaining("half of a character") }]);
  });

  it("accepts surrogate pairs", () => {
    const batch = { name: "\u{1f600}", blocks: [video] };
    expect(check(SubmitBatchRequestSchema, create(SubmitBatchRequestSchema, { batch })).failures).toEqual([]);
  });
});

describe("a gateway", () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway();
  });
  afterAll(() => gateway?.close());

  it("serves others while rules are evaluated", { timeout: 120_000 }, async () => {
    const client = createClient(BatchService, createGrpcTransport({ baseUrl: gateway.url }));
    const steps = "[0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b, [0,1,2,3,4,5,6,7,8,9].all(c, true)))";
    const wide = ["s", "t"].map((name) =>
      text(
        name,
        times(1000, (i) => ({ label: `${i}` })),
      ),
    );
    const hostile = client
      .submitBatch({ batch: { blocks: [video, ...wide], where: [`${steps} || s == t`] } })
      .then(() => expect.fail("it was accepted"), ConnectError.from);
    let isDone = false;
    void hostile.then(() => (isDone = true));
    let calls = 0;
    for (; !isDone; calls++) await client.listBatches({});
    expect(await hostile).toMatchObject({
      code: Code.InvalidArgument,
      rawMessage: expect.stringContaining("where[0]"),
    });
    expect(calls).toBeGreaterThan(10);
  });

  it("explains an unpaired surrogate", async () => {
    const body =
      '{"batch": {"blocks": [{"name": "v", "video": {"choices": [{"label": "a", "metadata": {"k": "\\ud800"}}]}}]}}';
    const headers = { "content-type": "application/json" };
    const url = `${gateway.url}/polyreel.v1.BatchService/SubmitBatch`;
    const response = await fetch(url, { method: "POST", headers, body });
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/metadata.*(half of a character|invalid UTF8)/);
  });
});
