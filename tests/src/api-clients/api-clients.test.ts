import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, type TestContext } from "vitest";
import { makeFootage } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const CLIENTS = join(ROOT, "docs/clients");
/** Installed by the set-up for tests (scripts/setup/api-clients.mjs). */
const PYTHON_PACKAGES = join(ROOT, ".programs/python-client");
const GO_BIN = join(ROOT, ".programs/go-bin");
/** Files that the page shows completely. */
const SHOWN: readonly [file: string, language: string][] = [
  ["batch.yaml", "yaml"],
  ["batch.json", "json"],
  ["typescript/src/client.ts", "ts"],
  ["typescript/buf.gen.yaml", "yaml"],
  ["python/client.py", "python"],
  ["go/main.go", "go"],
  ["go/buf.gen.yaml", "yaml"],
  ["grpcurl/client.sh", "sh"],
];
/** All combinations of docs/clients/batch.json. */
const VIDEOS = ["flower_Free delivery", "flower_Half price today", "friday_Free delivery", "friday_Half price today"];

let pipeline: Pipeline;
let media: string;
const files = createServer(({ url = "/" }, response) => {
  createReadStream(join(media, basename(new URL(url, "http://x").pathname))).pipe(response);
});
const page = await readFile(join(ROOT, "docs/api.md"), "utf8");
/** A new folder outside of the repository, with the schema and a client's sources, like another project. */
let project: string;

beforeAll(async () => {
  media = await mkdtemp(join(tmpdir(), "polyreel-media-"));
  await makeFootage(media, "friday.mp4", { seconds: 2 });
  await makeFootage(media, "flower.mp4", { hertz: 550 });
  await new Promise<void>((resolve) => files.listen(0, "127.0.0.1", resolve));
  pipeline = await startPipeline({ POLYREEL_FETCH_ALLOW: "127.0.0.1" });
});
afterAll(async () => {
  await pipeline?.close();
  files.close();
  await rm(media, { recursive: true, force: true });
});
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "polyreel-client-"));
});
afterEach(() => rm(project, { recursive: true, force: true }));

async function take(language: string): Promise<void> {
  await cp(join(CLIENTS, language), project, { recursive: true });
  await cp(join(ROOT, "proto"), join(project, "proto"), { recursive: true });
  const { port } = files.address() as AddressInfo;
  const batch = (await readFile(join(CLIENTS, "batch.json"), "utf8"))
    .replaceAll("https://media.example/", `http://127.0.0.1:${port}/`)
    .replace('"width": 720, "height": 1280', '"width": 180, "height": 320');
  await writeFile(join(project, "batch.json"), batch);
}

/** Runs a program in the project with access to the given folders of the repository only. Returns its output. */
async function run(program: string, args: readonly string[], folders: string[] = [], env: NodeJS.ProcessEnv = {}) {
  const path = [...folders, process.env.PATH].join(delimiter);
  const options = { cwd: project, env: { ...process.env, PATH: path, ...env }, maxBuffer: 1 << 24 };
  const { stdout } = await promisify(execFile)(program, args, options);
  return stdout;
}

/** Runs a client with the batch, and then with one that is refused. */
async function expectResults(client: (file: string, id: string) => Promise<string>, states: RegExp): Promise<void> {
  const printed = await client("batch.json", randomUUID());
  for (const name of VIDEOS) expect(printed).toMatch(new RegExp(`${name.replaceAll(" ", "[ _-]")}\\.mp4`, "i"));
  expect(printed.match(states)).toHaveLength(VIDEOS.length);

  await writeFile(
    join(project, "wrong.json"),
    '{"blocks": [{"name": "hook", "video": {"choices": [{"label": "a"}, {"label": "a"}]}}]}',
  );
  const refusal = await client("wrong.json", randomUUID()).then(
    () => "",
    (error: { stderr: string }) => error.stderr,
  );
  expect(refusal).toContain("blocks[0].video.choices[1]");
}

const skipUnless = (context: TestContext, has: boolean, reason: string) => {
  context.skip(!has, reason);
};

/** A command of the page, verbatim. */
function documented(command: string): [program: string, args: string[]] {
  expect(page.split("\n")).toContain(command);
  return ["sh", ["-c", command]];
}

it.each(SHOWN)("the page shows %s", async (file, language) => {
  expect(page).toContain(`\`\`\`${language}\n${await readFile(join(CLIENTS, file), "utf8")}\`\`\``);
});

it("TypeScript: generates, compiles and runs", async () => {
  await take("typescript");
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(project, "package.json"), "utf8"));
  // Like `npm install`, with the same versions, from this repository's packages.
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    const installed = await realpath(join(ROOT, "node_modules", name));
    expect({ name, version: JSON.parse(await readFile(join(installed, "package.json"), "utf8")).version }).toEqual({
      name,
      version,
    });
    await mkdir(dirname(join(project, "node_modules", name)), { recursive: true });
    await symlink(installed, join(project, "node_modules", name));
  }
  const bin = [join(ROOT, "node_modules/.bin")];
  await run(...documented("npm run generate"), bin);
  await run(...documented("npm run build"), bin);
  await expectResults((...args) => run(process.execPath, ["dist/client.js", pipeline.url, ...args]), /^DELIVERED /gm);
});

it("Python: generates and runs", async (context) => {
  skipUnless(
    context,
    existsSync(PYTHON_PACKAGES),
    "gRPC for Python is not in .programs: `node scripts/setup.mjs --tests`",
  );
  await take("python");
  const env = { PYTHONPATH: ["gen", PYTHON_PACKAGES].join(delimiter) };
  await run(...documented("mkdir -p gen"));
  const generate = "python3 -m grpc_tools.protoc -I proto --python_out=gen --grpc_python_out=gen";
  await run(...documented(`${generate} proto/polyreel/v1/*.proto proto/buf/validate/validate.proto`), [], env);
  await expectResults(
    (...args) => run("python3", ["client.py", new URL(pipeline.url).host, ...args], [], env),
    /COMBINATION_STATE_DELIVERED/g,
  );
});

it("Go: generates, builds and runs", async (context) => {
  skipUnless(
    context,
    existsSync(join(GO_BIN, "protoc-gen-go-grpc")),
    "Go's generators are not in .programs: the set-up builds them where Go is installed",
  );
  await take("go");
  await run("buf", ["generate"], [GO_BIN, join(ROOT, "node_modules/.bin")]);
  await run(...documented("go build -o client ."));
  await expectResults(
    (...args) => run("./client", [new URL(pipeline.url).host, ...args]),
    /COMBINATION_STATE_DELIVERED/g,
  );
});

it("grpcurl: describes with comments and runs", async (context) => {
  skipUnless(
    context,
    existsSync(join(GO_BIN, "grpcurl")),
    "grpcurl is not in .programs: the set-up builds it where Go is installed",
  );
  await take("grpcurl");
  const { host } = new URL(pipeline.url);
  const [program, command] = documented("grpcurl -plaintext 127.0.0.1:8080 describe polyreel.v1.BatchService");
  const described = await run(
    program,
    command.map((part) => part.replace("127.0.0.1:8080", host)),
    [GO_BIN],
  );
  expect(described).toContain("// Accepts a batch.");
  expect(described).toContain("option idempotency_level = NO_SIDE_EFFECTS;");
  await expectResults(
    (...args) => run("sh", ["client.sh", host, ...args], [GO_BIN]),
    /^ {6}"state": "COMBINATION_STATE_DELIVERED"/gm,
  );
});
