import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { licenceProblems } from "./licences.mjs";
import { packCommand, sbomProblems } from "./pack.mjs";

const run = promisify(execFile);

/** Has the files of a release, and what npm installs from the packed command. */
let folder;
let packed;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-packed-"));
  packed = await packCommand(join(folder, "release"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("contains what users need, and nothing else", async () => {
  const { stdout } = await run("tar", ["-tzf", packed.tarball]);
  const paths = stdout.trim().split("\n");
  const expected = ["package.json", "README.md", "LICENSE", "CHANGELOG.md", "bin/polyreel.mjs", "bundle/main.js"];
  expect(paths).toEqual(expect.arrayContaining(expected.map((path) => `package/${path}`)));
  expect(paths).toContain("package/bundle/THIRD-PARTY-NOTICES.txt");
  expect(paths.filter((path) => /\.(test\.js|ts|map|tsbuildinfo)$|\/src\//.test(path))).toEqual([]);
  const others = paths.filter((path) => path.includes("node_modules") && !path.includes("node_modules/@polyreel/"));
  expect(others).toEqual([]);
});

it("contains the licence of each package in the bundle", async () => {
  const notices = await readFile("cli/bundle/THIRD-PARTY-NOTICES.txt", "utf8");
  for (const name of ["commander 14", "mediabunny 1", "yaml 2"]) expect(notices).toContain(`\n${name}.`);
  const bundled = [...notices.matchAll(/^-{80}\n(\S+) (\S+), .+$/gm)].map(([, name, version]) => `${name}@${version}`);
  const known = new Set(packed.sbom.components.map(({ name, version }) => `${name}@${version}`));
  expect(bundled.length).toBeGreaterThan(50);
  expect(bundled.filter((one) => !known.has(one))).toEqual([]);
});

it("has a complete bill of materials, with allowed licences", async () => {
  expect(sbomProblems(packed.sbom, packed.lock)).toEqual([]);
  expect(licenceProblems(packed.sbom.components)).toEqual([]);
  expect(packed.sbom.metadata.component).toMatchObject({ name: "polyreel", type: "application" });
  await run("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: join(folder, "release") });
});

it("renders videos where it is installed from its file", async () => {
  const prefix = join(folder, "prefix");
  const flags = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", ["install", "--global", "--prefix", prefix, ...flags, packed.tarball]);
  const installed = await packagesBelow(join(prefix, "lib/node_modules/polyreel/node_modules"));
  const known = new Set(packed.sbom.components.map(({ name, version }) => `${name}@${version}`));
  const { overrides } = JSON.parse(await readFile("package.json", "utf8"));
  const unknown = installed.filter(({ name, version }) => !known.has(`${name}@${version}`) && !overrides[name]);
  expect(unknown).toEqual([]);

  const work = join(folder, "work");
  await mkdir(work);
  for (const [name, seconds] of [
    ["a", 0.4],
    ["b", 0.6],
  ]) {
    const input = `testsrc=size=160x90:rate=25:duration=${seconds}`;
    await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", input, join(work, `${name}.mp4`)]);
  }
  await writeFile(join(work, "batch.yaml"), BATCH);
  // Nothing of the clone is within its reach.
  const env = {
    PATH: [join(prefix, "bin"), process.env.PATH].join(delimiter),
    HOME: work,
    POLYREEL_STORE: join(work, "store"),
  };
  const command = (...args) => run("polyreel", args, { cwd: work, env });
  const { version } = JSON.parse(await readFile("package.json", "utf8"));
  expect((await command("--version")).stdout.trim()).toBe(version);
  await command("render", "batch.yaml", "--out", "videos");
  for (const [name, frames] of [
    ["a", "10"],
    ["b", "15"],
  ]) {
    const show = [
      "-count_frames",
      "-select_streams",
      "v",
      "-show_entries",
      "stream=width,nb_read_frames",
      "-of",
      "csv=p=0",
    ];
    const { stdout } = await run("ffprobe", ["-v", "error", ...show, join(work, "videos", `${name}.mp4`)]);
    expect(stdout.trim()).toBe(`160,${frames}`);
  }
  expect(await readdir(join(work, "videos"))).toContain("a.jpg");
});

const BATCH = `
name: packed
canvas: {width: 160, height: 90, frameRate: 25}
blocks:
  - name: hook
    video: {choices: [{label: a, source: a.mp4}, {label: b, source: b.mp4}]}
  - name: headline
    text: {over: [hook], choices: [{text: Hello}]}
outputs:
  - {name: video, mp4: {}}
  - {name: poster, thumbnail: {width: 80}}
`;

/** Name and version of each package below a `node_modules`. */
async function packagesBelow(nodeModules) {
  const paths = await readdir(nodeModules, { recursive: true });
  const manifests = paths.filter((path) =>
    /^([^/]+\/node_modules\/|@[^/]+\/[^/]+\/node_modules\/)*(@[^/]+\/)?[^/@]+\/package\.json$/.test(path),
  );
  return Promise.all(manifests.map(async (path) => JSON.parse(await readFile(join(nodeModules, path), "utf8"))));
}
