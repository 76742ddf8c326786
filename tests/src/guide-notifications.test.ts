import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "@polyreel/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { commandsOf } from "./rework/page-commands.js";
import { POLYREEL, startUp, type Up } from "./testing/up.js";

// The commands of the guide's page, with its receiver, against `polyreel up`.

const GUIDE = new URL("../../docs/guide/", import.meta.url);
const BATCH = fileURLToPath(new URL("batches/notifications.yaml", GUIDE));
const RECEIVER = fileURLToPath(new URL("receiver.mjs", GUIDE));

let page: string;
let up: Up;
let receiver: ChildProcess;
let printed = "";
let port: number;

const polyreel = async (args: readonly string[]) => {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, POLYREEL_SERVER: up?.url ?? "" };
  const options = { env, cwd: fileURLToPath(GUIDE) };
  const { stdout } = await promisify(execFile)(process.execPath, [POLYREEL, ...args], options).catch((error) => error);
  return String(stdout);
};

beforeAll(async () => {
  page = await readFile(new URL("notifications.md", GUIDE), "utf8");
  port = await freePort();
  const secret = (await promisify(execFile)(process.execPath, [POLYREEL, "webhooks", "secret"])).stdout.trim();
  receiver = spawn(process.execPath, [RECEIVER], {
    env: { PATH: process.env.PATH, WEBHOOK_SECRET: secret, PORT: String(port) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  receiver.stdout?.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const allow = { POLYREEL_WEBHOOK_SECRETS: `default=${secret}`, POLYREEL_NOTIFY_ALLOW: "127.0.0.1" };
  const notify = JSON.stringify([{ webhook: { url: `http://127.0.0.1:${port}/hook` } }]);
  up = await startUp({ env: { ...allow, POLYREEL_NOTIFY: notify } });
}, 180_000);
afterAll(async () => {
  await up?.close();
  receiver?.kill();
  if (receiver?.exitCode === null && receiver.signalCode === null) await once(receiver, "exit");
});

it("shows its receiver verbatim", async () => {
  expect(page).toContain(`\`\`\`js\n${await readFile(RECEIVER, "utf8")}\`\`\``);
});

it("has commands that work, and a receiver that verifies what they send", async () => {
  // The page's media do not exist here, so its videos fail; and its address is an example.
  const file = join(up.folder, "notifications.yaml");
  await writeFile(file, (await readFile(BATCH, "utf8")).replace(/notify:.*/s, ""));
  const { batchId } = JSON.parse(await polyreel(["submit", file, "--json"])) as { batchId: string };
  const listed = () => polyreel(["webhooks", "list", batchId]);
  await expect.poll(listed, { timeout: 60_000 }).toMatch(/ {2}sent {2}batch\.finished/);
  const [id = ""] = /^ntf_\w+(?=.*batch\.finished)/m.exec(await listed()) ?? [];
  const commands = commandsOf(page.replaceAll(":3000", `:${port}`), "npx", {
    "batch id": batchId,
    "notification id": id,
  })
    .map(({ line }) => line)
    .filter((line) => line.includes(" webhooks ") && !line.includes("webhooks secret"));
  const outputs: string[] = [];
  for (const line of commands) {
    const filled = line
      .replace(/ +# .*$/, "")
      .replace("<batch id>", batchId)
      .replace("<notification id>", id);
    outputs.push(await polyreel(filled.split(" ").slice(2)));
  }
  const accepted = expect.stringMatching(/^127\.0\.0\.1:\d+\/hook {2}accepted \(204\)\n$/);
  expect(outputs).toEqual([accepted, accepted, expect.stringContaining(id), "", `${id}  is sent again\n`]);
  const times = () => printed.match(new RegExp(`^${id} batch.finished ${batchId}$`, "gm"))?.length;
  await expect.poll(times, { timeout: 20_000 }).toBe(2);
  expect(printed).toMatch(/^ntf_test_\S+ test/m);
  expect(printed).toMatch(new RegExp(`^ntf_\\w+ combination.failed ${batchId}$`, "m"));
});
