import { afterAll, beforeAll, expect, it } from "vitest";
import { Workshop } from "../testing/workshop.js";

let workshop: Workshop;

/** One of each mistake. */
const MISTAKES = `name: mistakes
canvas: {width: 180, height: 320}
blocks:
  - name: hook
    video:
      transition: {kind: crossfade, duration: 300ms}
      choices:
        - {label: fine, source: a.mp4}
        - {label: gone, source: gone.mp4}
        - {label: notes, source: notes.mp4}
        - {label: beyond, source: a.mp4, trim: {duration: 5s}}
        - {label: blink, source: a.mp4, trim: {duration: 200ms}}
  - {name: body, video: {choices: [{label: b, source: b.mp4}]}}
  - name: speaker
    voice:
      choices:
        - {label: hi, text: Hello}
        - {label: much, text: This is far more than anybody could ever say in so short a time}
        - {label: nobody, text: Hello, voice: rmss}
        - {label: dots, text: "..."}
  - {name: ping, audio: {at: hook, delay: 9s, choices: [{label: none}, {label: late, source: a.mp4}]}}
`;

beforeAll(async () => {
  workshop = await Workshop.open();
  await Promise.all([workshop.film("a.mp4", 1), workshop.film("b.mp4", 1, 440)]);
  await workshop.write("notes.mp4", "this is not a film\n");
  await workshop.write("mistakes.yaml", MISTAKES);
});
afterAll(() => workshop.close());

/** The reasons of a report, each with its number, place and remedy, sorted. */
function reasonsIn(report: string, heading: string): string[] {
  const start = report.indexOf(heading);
  expect(start, report).toBeGreaterThan(0);
  const lines = report.slice(start + heading.length);
  return [...lines.matchAll(/^ {2}\d+ × .*\n(?: {6}.*\n)*/gm)].map(([group]) => group).sort();
}

it("prints the same numbers and reasons as render", { timeout: 120_000 }, async () => {
  const before = await workshop.run(["estimate", "mistakes.yaml"]);
  expect(before).toMatchObject({ exitCode: 1, stderr: "" });
  const render = await workshop.run(["render", "mistakes.yaml", "--out", "out", "--quiet"]);
  expect(render.exitCode).toBe(1);
  expect(render.stdout).toMatch(/^1 video of 40 delivered/);
  const rendered = reasonsIn(render.stdout, "\n39 combinations failed:\n");
  expect(rendered).toHaveLength(8);

  // Only the length of the speech is unknown before; with the late sound it fails in any case.
  const estimated = reasonsIn(before.stdout, "\n38 combinations would fail:\n");
  const known = rendered.filter((reason) => !reason.includes('choice "much"'));
  expect(estimated).toEqual(known.map((reason) => reason.replace("1 × The sound", "2 × The sound")));
  const after = await workshop.run(["estimate", "mistakes.yaml"]);
  expect(after).toMatchObject({ exitCode: 1, stderr: "" });
  expect(reasonsIn(after.stdout, "\n39 combinations would fail:\n")).toEqual(rendered);

  const { failing, failures } = JSON.parse((await workshop.run(["estimate", "mistakes.yaml", "--json"])).stdout);
  expect([failing, failures.length]).toEqual([39, 8]);
  expect(failures).toContainEqual({
    ...{ combinations: 8, about: false, code: "invalid_argument", worthRetrying: false, block: "hook", choice: "gone" },
    ...{ reason: '"gone.mp4": The file does not exist.', remedy: expect.any(String) },
  });
});
