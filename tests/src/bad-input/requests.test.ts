import { fromBinary } from "@bufbuild/protobuf";
import { type Failure, FailureCode, FailureSchema } from "@polyreel/contract";
import { type RunningGateway, runGateway } from "@polyreel/gateway/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway({ maxCombinations: 100 });
});
afterAll(() => gateway?.close());

/** Like curl. */
async function submit(batch: unknown) {
  const response = await fetch(`${gateway.url}/polyreel.v1.BatchService/SubmitBatch`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ batch }),
  });
  const answer = (await response.json()) as {
    code: string;
    message: string;
    details?: { type: string; value: string }[];
  };
  const failures = (answer.details ?? [])
    .filter(({ type }) => type === FailureSchema.typeName)
    .map(({ value }): Failure => fromBinary(FailureSchema, Buffer.from(value, "base64")));
  for (const { code, reason } of failures) expect(code, reason).not.toBe(FailureCode.UNSPECIFIED);
  return { status: response.status, ...answer, failures };
}

const source = (name: string) => ({ source: { sha256: "a".repeat(64), name } });
const hook = { name: "hook", video: { choices: [source("friday.mp4"), source("flower.mp4")] } };
const headline = (text: object) => ({ name: "headline", text: { choices: [{ text: "Half price" }], ...text } });
const many = (name: string) => ({ name, text: { choices: Array.from({ length: 20 }, (_, i) => ({ text: `${i}` })) } });

describe("a batch is refused, with field, block, choice, reason and remedy, for", () => {
  it.each<[string, object, Partial<Failure> & { reason: unknown; remedy: unknown }]>([
    [
      "text over a block that does not exist",
      { blocks: [hook, headline({ over: ["hok"] })] },
      {
        field: "blocks[1].text.over[0]",
        block: "headline",
        reason: expect.stringContaining('lies over "hok", and there is no block'),
        remedy: expect.stringContaining('Did you mean "hook"?'),
      },
    ],
    [
      "a voice at a block that is no video",
      {
        blocks: [hook, headline({}), { name: "speaker", voice: { at: "headline", choices: [{ text: "Hello" }] } }],
      },
      {
        field: "blocks[2].voice.at",
        block: "speaker",
        reason: expect.stringContaining('starts at "headline", which is a text block'),
        remedy: 'The video block is "hook".',
      },
    ],
    [
      "a block without choices",
      { blocks: [hook, headline({ choices: [] })] },
      {
        field: "blocks[1].text.choices",
        block: "headline",
        reason: "The block has no choices.",
        remedy: expect.stringContaining("at least one"),
      },
    ],
    [
      "a block named twice",
      { blocks: [hook, hook] },
      {
        field: "blocks[1].name",
        block: "hook",
        reason: 'Two blocks are named "hook": blocks[0] and blocks[1].',
        remedy: "Give each block a name of its own.",
      },
    ],
    [
      "a label twice",
      { blocks: [{ name: "hook", video: { choices: [source("friday.mp4"), source("friday.mp4")] } }] },
      {
        field: "blocks[0].video.choices[1].label",
        block: "hook",
        choice: "friday",
        reason: expect.stringContaining('go by "friday"'),
        remedy: "Give each choice a label of its own.",
      },
    ],
    [
      "a placeholder that stands for nothing",
      { blocks: [hook], naming: "{hok}-{id}" },
      {
        field: "naming",
        reason: expect.stringContaining('"{hok}"'),
        remedy: expect.stringContaining("Did you mean {hook}?"),
      },
    ],
    [
      "too many combinations",
      { blocks: [hook, many("headline"), many("footer")] },
      {
        field: "blocks",
        reason: "The blocks make 800 combinations; the limit is 100.",
        remedy: expect.stringContaining("split the batch"),
      },
    ],
    [
      "an empty hash",
      { blocks: [{ name: "hook", video: { choices: [{ label: "friday", source: { sha256: "" } }] } }] },
      {
        field: "blocks[0].video.choices[0].source.sha256",
        block: "hook",
        choice: "friday",
        reason: "That is no SHA-256.",
        remedy: expect.stringContaining("64 hexadecimal digits"),
      },
    ],
  ])("%s", async (_what, batch, failure) => {
    const { status, code, failures, message } = await submit(batch);
    expect([status, code]).toEqual([400, "invalid_argument"]);
    expect(failures).toMatchObject([failure]);
    // Clients that show only the message show the reason too.
    expect(message).toContain(failures[0]?.reason);
    expect(message).toContain(failures[0]?.remedy);
  });

  it("an unknown field", async () => {
    const { status, code, message } = await submit({ blocks: [hook], canvass: { width: 320 } });
    expect([status, code]).toEqual([400, "invalid_argument"]);
    expect(message).toContain('"canvass"');
  });
});

it.each(["*", ">", "b.*", "../../etc", "a\0b", "b ", "$JS.API.INFO"])(
  "reports that %j is an unknown batch",
  async (batchId) => {
    const calls = ["GetBatch", "ListCombinations", "CancelBatch", "RetryBatch", "DeleteBatch"].map(
      (name) => [name, {}] as const,
    );
    for (const [method, more] of [...calls, ["GetCombination", { combinationId: "a" }] as const]) {
      const response = await fetch(`${gateway.url}/polyreel.v1.BatchService/${method}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ batchId, ...more }),
      });
      expect([method, response.status]).toEqual([method, 404]);
    }
    const output = await fetch(`${gateway.url}/outputs/${encodeURIComponent(batchId)}/a`);
    expect(output.status).toBe(404);
  },
);

it("stores nothing of a refused batch", async () => {
  const { state } = await gateway.platform.stream.manager.streams.info("POLYREEL");
  expect(state.messages).toBe(0);
});
