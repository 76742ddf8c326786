import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BlockSchema, type VoiceChoiceSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { checkVoice } from "./check-voice.js";

const check = (choice: MessageInitShape<typeof VoiceChoiceSchema>) =>
  checkVoice(
    create(BlockSchema, { name: "speaker", kind: { case: "voice", value: { choices: [choice] } } }),
    "blocks[1]",
  );

it.each([
  [{ text: "ACME", say: "ack-me" }, []],
  [{ text: "" }, []],
  [{ text: " ", say: "ack-me" }, ["blocks[1].voice.choices[0].say"]],
  [{ text: "Hi", next: [{ text: " ", say: "ack-me" }] }, ["blocks[1].voice.choices[0].next[0].say"]],
])("%j", (choice, fields) => {
  const mistakes = check({ label: "one", ...choice });
  expect(mistakes.map(({ field }) => field)).toEqual(fields);
  for (const mistake of mistakes) expect(mistake).toMatchObject({ block: "speaker", choice: "one" });
});
