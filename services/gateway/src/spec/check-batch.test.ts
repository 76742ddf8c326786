import { describe, expect, it } from "vitest";
import { audio, type BlockInit, check, source, text, video, voice } from "../testing/checked-batch.js";

describe("checkBatch", () => {
  it("accepts a batch of all four kinds", () => {
    const blocks = [video("hook"), video("body"), text("headline", ["hook"]), voice("speaker", "body"), audio("music")];
    expect(check(blocks, { naming: "{batch}-{hook}_{body}_{id}" })).toEqual([]);
  });

  it.each<[string, BlockInit[], object, object]>([
    [
      "no video block",
      [text("headline", [])],
      {},
      {
        block: "",
        field: "blocks",
        reason: "The batch has no video block.",
        remedy: "Add a block with video choices: every combination needs a picture.",
      },
    ],
    [
      "a block named twice",
      [video("hook"), audio("music"), video("hook")],
      {},
      {
        block: "hook",
        field: "blocks[2].name",
        reason: 'Two blocks are named "hook": blocks[0] and blocks[2].',
      },
    ],
    ["a block with a reserved name", [video("id")], {}, { block: "id", field: "blocks[0].name" }],
    [
      "a label given twice",
      [video("hook", ["a", "b", "a"])],
      {},
      {
        block: "hook",
        choice: "a",
        field: "blocks[0].video.choices[2].label",
        reason: 'Two choices of block "hook" go by "a": choices[0] and choices[2].',
      },
    ],
    [
      "the same text twice, without labels",
      [video("hook"), text("headline", [], ["Free", "Free"])],
      {},
      { block: "headline", choice: "Free", field: "blocks[1].text.choices[1].label" },
    ],
    [
      "text over a block that does not exist",
      [video("hook"), video("body"), text("headline", ["hook", "hok"])],
      {},
      {
        block: "headline",
        field: "blocks[2].text.over[1]",
        reason: 'Text block "headline" lies over "hok", and there is no block of that name.',
        remedy: 'Did you mean "hook"? The video blocks are "hook" and "body".',
      },
    ],
    [
      "text over a block that is not video",
      [video("hook"), audio("music"), text("headline", ["music"])],
      {},
      {
        block: "headline",
        field: "blocks[2].text.over[0]",
        reason: 'Text block "headline" lies over "music", which is an audio block.',
        remedy: 'The video block is "hook".',
      },
    ],
    [
      "a voice at a block that does not exist",
      [video("hook"), voice("speaker", "outro")],
      {},
      {
        block: "speaker",
        field: "blocks[1].voice.at",
        reason: 'Voice block "speaker" starts at "outro", and there is no block of that name.',
        remedy: 'The video block is "hook".',
      },
    ],
    [
      "an unknown placeholder",
      [video("hook"), video("body")],
      { naming: "{hook}_{boddy}" },
      {
        field: "naming",
        reason: 'The file names\' template has "{boddy}", and there is no block of that name.',
        remedy: "Did you mean {body}? Known are {hook}, {body}, {canvas}, {id}, {batch}, {date}, {index}.",
      },
    ],
    ["a brace left open", [video("hook")], { naming: "{hook" }, { field: "naming" }],
    [
      "a duration on footage",
      [
        {
          name: "v",
          kind: {
            case: "video",
            value: { choices: [{ label: "x", media: { case: "source", value: source }, duration: { seconds: 1n } }] },
          },
        },
      ],
      {},
      { block: "v", choice: "x", field: "blocks[0].video.choices[0].duration" },
    ],
    [
      "a trimmed still",
      [
        {
          name: "v",
          kind: {
            case: "video",
            value: {
              choices: [{ label: "x", media: { case: "image", value: source }, trim: { last: { seconds: 1n } } }],
            },
          },
        },
      ],
      {},
      { block: "v", choice: "x", field: "blocks[0].video.choices[0].trim" },
    ],
    [
      "a source without bytes",
      [video("hook"), { name: "m", kind: { case: "audio", value: { choices: [{ source: { name: "guitar.mp3" } }] } } }],
      {},
      { block: "m", choice: "guitar", field: "blocks[1].audio.choices[0].source" },
    ],
  ])("reports %s", (_, blocks, rest, failure) => {
    expect(check(blocks, rest)).toMatchObject([failure]);
  });

  it("reports all mistakes at once, in the batch's order", () => {
    const blocks = [video("hook"), text("headline", ["hok"], ["Hi", "Hi"]), voice("speaker", "nowhere"), video("hook")];
    expect(check(blocks, { naming: "{x}" }).map((failure) => failure.field)).toEqual([
      "blocks[1].text.over[0]",
      "blocks[1].text.choices[1].label",
      "blocks[2].voice.at",
      "blocks[3].name",
      "naming",
    ]);
  });

  it("shortens long texts in its messages", () => {
    const long = "x".repeat(2000);
    const [failure] = check([video("hook"), text("headline", [], [long, long])]);
    expect(failure?.reason.length).toBeLessThan(200);
  });
});
