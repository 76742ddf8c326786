import { create } from "@bufbuild/protobuf";
import { VoiceSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { describe, expect, it } from "vitest";
import { Engines } from "./engines.js";
import type { SpeechEngine } from "./speech-engine.js";

const { signal } = new AbortController();

function engine(name: string, ...voices: string[]): SpeechEngine & { spoken: string[] } {
  const spoken: string[] = [];
  return {
    name,
    spoken,
    voices: async () => voices.map((voice) => create(VoiceSchema, { name: voice, engine: name })),
    speak: async ({ voice, text }) => {
      spoken.push(`${voice}: ${text}`);
      return { path: "", words: [] };
    },
  };
}

const request = (voice: string, text = "Hello") => ({ voice, text, signal, tempDir: "" });

describe("engines", () => {
  it("are one list of voices, each name once, in the engines' order", async () => {
    const engines = new Engines([engine("a", "rms", "en"), engine("b", "en", "de")]);
    expect((await engines.voices()).map((voice) => `${voice.engine}/${voice.name}`)).toEqual(["a/rms", "a/en", "b/de"]);
  });

  it("speak with the named voice, or the first one", async () => {
    const [a, b] = [engine("a", "rms"), engine("b", "de")];
    const engines = new Engines([a, b]);
    await engines.speak(request("de"));
    await engines.speak(request(""));
    expect([a.spoken, b.spoken]).toEqual([["rms: Hello"], ["de: Hello"]]);
  });

  it.each([
    ["rmz", "Did you mean rms? "],
    ["EN-US", "Did you mean en-us, "],
    ["en", "Did you mean en-us, en-gb? "],
    ["de-DE", "Did you mean de? "],
    ["nobody", ""],
  ])("say that %s is not installed", async (name, hint) => {
    const engines = new Engines([engine("a", "rms", "en-us", "en-gb", "de")]);
    const error: PolyreelError = await engines.speak(request(name)).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(PolyreelError);
    expect(error.code).toBe("invalid");
    expect(error.failure.reason).toBe(`The voice "${name}" is not installed.`);
    expect(error.failure.remedy).toContain(`${hint}`);
    expect(error.failure.remedy).toContain("`polyreel voices`");
  });

  it("say what to install where none is there, and look again next time", async () => {
    const later = engine("a");
    const engines = new Engines([later]);
    await expect(engines.voices()).rejects.toMatchObject({
      code: "unavailable",
      failure: { remedy: expect.stringContaining("apt install flite espeak-ng") },
    });
    later.voices = engine("a", "rms").voices;
    expect(await engines.voices()).toHaveLength(1);
  });

  it.each(["", "  ", "... !?", "—\n"])("find nothing to say in %j", async (text) => {
    await expect(new Engines([engine("a", "rms")]).speak(request("rms", text))).rejects.toMatchObject({
      code: "invalid",
    });
  });
});
