import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Batch, BatchSchema } from "@polyreel/contract";
import { blueprintOf, selectionOf, targetsOf } from "@polyreel/planning/plan";
import { normalizeBatch } from "@polyreel/spec";
import { expect, it } from "vitest";
import { assertDistinctFiles } from "./assert-distinct-files.js";

type Init = MessageInitShape<typeof BatchSchema>;

const block = (name: string, labels: readonly string[]) => ({
  name,
  kind: {
    case: "video" as const,
    value: {
      choices: labels.map((label) => ({
        label,
        media: { case: "source" as const, value: { location: { case: "sha256" as const, value: "a".repeat(64) } } },
      })),
    },
  },
});
const poster = (as: string) => ({ operation: { case: "thumbnail" as const, value: {} }, as });
const draft = (as: string) => ({ name: "draft", operation: { case: "mp4" as const, value: {} }, as });

const to = (path: string) => ({ kind: { case: "folder" as const, value: { path } } });

const batchOf = ({ hook = ["a", "b"], ...init }: Init & { hook?: string[] }): Batch =>
  normalizeBatch(
    create(BatchSchema, { name: "sale", blocks: [block("hook", hook), block("body", ["x", "y"])], ...init }),
  );

async function check(init: Init & { hook?: string[] }, earlier: readonly Batch[] = []): Promise<void> {
  const batch = batchOf(init);
  const { signal } = new AbortController();
  const selection = selectionOf(batch, earlier);
  await selection.prepare(signal);
  const before = earlier.map((one, i) => ({ batchId: `b${i}`, batch: one }));
  const targets = targetsOf(batch, "b9", before);
  await assertDistinctFiles({ batch, blueprint: blueprintOf(batch), selection, targets, earlier: before }, signal);
}

it.each<[string, Init & { hook?: string[] }]>([
  ["no key", { outputs: [{}] }],
  ["distinct keys", { outputs: [{ as: "{hook}/{body}.mp4" }, poster("{hook}/{body}.jpg")] }],
  ["a key of a single combination", { where: ["hook == 'a' && body == 'x'"], outputs: [{ as: "hero.mp4" }] }],
  [
    "a key whose combination is the only one allowed by the rules",
    { where: ["body == 'x'"], outputs: [{ as: "{hook}.mp4" }] },
  ],
  [
    "keys that only resemble paths in another output's folder",
    {
      naming: "{hook}-{body}",
      outputs: [{ to: [to("all")] }, { ...draft("all/{hook}-{body}.mp4"), to: [to("all/x")] }],
    },
  ],
  ["a key with the id", { outputs: [{ as: "all/{id}.mp4" }] }],
])("accepts %s", async (_, init) => {
  await check(init);
});

it.each<[string, Init & { hook?: string[] }, reason: string]>([
  [
    "of two combinations",
    { outputs: [{ as: "{hook}.mp4" }] },
    'Two files get the name "a.mp4": output "video" of hook=a, body=x, and output "video" of hook=a, body=y.',
  ],
  [
    "that differs only in case",
    { hook: ["film", "Film"], where: ["body == 'x'"], outputs: [{ as: "{hook}.mp4" }] },
    'Two files get the name "Film.mp4": output "video" of hook=film, body=x, and output "video" of hook=Film, body=x.',
  ],
  [
    "that differs only in ignorable characters",
    { hook: ["film", "fi\u00adlm"], where: ["body == 'x'"], outputs: [{ as: "{hook}.mp4" }] },
    'Two files get the name "fi\u00adlm.mp4": output "video" of hook=film, body=x, and output "video" of hook=fi\u00adlm, body=x.',
  ],
  [
    "of two outputs",
    { outputs: [{ as: "{hook}-{body}.mp4" }, draft("{hook}-{body}.mp4")] },
    'Two files get the name "a-x.mp4": output "video" of hook=a, body=x, and output "draft" of hook=a, body=x.',
  ],
  [
    "of an output named by the template",
    { naming: "{hook}_{body}", outputs: [{}, draft("{body}_{hook}.mp4")], hook: ["x", "y"] },
    'Two files get the name "x_x.mp4": output "video" of hook=x, body=x, and output "draft" of hook=x, body=x.',
  ],
  [
    "in a folder nested in another one",
    {
      naming: "{hook}-{body}",
      outputs: [{ to: [to("all/de")] }, { ...draft("de/{hook}-{body}.mp4"), to: [to("all")] }],
    },
    'Two files get the name "all/de/a-x.mp4": output "video" of hook=a, body=x, and output "draft" of hook=a, body=x.',
  ],
  [
    "with a file's path as a folder",
    { outputs: [{ as: "{hook}-{body}.mp4" }, draft("A-Y.mp4/{hook}-{body}.mp4")] },
    'A file has the path of another file\'s folder: "A-Y.mp4/a-x.mp4", output "draft" of hook=a, body=x, and "a-y.mp4", output "video" of hook=a, body=y.',
  ],
])("refuses a key %s", async (_, init, reason) => {
  await expect(check(init)).rejects.toMatchObject({ code: "invalid", failure: { reason } });
});

it("refuses a key that is used by the continued batch", async () => {
  const init = { where: ["body == 'x'"], outputs: [{ as: "{body}.mp4" }] };
  const sample = batchOf({ ...init, sample: { count: 1n } });
  await check({ ...init, sample: { count: 1n } });
  await expect(check({ ...init, continues: "b0" }, [sample])).rejects.toMatchObject({
    failure: {
      field: "outputs[0].as",
      reason: expect.stringMatching(
        /^Two files get the name "x.mp4": output "video" of hook=(a|b), body=x, and output "video" of hook=(?!\1)., body=x.$/,
      ),
      remedy:
        'Add a distinguishing placeholder to the key, such as {hook} or {id}, give each output its own key, or omit "as".',
    },
  });
});

it("refuses a folder with the name of a list of files", async () => {
  const outputs = [{ as: "Manifest.jsonl/{id}.mp4" }];
  await expect(check({ outputs })).rejects.toMatchObject({
    failure: { reason: expect.stringContaining("uses the name of a list of files as a folder") },
  });
});
