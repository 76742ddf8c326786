import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Batch, BatchSchema, type BlockSchema } from "@polyreel/contract";

const source = (name: string) => ({ name, location: { case: "sha256" as const, value: "a".repeat(64) } });

export const videoBlock = (name: string, labels: string[]): MessageInitShape<typeof BlockSchema> => ({
  name,
  kind: {
    case: "video",
    value: {
      choices: labels.map((label) => ({ label, media: { case: "source", value: source(`${label}.mp4`) } })),
    },
  },
});

export const textBlock = (name: string, over: string[], texts: string[]): MessageInitShape<typeof BlockSchema> => ({
  name,
  kind: { case: "text", value: { over, choices: texts.map((text) => ({ text })) } },
});

/** Two hooks under two headlines: four combinations. */
export const sampleBatch = (overrides: MessageInitShape<typeof BatchSchema> = {}): Batch =>
  create(BatchSchema, {
    name: "sample",
    blocks: [videoBlock("hook", ["friday", "flower"]), textBlock("headline", ["hook"], ["Half price", "Free"])],
    ...overrides,
  });
