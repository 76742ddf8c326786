import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { type Voice, VoiceSchema } from "@polyreel/contract";
import type { PiperModel } from "./piper-model.js";

/** A voice of a model: of one of its speakers if it has several. */
export interface PiperVoice {
  readonly voice: Voice;
  readonly model: PiperModel;
  readonly speaker?: number;
}

export const ENGINE = "piper";
/** Revision of how texts become a model's input, and its output speech: part of the build. */
const REVISION = 1;
const DIGITS = 16;

interface Builds {
  /** Version of the models' runtime. */
  readonly runtime: string;
  /** espeak-ng's build; empty for models that need none. */
  readonly espeak: string;
}

/** The voices of models, in their order: `<model>`, or `<model>#<speaker>`. */
export function voicesOf(models: readonly PiperModel[], builds: Builds): PiperVoice[] {
  const shortNames = models.map(({ name }) => shortNameOf(name));
  return models.flatMap((model, i) => {
    const { config, name } = model;
    const short = shortNames[i] ?? "";
    const shortName = short !== name && shortNames.filter((one) => one === short).length === 1 ? short : "";
    const fields = { engine: ENGINE, language: config.language, build: buildOf(model, builds) };
    if (config.speakers.length === 0) return [{ voice: create(VoiceSchema, { ...fields, name, shortName }), model }];
    return config.speakers.map((speaker, id) => {
      const names = { name: `${name}#${speaker}`, shortName: shortName && `${shortName}#${speaker}` };
      return { voice: create(VoiceSchema, { ...fields, ...names }), model, speaker: id };
    });
  });
}

/** "joe" of "en_US-joe-medium". */
export const shortNameOf = (name: string): string => /^[a-z]{2,3}_[A-Z]{2,3}-(.+)-[a-z_]+$/.exec(name)?.[1] ?? "";

/** All that the sound depends on; espeak-ng only if it reads for the model. */
function buildOf({ sha256, configSha256, config }: PiperModel, { runtime, espeak }: Builds): string {
  const digest = createHash("sha256").update(`${sha256} ${configSha256}`).digest("hex").slice(0, DIGITS);
  const reader = config.espeakVoice === undefined ? "" : `/${espeak}`;
  return `${ENGINE} ${REVISION}/model ${digest}/onnxruntime-web ${runtime}${reader}`;
}
