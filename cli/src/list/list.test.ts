import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Workshop } from "../testing/workshop.js";

// Runs the real command and a real server.

const PATIENT = { timeout: 20_000 };

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop.close());

/** Records by column name; asserts that column names are unique. */
function table(csv: string): Record<string, string>[] {
  const [names = [], ...records] = csv
    .trimEnd()
    .split("\r\n")
    .map((line) => line.split(","));
  expect(new Set(names).size).toBe(names.length);
  return records.map((record) => Object.fromEntries(names.map((name, i) => [name, record[i] ?? ""])));
}

it("manifests and lists distinguish blocks and metadata from columns and fields of the same names", async () => {
  await workshop.film("a.mp4", 0.4);
  await workshop.write(
    "batch.yaml",
    `canvas: { width: 90, height: 160 }
blocks:
  - name: path
    video: { choices: [{ label: high, source: a.mp4, metadata: { path: steep, id: "7" } }] }
  - name: state
    text: { choices: [{ label: ohio, text: Ohio, metadata: { state: OH } }, { label: utah, text: Utah }] }
naming: "{state}"
`,
  );
  const { run } = await workshop.up(["--out", "videos"]);
  const { batchId } = JSON.parse((await run("submit", "batch.yaml", "--watch", "--json", "-q")).stdout);
  const path = `${batchId}/ohio.mp4`;

  const [listed, other] = table((await run("list", batchId, "--csv")).stdout);
  expect(listed).toMatchObject({ state: "delivered", path, "choice.path": "high", "choice.state": "ohio" });
  expect(other).toMatchObject({ path: `${batchId}/utah.mp4`, "choice.path": "high", "choice.state": "utah" });

  const choices = { path: "high", state: "ohio" };
  const metadata = { "path.path": "steep", "path.id": "7", "state.state": "OH" };
  const { id } = listed ?? {};
  const json = (await run("list", batchId, "--choice", "state=ohio", "--json")).stdout;
  expect(JSON.parse(json)).toMatchObject({ id, state: "delivered", path, choices, metadata });

  const written = (name: string) => readFile(workshop.path(`videos/${batchId}/${name}`), "utf8");
  await expect.poll(() => written("manifest.csv"), PATIENT).toMatch(/utah/); // The last of them.
  const [row] = (await written("manifest.jsonl")).split("\n");
  expect(JSON.parse(row ?? "")).toMatchObject({ id, status: "delivered", file: "ohio.mp4", choices, metadata });
  expect(table((await written("manifest.csv")).replace("\uFEFF", ""))[0]).toMatchObject({
    ...{ id, status: "delivered", file: "ohio.mp4", output: "video" },
    ...{ path: "high", state: "ohio", "path.path": "steep", "path.id": "7", "state.state": "OH" },
  });
});
