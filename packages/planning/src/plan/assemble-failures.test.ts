import { PolyreelError } from "@polyreel/platform";
import { expect, it } from "vitest";
import { A, B, body, failureOf, first, footage, hook, know, MUSIC, STILL, source, speaker } from "./testing/world.js";

it.each<[string, () => unknown, string, string, RegExp]>([
  [
    "a transition longer than its clip",
    () => first([{ ...hook, video: { ...hook.video, transition: { duration: "3s" } } }, body]),
    "hook",
    "a",
    /take 90 frames, but it has only 60/,
  ],
  [
    "an effect after the end",
    () => first([body, { name: "bang", audio: { at: "body", delay: "9s", choices: [source(MUSIC, "m.mp3")] } }]),
    "bang",
    "m",
    /after the picture has ended/,
  ],
  [
    "a recording that is too long",
    () =>
      first([
        hook,
        { name: "bang", audio: { at: "hook", overrun: "OVERRUN_FAIL", choices: [source(MUSIC, "m.mp3")] } },
      ]),
    "bang",
    "m",
    /^The sound lasts for 20\.00 s from 0\.00 s on, 18\.00 s longer/,
  ],
  [
    "a voice that is too long",
    () => first([hook, body, speaker()], know(3 * 48_000)),
    "speaker",
    "one",
    /1\.75 s longer/,
  ],
  [
    "a voice not spoken",
    () => first([hook, body, speaker()], know(new PolyreelError("invalid", "No such voice."))),
    "speaker",
    "one",
    /No such voice/,
  ],
  [
    "a source that is no media",
    () => first([hook], know(1, { [A]: new PolyreelError("invalid", "Not media.") })),
    "hook",
    "a",
    /^"a\.mp4": Not media/,
  ],
  [
    "a trim beyond the end",
    () => first([{ name: "hook", video: { choices: [{ ...source(A, "a.mp4"), trim: { start: "5s" } }] } }]),
    "hook",
    "a",
    /only 2\.00 s long/,
  ],
  [
    "a trim longer than the footage",
    () => first([{ name: "hook", video: { choices: [{ ...source(A, "a.mp4"), trim: { duration: "5s" } }] } }]),
    "hook",
    "a",
    /asks for 5\.00 s/,
  ],
  [
    "an unreadable source",
    () => first([{ name: "hook", video: { choices: [{ label: "x", source: { unreadable: "no such file" } }] } }]),
    "hook",
    "x",
    /no such file/,
  ],
  [
    "a URL that cannot be fetched, by its file's name",
    () => {
      const choices = [{ label: "a", source: { url: "https://a.example/a.mp4?key=secret" } }];
      return first([{ name: "hook", video: { choices } }], know(1, { [A]: new PolyreelError("invalid", "Gone.") }));
    },
    "hook",
    "a",
    /^"a\.mp4": Gone\.$/,
  ],
  [
    "a bed without sound",
    () => first([hook, { name: "music", audio: { choices: [source(B, "b.mp4")] } }]),
    "music",
    "b",
    /^"b\.mp4": .*no sound/,
  ],
  [
    "a still given as footage",
    () => first([{ name: "hook", video: { choices: [source(STILL, "s.jpg")] } }]),
    "hook",
    "s",
    /still picture/,
  ],
  [
    "footage with a declared length of a month",
    () => first([hook], know(1, { [A]: footage(31 * 86_400) })),
    "hook",
    "a",
    /^"a\.mp4": The footage is declared as 2678400\.00 s long; a clip can be 24 hours/,
  ],
  [
    "a trim to a week of it",
    () =>
      first(
        [
          {
            name: "hook",
            video: { choices: [{ ...source(A, "a.mp4"), trim: { duration: "604800s" } }] },
          },
        ],
        know(1, { [A]: footage(31 * 86_400) }),
      ),
    "hook",
    "a",
    /^"a\.mp4": The trim asks for 604800\.00 s; a clip can be 24 hours/,
  ],
])("names block and choice of %s", (_name, run, block, choice, reason) => {
  expect(failureOf(run)).toMatchObject({ block, choice, reason: expect.stringMatching(reason) });
});

it("states that a file which was missing is read by submitting again, and not by a retry", () => {
  const missing = { label: "x", source: { unreadable: '"x.mp4": The file does not exist.' } };
  expect(failureOf(() => first([{ name: "hook", video: { choices: [missing] } }])).remedy).toMatch(
    /render the batch again\. .*`polyreel retry <batch id>` takes the file that is there now/,
  );
});
