import type { DescMessage, Message, MessageInitShape } from "@bufbuild/protobuf";
import type {
  AudioBlockSchema,
  BlockSchema,
  SourceSchema,
  TextBlockSchema,
  VideoBlockSchema,
  VideoChoiceSchema,
  VoiceBlockSchema,
} from "@polyreel/contract";

// Shorthands for blocks of a batch.

/** A message as plain fields. */
type Fields<S extends DescMessage> = Exclude<MessageInitShape<S>, Message>;

type BlockInit = Fields<typeof BlockSchema>;
type VideoChoiceInit = Fields<typeof VideoChoiceSchema>;

const source = (sha256: string, name: string): Fields<typeof SourceSchema> => ({
  name,
  location: { case: "sha256", value: sha256 },
});

export const footage = (label: string, sha256: string, more: Omit<VideoChoiceInit, "media"> = {}): VideoChoiceInit => ({
  label,
  media: { case: "source", value: source(sha256, `${label}.mp4`) },
  ...more,
});

/** Shown for half a second. */
export const still = (label: string, sha256: string): VideoChoiceInit => ({
  label,
  media: { case: "image", value: source(sha256, `${label}.png`) },
  duration: { seconds: 0n, nanos: 500_000_000 },
});

export const bed = (label: string, sha256?: string) => ({
  label,
  ...(sha256 && { source: source(sha256, `${label}.wav`) }),
});

export const video = (name: string, value: Fields<typeof VideoBlockSchema>): BlockInit => ({
  name,
  kind: { case: "video", value },
});
export const text = (name: string, value: Fields<typeof TextBlockSchema>): BlockInit => ({
  name,
  kind: { case: "text", value },
});
export const voice = (name: string, value: Fields<typeof VoiceBlockSchema>): BlockInit => ({
  name,
  kind: { case: "voice", value },
});
export const audio = (name: string, value: Fields<typeof AudioBlockSchema>): BlockInit => ({
  name,
  kind: { case: "audio", value },
});
