import { execFile, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Server, Workshop } from "../testing/workshop.js";

// Runs the real command against a real server, and the guide's commands as they are written, pipes included.

const execute = promisify(execFile);
const PROGRAM = fileURLToPath(new URL("../../bin/polyreel.mjs", import.meta.url));
const PAGE = new URL("../../../docs/guide/again.md", import.meta.url);

interface PrintedFact {
  readonly sequence: string;
  readonly time: string;
  readonly subject: string;
  readonly messageId: string;
  readonly type: string;
  readonly combinationDelivered?: { readonly path: string; readonly combinationId: string };
}

let workshop: Workshop;
let server: Server;
let run: Server["run"];
let batchId: string;
let facts: PrintedFact[];

beforeAll(async () => {
  workshop = await Workshop.open();
  await workshop.film("a.mp4", 0.4);
  await workshop.write(
    "batch.yaml",
    `canvas: { width: 90, height: 160 }
blocks:
  - name: hook
    video: { choices: [{ source: a.mp4 }] }
  - name: title
    text: { choices: [{ label: one, text: One }, { label: two, text: Two }] }
naming: "{title}"
`,
  );
  server = await workshop.up(["--out", "videos"]);
  ({ run } = server);
  batchId = (await run("submit", "batch.yaml")).stdout.trim();
  await run("facts", batchId, "--follow");
  const printed = (await run("facts", batchId, "--json")).stdout.trimEnd().split("\n");
  facts = printed.map((line) => JSON.parse(line) as PrintedFact);
}, 120_000);
afterAll(() => workshop.close());

const ofType = (type: string) => facts.filter((fact) => fact.type === type);

describe("facts", () => {
  it("prints JSON with position, time, subject, message id and type", () => {
    expect(facts[0]).toMatchObject({ type: "batch.submitted", batchSubmitted: { batchId, combinations: "2" } });
    expect(facts.at(-1)?.type).toBe("batch.finished");
    expect(
      ofType("combination.delivered")
        .map(({ combinationDelivered }) => combinationDelivered?.path)
        .sort(),
    ).toEqual([`${batchId}/one.mp4`, `${batchId}/two.mp4`]);
    for (const { type, subject, messageId, time } of facts) {
      expect(subject).toBe(`polyreel.${type}.${batchId}`);
      expect(messageId).toMatch(`${batchId}.`);
      expect(Date.parse(time)).toBeGreaterThan(0);
    }
  });

  it("prints lines in plain words, for --follow until the batch has ended", async () => {
    const { stdout, exitCode } = await run("facts", batchId, "--watch", "--type", "combination.delivered");
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      new RegExp(
        `^\\d+  [\\d-]{10} [\\d:.]{12}  polyreel\\.combination\\.delivered\\.${batchId}  \\w+, hook=a title=\\w+, to ${batchId}/\\w+\\.mp4, `,
      ),
    );
  });

  it("refuses what it cannot select, before any call", async () => {
    for (const [flags, message] of [
      [["--type", "batch.finishd"], "Did you mean batch.finished?"],
      [["--from", "0"], "whole number"],
      [["--limit", "-1"], "whole number"],
      [["--since", "soon"], "Give a time"],
    ] as const) {
      const { exitCode, stderr } = await run("facts", batchId, ...flags);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
    expect(await run("facts", "nothing")).toMatchObject({ exitCode: 2, stdout: "" });
    expect(await run("facts", batchId, "--type", "*.rejected")).toMatchObject({
      ...{ exitCode: 0, stdout: "", stderr: "There are no facts like that.\n" },
    });
  });
});

/** Number of lines that each command of the page prints. */
const LINES: readonly [RegExp, () => number][] = [
  [/ head -n 3$/, () => 3],
  [/ jq /, () => 2],
  [/--combination /, () => facts.filter((fact) => JSON.stringify(fact).includes(delivered())).length],
  [/--type /, () => facts.filter(({ type }) => /^combination\.|\.failed$/.test(type)).length],
  [/--since /, () => facts.length],
  [/--from /, () => facts.length - 2],
  [/facts \S+$/, () => facts.length],
];
const delivered = () => ofType("combination.delivered")[0]?.combinationDelivered?.combinationId ?? "";

it("works as the guide writes it, in pipes", async (context) => {
  const blocks = [...(await readFile(PAGE, "utf8")).matchAll(/```sh\n(.*?)```/gs)].map(([, block = ""]) => block);
  const commands = blocks
    .flatMap((block) => block.split("\n"))
    .filter((line) => line.startsWith("npx polyreel facts "));
  expect(commands).toHaveLength(LINES.length);
  const env = { ...process.env, POLYREEL_SERVER: server.url };
  for (const command of commands) {
    const line = command
      .replace(/ +#.*$/, "")
      .replaceAll("<batch id>", batchId)
      .replaceAll("<combination id>", delivered())
      .replaceAll("<position>", facts[2]?.sequence ?? "")
      .replace("npx polyreel", `"${process.execPath}" "${PROGRAM}"`);
    if (line.includes("jq") && spawnSync("sh", ["-c", "command -v jq"]).status !== 0) {
      context.annotate("jq is not installed");
      continue;
    }
    // The command's own exit code, not only that of its reader.
    const { stdout, stderr } = await execute("bash", ["-o", "pipefail", "-c", line], { env });
    const [, expected] = LINES.find(([pattern]) => pattern.test(line)) ?? [];
    expect([line, stdout.trimEnd().split("\n").length, stderr]).toEqual([line, expected?.(), ""]);
  }
});
