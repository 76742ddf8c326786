import { mkdir, readdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Workshop } from "../testing/workshop.js";

// Runs the real command and a real server.

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop.close());

it("lists destinations, and delivers to them by name", async () => {
  await workshop.film("a.mp4", 0.4);
  await workshop.write(
    "batch.yaml",
    `canvas: { width: 90, height: 160 }
blocks: [{ name: hook, video: { choices: [{ label: a, source: a.mp4 }] } }]
outputs: [{ to: [{ virtual: {} }] }]
`,
  );
  await mkdir(workshop.path("archive"));
  await workshop.write(
    "destinations.json",
    JSON.stringify({
      archive: { type: "folder", path: "archive" },
      gone: { type: "folder", path: "gone" },
    }),
  );
  const up = await workshop.up(["--out", "videos"], { POLYREEL_DESTINATIONS: workshop.path("destinations.json") });
  const lines = (await up.run("destinations")).stdout.split("\n");
  expect(lines).toEqual([
    expect.stringMatching(/^DESTINATION {2}TYPE {4}ADDRESS +REACHABLE$/),
    expect.stringMatching(/^archive {6}folder {2}\/.*archive +yes$/),
    expect.stringMatching(/^gone {9}folder {2}\/.*gone +no: The destination "gone" cannot be reached: .*\.$/),
    "",
  ]);
  const { destinations } = JSON.parse((await up.run("destinations", "--json")).stdout);
  expect(destinations).toMatchObject([
    { name: "archive", type: "folder", reachable: true },
    { name: "gone", reachable: false, failure: { code: "unavailable" } },
  ]);

  const { batchId } = JSON.parse((await up.run("submit", "batch.yaml", "--watch", "--json", "-q")).stdout);
  const deliver = (to: string) => up.run("deliver", batchId, "--to", to, "--watch", "-q");
  expect(await deliver("@archive/spring")).toMatchObject({ exitCode: 0 });
  expect(await readdir(workshop.path("archive/spring"))).toContain("a.mp4");
  expect((await up.run("list", batchId)).stdout).toContain("archive:/spring/a.mp4");
  expect(await deliver("@archve")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('There is no destination "archve" for this tenant.'),
  });
  expect((await up.stop("SIGINT")).exitCode).toBe(0);
});
