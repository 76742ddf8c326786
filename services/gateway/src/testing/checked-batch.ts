import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BatchSchema, type BlockSchema } from "@polyreel/contract";
import { normalizeBatch } from "@polyreel/spec";
import { checkBatch } from "@polyreel/spec/checks";

export type BlockInit = MessageInitShape<typeof BlockSchema>;

export const source = { name: "a.mp4", location: { case: "sha256" as const, value: "a".repeat(64) } };
export const video = (name: string, labels = ["one"]): BlockInit => ({
  name,
  kind: {
    case: "video",
    value: { choices: labels.map((label) => ({ label, media: { case: "source", value: source } })) },
  },
});
export const text = (name: string, over: string[], texts = ["Hi"]): BlockInit => ({
  name,
  kind: { case: "text", value: { over, choices: texts.map((one) => ({ text: one })) } },
});
export const voice = (name: string, at: string): BlockInit => ({
  name,
  kind: { case: "voice", value: { at, choices: [{ text: "Hi" }] } },
});
export const captions = (name: string, of: string, also = ""): BlockInit => ({
  name,
  kind: { case: "text", value: { choices: [{ label: "one", captions: of, text: also }] } },
});
export const audio = (name: string): BlockInit => ({ name, kind: { case: "audio", value: { choices: [{ source }] } } });

export const check = (blocks: BlockInit[], rest: MessageInitShape<typeof BatchSchema> = {}) =>
  checkBatch(normalizeBatch(create(BatchSchema, { blocks, ...rest }))).map(
    ({ block, choice, field, reason, remedy }) => ({ block, choice, field, reason, remedy }),
  );
