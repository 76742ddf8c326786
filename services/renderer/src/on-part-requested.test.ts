import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { PartRequestedSchema } from "@polyreel/contract";
import type { KindMadeBy } from "@polyreel/parts/kinds";
import type { Work } from "@polyreel/pipeline";
import { beforeEach, expect, it } from "vitest";
import { onPartRequested } from "./on-part-requested.js";
import type { Renderer } from "./service.js";

const HASH = "a".repeat(64);
let steps: unknown[];
/** Parts in the store, by kind and hash. */
let stored: string[];
/** Whether every part counts as present because it was seen a moment ago. */
let remembered: boolean;
beforeEach(() => {
  remembered = false;
  steps = [];
  stored = [];
});

const exists = async (kind: string, hash: string) => stored.includes(`${kind} ${hash}`);

const renderer = {
  tenants: {
    of: () => ({
      parts: { has: exists, hasLately: async (...part: [string, string]) => remembered || exists(...part) },
    }),
  },
  awaited: { restore: async (_parts: unknown, needed: unknown) => void steps.push(["restore", needed]) },
  maker: { answer: async (_parts: unknown, _message: unknown, kind: string) => void steps.push(["answer", kind]) },
} as unknown as Renderer;

async function request(kind: KindMadeBy<"renderer">, init: MessageInitShape<typeof PartRequestedSchema>) {
  const fact = create(PartRequestedSchema, { hash: HASH, ...init });
  const message = { name: `${kind}.requested`, fact } as unknown as Parameters<typeof onPartRequested>[2];
  const make = async () => Promise.reject(new Error("It is not made here."));
  await onPartRequested(kind, make, message, {} as Work, renderer);
}

const events = ["v1", "v2", "v1"].map((value) => ({ input: { case: "voiceHash", value } as const }));
const soundtrack = { recipe: { case: "sound", value: { events } } } as const;
const lines = ["v1", "v2"].map((hash) => ({ kind: "voice", hash }));

it("restores the parts that a part depends on before making it", async () => {
  await request("sound", soundtrack);
  expect(steps).toEqual([
    ["restore", lines],
    ["answer", "sound"],
  ]);
});

it("restores nothing for a part that exists, unless it is to be rebuilt", async () => {
  stored = [`sound ${HASH}`];
  await request("sound", soundtrack);
  expect(steps).toEqual([["answer", "sound"]]);
  await request("sound", { ...soundtrack, force: true });
  expect(steps.slice(1)).toEqual([
    ["restore", lines],
    ["answer", "sound"],
  ]);
});

it("asks the store for parts that are requested again, as they may be lost", async () => {
  remembered = true;
  await request("sound", { ...soundtrack, attempt: 1 });
  expect(steps).toEqual([["answer", "sound"]]);
  await request("sound", { ...soundtrack, attempt: 2 });
  expect(steps.slice(1)).toEqual([
    ["restore", lines],
    ["answer", "sound"],
  ]);
});

it("restores nothing for a part that is made only from sources", async () => {
  await request("clip", { recipe: { case: "clip", value: { sourceSha256: "s" } } });
  expect(steps).toEqual([["answer", "clip"]]);
});
