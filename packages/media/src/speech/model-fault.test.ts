import { create } from "@bufbuild/protobuf";
import { SpeechModelSchema, VoiceSettingsSchema } from "@polyreel/contract";
import { expect, test } from "vitest";
import { modelFault } from "./model-fault.js";

const models = [
  { engine: "eleven", name: "flash", maxCharacters: 10n, languages: ["en"] },
  { engine: "eleven", name: "multi", languages: ["en", "pt-BR"] },
  { engine: "studio", maxCharacters: 5n },
].map((init) => create(SpeechModelSchema, init));

const fault = (engine: string, text: string, settings: { model?: string; language?: string } = {}) =>
  modelFault({ text, settings: create(VoiceSettingsSchema, settings) }, { name: "Rachel", engine }, models)?.failure;

test.each([
  ["eleven", "Half a price", { model: "flash" }, "text", 'has 12 characters, and the model "flash"'],
  ["eleven", "Half", { model: "flash", language: "de" }, "settings.language", 'does not speak "de"'],
  ["eleven", "Half", { model: "sing" }, "settings.model", 'no model "sing" that speaks'],
  ["studio", "Half a price", { model: "any" }, "text", "at most 5"],
])("of a voice of %s for %j with %j", (engine, text, settings, field, reason) => {
  expect(fault(engine, text, settings)).toMatchObject({ field, reason: expect.stringContaining(reason) });
});

test.each([
  ["eleven", "Half a price", { model: "multi", language: "pt-PT" }],
  ["eleven", "💯💯💯💯💯💯💯💯💯💯", { model: "flash" }],
  ["flite", "Half a price", {}],
  ["studio", "Half", { language: "de" }],
])("is none of %s for %j with %j", (engine, text, settings) => {
  expect(fault(engine, text, settings)).toBeUndefined();
});
