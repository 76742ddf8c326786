import { describe, expect, it } from "vitest";
import { type BlockInit, captions, check, video } from "../testing/checked-batch.js";

interface Line {
  text: string;
  translations?: Record<string, string>;
  next?: { text: string; translations?: Record<string, string> }[];
}
const speaker = (...choices: Line[]): BlockInit => ({ name: "speaker", kind: { case: "voice", value: { choices } } });
const subtitles = (language: string) => ({
  outputs: [{ operation: { case: "subtitles" as const, value: { language } } }],
});
const withTracks = { outputs: [{ operation: { case: "mp4" as const, value: { subtitles: true } } }] };

describe("translations", () => {
  it("are the same languages in all lines", () => {
    const said = speaker(
      {
        text: "Hi",
        translations: { de: "Hallo", fr: "Salut" },
        next: [{ text: "Bye", translations: { de: "Tschüss" } }],
      },
      { text: "Ho", translations: { fr: "Ho", de: "Ho" } },
      { text: "" },
    );
    expect(check([video("hook"), said], withTracks)).toEqual([
      {
        block: "speaker",
        choice: "Hi",
        field: "blocks[1].voice.choices[0].next[0].translations",
        reason: 'The line "Bye" has no translation into "fr", which other lines have.',
        remedy: "Add fr; if the line is spoken in it, repeat its text there.",
      },
    ]);
  });

  it.each([
    ["xx", '"xx" is no language.'],
    ["deu", 'The language "deu" is written "de".'],
    ["DE", 'The language "DE" is written "de".'],
    ["de-at", 'The language "de-at" is written "de-AT".'],
    ["iw", 'The language "iw" is written "he".'],
    ["de-x", '"de-x" is no language.'],
  ])("refuses the tag %j", (tag, reason) => {
    const [mistake, ...others] = check([video("hook"), speaker({ text: "Hi", translations: { [tag]: "Hallo" } })]);
    expect(mistake).toMatchObject({ reason, field: `blocks[1].voice.choices[0].translations.${tag}` });
    expect(others).toEqual([]);
  });

  it("report another spelling where it is written, not where it is asked for", () => {
    const said = speaker({ text: "Hi", translations: { DE: "Hallo" } });
    expect(check([video("hook"), said], subtitles("de"))).toHaveLength(1);
  });

  it.each(["de", "pt-BR", "zh-Hant", "zh-Hant-TW", "gsw", "es-419"])("accepts the tag %j", (tag) => {
    expect(check([video("hook"), speaker({ text: "Hi", translations: { [tag]: "Hallo" } })], withTracks)).toEqual([]);
  });

  it("are neither empty nor of a choice that says nothing", () => {
    const said = speaker({ text: "Hi", translations: { de: " " } }, { text: "", translations: { de: "Hallo" } });
    expect(check([video("hook"), said]).map(({ reason }) => reason)).toEqual([
      'The translation of "Hi" is empty.',
      "The choice has translations, but no text that is spoken.",
    ]);
  });

  it("exist for the language of a subtitles output", () => {
    const said = speaker({ text: "Hi", translations: { de: "Hallo", "pt-BR": "Oi" } });
    expect(check([video("hook"), said], subtitles("de"))).toEqual([]);
    expect(check([video("hook"), said], subtitles("pt"))).toMatchObject([
      {
        field: "outputs[0].subtitles.language",
        reason: 'No line has a translation into "pt".',
        remedy: 'Did you mean "pt-BR"? Lines are translated into "de" and "pt-BR".',
      },
    ]);
    expect(check([video("hook"), speaker({ text: "Hi" })], subtitles("de"))).toMatchObject([
      { remedy: "Add translations: {de: ...} to the voice choices, or leave it out." },
    ]);
  });

  it("exist for the language of captions", () => {
    const shown = (language: string, of: string): BlockInit => {
      const block = captions("words", of);
      if (block.kind?.case === "text") for (const choice of block.kind.value.choices ?? []) choice.language = language;
      return block;
    };
    const said = speaker({ text: "Hi", translations: { de: "Hallo" } });
    expect(check([video("hook"), said, shown("de", "speaker")])).toEqual([]);
    expect(check([video("hook"), said, shown("dk", "speaker")])).toMatchObject([
      {
        block: "words",
        choice: "one",
        field: "blocks[2].text.choices[0].language",
        remedy: expect.stringContaining('"de"'),
      },
    ]);
    expect(check([video("hook"), said, shown("de", "")])).toMatchObject([
      { reason: "A language is for captions; this choice has none." },
    ]);
  });
});

describe("subtitles in a video", () => {
  it("need speech", () => {
    expect(check([video("hook")], withTracks)).toMatchObject([
      {
        field: "outputs[0].mp4.subtitles",
        reason: 'Output "video" would have no subtitles: no voice block of the batch has a text.',
      },
    ]);
    expect(check([video("hook"), speaker({ text: "Hi" }, { text: "" })], withTracks)).toEqual([]);
  });

  it("count in each language for the limit of a combination", () => {
    const long = { text: "a".repeat(5000), translations: { de: "b".repeat(5000), fr: "c".repeat(5000) } };
    const said = speaker({ ...long, next: Array.from({ length: 6 }, () => long) });
    expect(check([video("hook"), said], withTracks)).toMatchObject([
      {
        field: "outputs[0].mp4.subtitles",
        reason:
          "A combination has up to 105000 bytes of subtitles, in one output with them; 100000 are possible in all.",
      },
    ]);
    expect(check([video("hook"), said], subtitles("fr"))).toEqual([]);
  });
});
