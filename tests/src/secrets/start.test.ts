import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startNatsServer } from "@polyreel/platform/stream";
import { expect, it } from "vitest";

const SECRET = "c0ffee5ec2e7";
/** Nothing listens there. */
const NOWHERE = "127.0.0.1:1";

/** Output of a service on both streams until `enough`, or its end. */
async function outputOf(service: string, env: NodeJS.ProcessEnv, enough: RegExp): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-secrets-"));
  const main = fileURLToPath(new URL(`../../../services/${service}/dist/main.js`, import.meta.url));
  const places = { POLYREEL_STORE: join(folder, "store"), GATEWAY_PORT: "0", LOG_LEVEL: "trace" };
  const child = spawn(process.execPath, [main], { env: { PATH: process.env.PATH, ...places, ...env } });
  const end = setTimeout(() => child.kill("SIGKILL"), 60_000);
  let output = "";
  const listen = (chunk: Buffer) => {
    output += chunk.toString();
    if (enough.test(output)) child.kill("SIGKILL");
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(end);
  await rm(folder, { recursive: true, force: true });
  return output;
}

it("hides the event stream's password while waiting for it", async () => {
  const output = await outputOf(
    "planner",
    { NATS_URL: `nats://polyreel:${SECRET}@${NOWHERE}` },
    /waiting for NATS.*\n/,
  );
  expect(output).toContain("waiting for NATS");
  expect(output).not.toContain(SECRET);
});

it("hides the password of an unavailable database, or of an invalid URL", async () => {
  const nats = await startNatsServer();
  try {
    for (const url of [`postgres://polyreel:${SECRET}@${NOWHERE}/polyreel`, `postgres//polyreel:${SECRET}@host`]) {
      const output = await outputOf("gateway", { NATS_URL: nats.url, DATABASE_URL: url }, /could not start.*\n/);
      expect(output).toContain("could not start");
      expect(output).not.toContain(SECRET);
    }
  } finally {
    await nats.close();
  }
});

it("hides the keys of a store on S3 that is away, or whose address has them", async () => {
  const keys = { AWS_ACCESS_KEY_ID: "polyreel", AWS_SECRET_ACCESS_KEY: SECRET };
  for (const [address, reason] of [
    [`s3://media?endpoint=http://${NOWHERE}`, "nothing listens there"],
    [`s3://polyreel:${SECRET}@media?endpoint=http://${NOWHERE}`, "contains a user or password"],
  ] as const) {
    const output = await outputOf("planner", { POLYREEL_STORE: address, ...keys }, /could not start.*\n/);
    expect(output).toContain(reason);
    expect(output).not.toContain(SECRET);
  }
});
