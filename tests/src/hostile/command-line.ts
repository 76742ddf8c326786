import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { makeFootage } from "../testing/media.js";
import { POLYREEL } from "../testing/up.js";
import type { Attack, AttackContext } from "./attack.js";

const ANSWER_MS = 30_000;

/** Attacks by batch files, and by sources that change while they are used. */
export const commandLine = (): Attack[] => [
  { name: "a batch file of 200,000 keys", run: (context) => estimate(context, manyKeys()) },
  { name: "a batch file of aliases of aliases", run: (context) => estimate(context, aliases()) },
  {
    name: "a batch file of 10,000 lists in lists",
    run: (context) => estimate(context, `blocks: ${"[".repeat(10_000)}`),
  },
  { name: "/dev/zero as a batch file", run: (context) => ends(context, ["estimate", "/dev/zero"], "zero") },
  { name: "a source that is written over in place", run: overwrite },
];

const manyKeys = (): string => {
  const keys = Array.from({ length: 200_000 }, (_, i) => `      k${i}: v`).join("\n");
  return `blocks:\n- name: v\n  video:\n    choices:\n    - source: a.mp4\n      metadata:\n${keys.replaceAll("      k", "        k")}\n`;
};

const aliases = (): string => {
  const lines = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(", ")}]`);
  return `a0: &a0 [x]\n${lines.join("\n")}\nblocks: *a30\n`;
};

async function estimate(context: AttackContext, yaml: string): Promise<string | undefined> {
  const folder = await folderOf(context, "yaml");
  await writeFile(join(folder, "batch.yaml"), yaml);
  return ends(context, ["estimate", "batch.yaml"], "yaml");
}

/** Runs a command that must end by itself, with a message and without a stack trace. */
async function ends(context: AttackContext, args: readonly string[], name: string): Promise<string | undefined> {
  const { child, output } = start(await folderOf(context, name), args, join(context.pipeline.folder, "cli-store"));
  const closed = once(child, "close");
  const late = setTimeout(() => child.kill("SIGKILL"), ANSWER_MS);
  const [code, signal] = (await closed) as [number | null, string | null];
  clearTimeout(late);
  if (signal) return `polyreel ${args.join(" ")} did not end in ${ANSWER_MS / 1000} s`;
  const stack = /^ +at .*$/m.exec(output.text)?.[0];
  return stack ? `exit code ${code} with a stack: ${stack.trim()}` : undefined;
}

/**
 * Renders a film that is overwritten in place during the work and after it. In any case the store must contain no bytes
 * under another hash, and the first film must then render correctly.
 */
async function overwrite(context: AttackContext): Promise<string | undefined> {
  const folder = await folderOf(context, "overwritten");
  const store = join(folder, "store");
  await makeFootage(folder, "first.mp4", { seconds: 1, size: "64x64", hertz: 440 });
  await makeFootage(folder, "second.mp4", { seconds: 2, size: "96x64", hertz: 880 });
  await copyFile(join(folder, "first.mp4"), join(folder, "clip.mp4"));
  const choices = Array.from(
    { length: 12 },
    (_, i) => `{label: c${i}, source: clip.mp4, trim: {duration: ${300 + i * 40}ms}}`,
  );
  await writeFile(
    join(folder, "batch.yaml"),
    `canvas: {width: 64, height: 64}\nblocks: [{name: v, video: {choices: [${choices.join(", ")}]}}]\n`,
  );
  const render = async (out: string, amid?: () => Promise<void>) => {
    const { child, output } = start(folder, ["render", "batch.yaml", "--out", out, "-q", "--json"], store);
    const closed = once(child, "close");
    await amid?.();
    const [code] = (await closed) as [number | null];
    return { code, text: output.text };
  };
  const overwriteInPlace = async () => writeFile(join(folder, "clip.mp4"), await readFile(join(folder, "second.mp4")));
  await render("amid", async () => {
    await untilSource(store);
    await overwriteInPlace();
  });
  await overwriteInPlace();
  const wrong = await wrongSources(store);
  if (wrong.length > 0) return `the store has other bytes under ${wrong.join(", ")}`;
  await copyFile(join(folder, "first.mp4"), join(folder, "fresh.mp4"));
  await writeFile(
    join(folder, "batch.yaml"),
    (await readFile(join(folder, "batch.yaml"), "utf8")).replaceAll("clip.mp4", "fresh.mp4"),
  );
  const { code, text } = await render("after");
  if (code !== 0) return `the right file can't be rendered any more: ${text.slice(-300)}`;
  const { code: clean } = await renderClean(folder);
  if (clean !== 0) return "the right file can't be rendered with an empty store";
  return differing(join(folder, "after"), join(folder, "clean"));
}

async function renderClean(folder: string): Promise<{ code: number | null }> {
  const { child } = start(folder, ["render", "batch.yaml", "--out", "clean", "-q"], join(folder, "empty-store"));
  const [code] = (await once(child, "close")) as [number | null];
  return { code };
}

async function untilSource(store: string): Promise<void> {
  for (const until = Date.now() + 20_000; Date.now() < until; await delay(5)) {
    if ((await sourcesOf(store)).length > 0) return;
  }
}

const sourcesOf = async (store: string): Promise<string[]> => {
  const entries = await readdir(store, { recursive: true, withFileTypes: true }).catch((): never[] => []);
  return entries
    .filter(({ name }) => /^[0-9a-f]{64}$/.test(name))
    .flatMap(({ parentPath, name }) => (parentPath.endsWith("/sources") ? [join(parentPath, name)] : []));
};

async function wrongSources(store: string): Promise<string[]> {
  const wrong: string[] = [];
  for (const path of await sourcesOf(store)) {
    const sha256 = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
    if (!path.endsWith(sha256)) wrong.push(path.slice(-64));
  }
  return wrong;
}

/** Videos of the same name with different content. Receipts have their names. */
async function differing(one: string, other: string): Promise<string | undefined> {
  const videosOf = async (folder: string) =>
    (await readdir(folder, { recursive: true }))
      .filter((name) => name.endsWith(".mp4") && !name.includes(".polyreel"))
      .sort();
  const pairs = [await videosOf(one), await videosOf(other)] as const;
  if (pairs[0].length !== pairs[1].length) return `${pairs[0].length} videos instead of ${pairs[1].length}`;
  for (const [i, name] of pairs[0].entries()) {
    const [a, b] = await Promise.all([readFile(join(one, name)), readFile(join(other, pairs[1][i] as string))]);
    if (!a.equals(b)) return `${name} was made from the wrong file`;
  }
  return undefined;
}

async function folderOf({ pipeline }: AttackContext, name: string): Promise<string> {
  const folder = join(pipeline.folder, `cli-${name}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

function start(cwd: string, args: readonly string[], store: string) {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, POLYREEL_STORE: store };
  const child = spawn(process.execPath, [POLYREEL, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { text: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output.text = (output.text + text).slice(-10_000);
    });
  }
  return { child, output };
}
