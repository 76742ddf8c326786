import { create } from "@bufbuild/protobuf";
import { FailureCode, VoiceSchema, VoiceSettingsSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { describe, expect, it } from "vitest";
import { Engines } from "./engines.js";
import type { SpeechEngine } from "./speech-engine.js";

const { signal } = new AbortController();

const LANGUAGES: Record<string, string> = { ru: "ru", bg: "bg" };

function engine(name: string, ...voices: string[]): SpeechEngine & { spoken: string[] } {
  const spoken: string[] = [];
  return {
    name,
    spoken,
    voices: async () =>
      voices.map((voice) =>
        create(VoiceSchema, { name: voice, engine: name, language: LANGUAGES[voice] ?? "en-US", build: `${name} 1` }),
      ),
    unreadable: async (voice, text) => (voice === "ru" || !text.includes("мир") ? [] : ["мир"]),
    reach: (voice) => ({ rate: [0.5, 4], pitch: voice === "rms" ? [0, 0] : [-7, 9] }),
    speak: async ({ voice, text }) => {
      spoken.push(`${voice}: ${text}`);
      return { path: "", words: [] };
    },
  };
}

const request = (voice: string, text = "Hello") => ({ voice, text, rate: 1, pitch: 0, signal, tempDir: "" });

describe("engines", () => {
  it("list all voices, each name once, in the engines' order", async () => {
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

  it("have as default voice the first one that may be it, and for a line with a language, one that speaks it", async () => {
    const english = engine("flite", "rms");
    const german = { ...engine("piper", "bg"), defaultLanguage: "en" };
    const engines = new Engines([german, english, engine("c", "ru", "en")]);
    expect((await engines.list()).defaultVoice).toBe("rms");
    expect(
      (await new Engines([{ ...engine("piper", "joe"), defaultLanguage: "en" }, english]).list()).defaultVoice,
    ).toBe("joe");
    const speak = (language: string, voice = "") =>
      engines.speak({ ...request(voice), settings: create(VoiceSettingsSchema, { language }) });
    for (const language of ["bg", "RU", "en"]) await speak(language);
    expect([german.spoken, english.spoken]).toEqual([["bg: Hello"], ["rms: Hello"]]);
    await expect(speak("fr")).rejects.toMatchObject({
      code: "invalid",
      failure: { field: "settings.language", reason: 'No voice speaks the language "fr".' },
    });
    // It is a setting of a voice that is named.
    await expect(speak("bg", "bg")).rejects.toMatchObject({ failure: { field: "settings.language" } });
  });

  it("list voices that failed beside others; one that may be the default voice leaves it undecided", async () => {
    const error = new PolyreelError("precondition", { reason: "en_US-x.onnx is damaged.", remedy: "Get it again." });
    const withFault = (language: string, ...voices: string[]): SpeechEngine => {
      const whole = { ...engine("piper", ...voices), defaultLanguage: "en" };
      const voicesAndFault: SpeechEngine["voices"] = (stop, failed) => {
        failed?.({ error, language });
        return whole.voices(stop);
      };
      return { ...whole, voices: voicesAndFault };
    };
    const listing = await new Engines([withFault("en-US-x", "bg"), engine("flite", "rms")]).list();
    expect(listing.voices.map(({ name }) => name)).toEqual(["bg", "rms"]);
    expect(listing).toMatchObject({
      defaultVoice: "",
      failures: [{ engine: "piper", failure: { reason: "en_US-x.onnx is damaged.", remedy: "Get it again." } }],
    });
    expect((await new Engines([withFault("de-DE-x"), engine("flite", "rms")]).list()).defaultVoice).toBe("rms");
    expect((await new Engines([withFault("en-US-x", "joe"), engine("flite", "rms")]).list()).defaultVoice).toBe("joe");
  });

  it.each([
    ["rmz", "Did you mean rms? "],
    ["EN-US", "Did you mean en-us, "],
    ["en", "Did you mean en-us, en-gb? "],
    ["de-DE", "Did you mean de? "],
    ["nobody", ""],
  ])("report that %s is not installed", async (name, hint) => {
    const engines = new Engines([engine("a", "rms", "en-us", "en-gb", "de")]);
    const error: PolyreelError = await engines.speak(request(name)).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(PolyreelError);
    expect(error.code).toBe("invalid");
    expect(error.failure.reason).toBe(`The voice "${name}" is not installed.`);
    expect(error.failure.remedy).toContain(`${hint}`);
    expect(error.failure.remedy).toContain("`polyreel voices`");
  });

  it.each([
    ["rms", { pitch: 3 }, "pitch", 'The voice "rms" cannot change its pitch.', "slt, awb"],
    ["", { pitch: -0.5 }, "pitch", 'The voice "rms" cannot change its pitch.', "slt, awb"],
    ["slt", { pitch: 12 }, "pitch", 'The voice "slt" can change its pitch by -7 to 9 semitones, not by 12.', ""],
    ["awb", { rate: 0.3 }, "rate", 'The voice "awb" can speak at 0.5 to 4 times its own speed, not at 0.3.', ""],
  ])("report that %j cannot speak with %j, and which voices can", async (voice, prosody, field, reason, suitable) => {
    const engines = new Engines([engine("a", "rms", "slt", "awb")]);
    await expect(engines.speak({ ...request(voice), ...prosody })).rejects.toMatchObject({
      code: "invalid",
      failure: {
        field,
        reason,
        remedy: `Change ${field}, or leave it out${suitable && `, or choose a voice that can: ${suitable}`}.`,
      },
    });
  });

  it("refuse a text that the voice cannot read, and name voices that can", async () => {
    await expect(new Engines([engine("a", "rms", "bg", "ru")]).speak(request("rms", "мир"))).rejects.toMatchObject({
      code: "invalid",
      failure: {
        field: "voice",
        reason: 'The voice "rms" (en-US) cannot read "мир".',
        remedy: "Choose a voice that can: ru.",
      },
    });
    await expect(new Engines([engine("a", "rms", "bg")]).speak(request("rms", "мир"))).rejects.toMatchObject({
      failure: { remedy: expect.stringContaining("No installed voice can.") },
    });
  });

  it("report what to install if there is no engine, and list again on the next call", async () => {
    const later = engine("a");
    const engines = new Engines([later]);
    await expect(engines.voices()).rejects.toMatchObject({
      code: "unavailable",
      failure: { remedy: expect.stringContaining("apt install flite espeak-ng") },
    });
    later.voices = engine("a", "rms").voices;
    expect(await engines.voices()).toHaveLength(1);
  });

  it.each(["", "a 1"])("speak a line that was planned for %j", async (build) => {
    const a = engine("a", "rms");
    await new Engines([a]).speak({ ...request("rms"), build });
    expect(a.spoken).toEqual(["rms: Hello"]);
  });

  it.each([
    [
      "a 0",
      { code: "unavailable", outage: false },
      'The line was planned for the voice "rms" of "a 0", and this speech service has "a 1".',
    ],
    ["unlisted", { code: "precondition" }, 'The line was planned while the voice "rms" was not listed.'],
  ])("refuse a line that was planned for %j, and recommend a retry", async (build, error, reason) => {
    const a = engine("a", "rms");
    await expect(new Engines([a]).speak({ ...request("rms"), build })).rejects.toMatchObject({
      ...error,
      failure: { reason, code: FailureCode.UNAVAILABLE, remedy: expect.stringMatching(/retry the batch/i) },
    });
    expect(a.spoken).toEqual([]);
  });

  it.each(["", "  ", "... !?", "—\n"])("refuse %j, which has no words", async (text) => {
    await expect(new Engines([engine("a", "rms")]).speak(request("rms", text))).rejects.toMatchObject({
      code: "invalid",
    });
  });
});
