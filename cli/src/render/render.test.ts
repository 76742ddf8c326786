import { createHash } from "node:crypto";
import { access, copyFile, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { runFfprobe } from "@polyreel/media/ffmpeg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Workshop } from "../testing/workshop.js";

let workshop: Workshop;

beforeAll(async () => {
  workshop = await Workshop.open();
  await Promise.all([workshop.film("a.mp4", 1), workshop.film("b.mp4", 1, 440), workshop.film("long.mp4", 20)]);
  await workshop.write(
    "long.yaml",
    "canvas: {width: 1080, height: 1920}\nblocks: [{name: v, video: {choices: [{source: long.mp4}]}}]\n",
  );
});
afterAll(() => workshop.close());

// No command may leave processes or temporary files behind.
afterEach(async () => {
  expect(await workshop.processesLeft()).toEqual([]);
  expect(await workshop.temporaryFiles()).toEqual([]);
});

const batch = (hooks: string) => `name: test
canvas: {width: 180, height: 320, frameRate: 30}
blocks:
  - {name: hook, video: {choices: [${hooks}]}}
  - {name: body, video: {choices: [{source: b.mp4, trim: {duration: 500ms}}]}}
  - {name: title, text: {over: [hook], choices: [{text: One}, {text: Two}]}}
  - {name: speaker, voice: {overrun: extend, choices: [{label: hi, text: Hello there}]}}
  - {name: music, audio: {loop: true, gainDb: -14, choices: [{label: tone, source: a.mp4}, {label: silence}]}}
`;

describe("polyreel render", () => {
  it("renders the bytes that were stored even if a file is overwritten or the store is damaged", async () => {
    const clips =
      "name: put\ncanvas: {width: 180, height: 320, frameRate: 30}\nblocks: [{name: v, video: {choices: [{source: put.mp4}]}}]\n";
    await workshop.write("put.yaml", clips);
    const render = async (out: string) => {
      const run = await workshop.run(["render", "put.yaml", "--out", out, "--store", "put-store", "--json"]);
      const result = JSON.parse(run.stdout);
      return { ...run, made: result.parts.clips.made, video: await readFile(result.outputs[0].file) };
    };
    await copyFile(workshop.path("a.mp4"), workshop.path("put.mp4"));
    const first = await render("put1");
    // In place, as `cat` and `ffmpeg -y` write: the same inode with other bytes.
    await writeFile(workshop.path("put.mp4"), await readFile(workshop.path("b.mp4")));
    const other = await render("put2");
    expect(other.video.equals(first.video)).toBe(false);
    await writeFile(workshop.path("put.mp4"), await readFile(workshop.path("a.mp4")));
    const again = await render("put3");
    expect(again.made).toBe(0);
    expect(again.video.equals(first.video)).toBe(true);
    // A damaged source, and the clip that may have been made from it.
    const sha256 = createHash("sha256")
      .update(await readFile(workshop.path("a.mp4")))
      .digest("hex");
    await writeFile(workshop.path(`put-store/tenants/default/sources/${sha256}`), "damaged");
    const repaired = await render("put4");
    expect(repaired.stderr).toMatch(/Source [0-9a-f]{16} in the store was not the file that was put; .* 3 parts/); // Clip, decoded sound, soundtrack.
    expect(repaired.made).toBe(1);
    expect(repaired.video.equals(first.video)).toBe(true);
  });

  it("renders every combination, and re-encodes nothing the second time", async () => {
    await workshop.write("batch.yaml", batch("{source: a.mp4}, {source: b.mp4}"));
    const first = await workshop.run(["render", "batch.yaml", "--out", "out", "--json", "--quiet"]);
    expect(first.stderr).toBe("");
    expect(first.exitCode).toBe(0);
    const result = JSON.parse(first.stdout);
    expect(result).toMatchObject({
      combinations: { planned: 8, delivered: 8, failed: 0 },
      parts: {
        clips: { distinct: 5, made: 5, reused: 0 },
        voices: { distinct: 1, made: 1, reused: 0 },
        soundtracks: { made: expect.any(Number), reused: 0 },
      },
      failures: [],
    });
    expect(result.outputs).toHaveLength(8);
    expect(result.outputs[0]).toMatchObject({
      choices: { hook: "a", body: "b", title: "One", speaker: "hi", music: "tone" },
      file: workshop.path("out/a_One_tone.mp4"),
      certificate: { frames: Math.round(result.outputs[0].durationSeconds * 30) },
    });
    for (const { file, durationSeconds } of result.outputs) expect(await seconds(file)).toBeCloseTo(durationSeconds, 2);

    const second = JSON.parse((await workshop.run(["render", "batch.yaml", "-o", "out2", "--json", "-q"])).stdout);
    for (const kind of ["clips", "voices", "soundtracks"]) {
      const { distinct } = result.parts[kind];
      expect(second.parts[kind]).toEqual({ distinct, made: 0, reused: distinct });
    }
    const [one, other] = await Promise.all(
      ["out", "out2"].map((folder) => readFile(workshop.path(`${folder}/a_One_tone.mp4`))),
    );
    expect(one?.equals(other ?? Buffer.alloc(0))).toBe(true);
  });

  it("rendering into the same folder keeps unchanged files, and lists or prunes dropped ones", async () => {
    const named = (name: string, choices: string) =>
      `name: ${name}\ncanvas: {width: 180, height: 320, frameRate: 30}\nblocks: [{name: v, video: {choices: [${choices}]}}]\n`;
    const render = async (...flags: string[]) => {
      const run = await workshop.run(["render", "again.yaml", "--out", "again", "--json", "-q", ...flags]);
      return { ...run, result: run.stdout ? JSON.parse(run.stdout) : undefined };
    };
    await workshop.write("again.yaml", named("again", "{source: a.mp4}, {source: b.mp4}"));
    expect((await render()).result.dropped).toEqual({ count: 0, removed: false, files: [] });
    const before = await stat(workshop.path("again/a.mp4"));

    await workshop.write("again.yaml", named("again", "{source: a.mp4}"));
    const { stdout } = await workshop.run(["render", "again.yaml", "--out", "again", "-q"]);
    expect(stdout).toContain(
      "  dropped     1 file of earlier batches of this name left (--prune removes them): b.mp4\n",
    );
    const pruned = await render("--prune");
    expect(pruned.result.dropped).toEqual({ count: 1, removed: true, files: [workshop.path("again/b.mp4")] });
    const after = await stat(workshop.path("again/a.mp4"));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
    expect((await readdir(workshop.path("again"))).sort()).toEqual([
      ".polyreel",
      "a.mp4",
      "manifest.csv",
      "manifest.jsonl",
    ]);

    await workshop.write("again.yaml", named("other", "{source: a.mp4}"));
    const refused = await render();
    expect(refused.exitCode).toBe(1);
    expect(refused.result.failures).toMatchObject([{ reason: expect.stringContaining('a.mp4 (of batch "again")') }]);
    expect((await render("--overwrite")).exitCode).toBe(0);

    await workshop.write("again.yaml", named("''", "{source: a.mp4}"));
    expect(await render("--prune")).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("has no name") });
  });

  it("delivers what can be made, and reports why the rest cannot", async () => {
    await workshop.write("text.mp4", "this is not a film\n");
    await workshop.write("failing.yaml", batch("{source: a.mp4}, {source: gone.mp4}, {source: text.mp4}"));
    const { exitCode, stdout, stderr } = await workshop.run(["render", "failing.yaml", "--out", "failing"]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("4 videos of 12 delivered in ");
    expect(stdout).toContain("8 combinations failed:\n");
    expect(stdout).toContain(
      '  4 × "gone.mp4": The file does not exist.\n      where: failing.yaml:4:53  (block "hook", choice "gone")\n',
    );
    expect(stdout).toMatch(
      / {2}4 × "text\.mp4": .*\n {6}where: failing\.yaml:4:73 {2}\(block "hook", choice "text"\)\n {6}remedy: /,
    );
    expect(stderr).toMatch(/delivered 4\/12, 8 failed\n$/);
  });

  it("starts encoding soon", async () => {
    const running = workshop.start(["render", "long.yaml", "--out", "long", "--store", "store-long"]);
    const began = performance.now();
    await until(async () => (await workshop.processesLeft()).some((process) => /ffmpeg .*libx264/.test(process)));
    // About a second on an idle machine.
    expect(performance.now() - began).toBeLessThan(10_000);
    running.child.kill("SIGINT");
    const { exitCode, stdout, stderr } = await running.ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: "" });
    expect(stderr).toContain("Stopped; what was delivered stays.\n");
    await expect(access(workshop.path("long/long.mp4"))).rejects.toThrow();
  });

  it("ends at once on a second Ctrl-C, leaving no partial file", async () => {
    const running = workshop.start(["render", "long.yaml", "--out", "hurried", "--store", "store-hurried"]);
    await until(async () => (await workshop.pidOf(/ffmpeg .*libx264/)) !== undefined);
    running.child.kill("SIGINT");
    await running.waitForOutput(/Stopping/);
    running.child.kill("SIGINT");
    expect((await running.ended).exitCode).toBe(130);
    await until(async () => (await workshop.processesLeft()).length === 0); // Killed processes take a moment to disappear.
    expect(await workshop.temporaryFiles()).toEqual([]);
    expect(await readdir(workshop.path("store-hurried/tmp"))).toEqual([]);
  });

  it("continues after its nats-server is killed, and reports it", { timeout: 240_000 }, async () => {
    const names = Array.from(
      { length: 8 },
      (_, i) => `{label: c${i}, source: long.mp4, trim: {start: ${i}s, duration: 1s}}`,
    );
    await workshop.write("many.yaml", batch(names.join(", ")));
    const running = workshop.start(["render", "many.yaml", "--out", "many", "--json", "--store", "store-many"], {
      POLYREEL_ACK_WAIT_SECONDS: "5", // Messages whose answer the server has lost are redelivered soon.
    });
    for (let kills = 0; kills < 2; kills++) {
      await until(async () => (await workshop.pidOf(/ffmpeg .*libx264/)) !== undefined);
      const pid = (await workshop.pidOf(/nats-server/)) ?? expect.fail("no nats-server");
      process.kill(pid, "SIGKILL");
      await running.waitForOutput(new RegExp(`(nats-server runs again[^]*){${kills + 1}}`));
    }
    const { exitCode, stdout, stderr } = await running.ended;
    expect(stderr).toContain("nats-server ended (signal SIGKILL); starting it again, the work waits\n");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).combinations).toEqual({ planned: 32, delivered: 32, failed: 0 });
  });

  it("can be stopped soon while its nats-server is down", async () => {
    const running = workshop.start(["render", "long.yaml", "--out", "away", "--store", "store-away"]);
    await until(async () => (await workshop.pidOf(/ffmpeg .*libx264/)) !== undefined);
    process.kill((await workshop.pidOf(/nats-server/)) ?? expect.fail("no nats-server"), "SIGKILL");
    await running.waitForOutput(/nats-server ended/);
    const began = performance.now();
    running.child.kill("SIGINT");
    expect((await running.ended).exitCode).toBe(130);
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it("can be stopped during the start, and removes the folder it created", async () => {
    const args = ["render", "long.yaml", "--out", "twice", "--store", "store-long"];
    const running = workshop.start(args);
    await until(async () => (await workshop.processesLeft()).some((process) => process.includes("nats-server")));
    running.child.kill("SIGTERM");
    expect((await running.ended).exitCode).toBe(130);
    await expect(access(workshop.path("twice"))).rejects.toThrow();
  });
});

async function seconds(file: string): Promise<number> {
  const { signal } = new AbortController();
  const options = { signal };
  return Number(await runFfprobe(["-show_entries", "format=duration", "-of", "csv=p=0", file], options));
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error("It did not happen.");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
