import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Run, type Server, Workshop } from "../testing/workshop.js";

const EMAIL = "jane@studio.example";
const PASSWORD = "several words of mine";

let workshop: Workshop;
let up: Server;
let setup: string;
/** What the server sent to a collector of traces. */
const traced: Buffer[] = [];
const collector = createServer((request, response) => {
  request.on("data", (chunk: Buffer) => traced.push(chunk)).on("end", () => response.end());
});

/** Runs a command that reads `input`. */
async function typed(args: readonly string[], input: string, env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const { child, ended } = workshop.start(args, { POLYREEL_SERVER: up.url, ...env }, "pipe");
  child.stdin?.end(input);
  return await ended;
}
const credentials = async () => readFile(workshop.path("config/polyreel/credentials.json"), "utf8");

beforeAll(async () => {
  workshop = await Workshop.open();
  await new Promise<void>((done) => collector.listen(0, "127.0.0.1", done));
  const { port } = collector.address() as AddressInfo;
  up = await workshop.up(["--out", "videos"], {
    POLYREEL_AUTH: "required",
    LOG_LEVEL: "debug",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  });
  setup = (await up.waitForOutput(/setup_[\w-]+/)).trim();
}, 120_000);
afterAll(async () => {
  await workshop.close();
  collector.close();
});

it("lets the first operator in, from the printed token to signing out", async () => {
  const asSetup = { POLYREEL_KEY: setup };
  const created = await typed(["users", "create", EMAIL, "--role", "operator"], "", asSetup);
  expect(created).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("/set-password?token=set_") });
  const token = created.stdout.trim();
  const short = await typed(["users", "set-password", token], "short\n");
  expect(short).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("fewer than 12") });
  expect(await typed(["users", "set-password", token], `${PASSWORD}\n`)).toMatchObject({ exitCode: 0 });

  const wrong = await typed(["login", "--email", EMAIL], "something else entirely\n");
  expect(wrong.stderr).toContain("The email address or the password is wrong.");
  const signedIn = await typed(["login", "--email", EMAIL], `${PASSWORD}\n`);
  expect(signedIn).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(`${EMAIL} (operator)`) });
  expect((await up.run("list")).exitCode).toBe(0);
  expect((await up.run("users", "list")).stdout).toMatch(/jane@studio\.example +operator +all +active/);
  expect((await up.run("whoami", "--json")).stdout).toContain('"role":"operator"');
  expect((await typed(["users", "list"], "", asSetup)).stderr).toContain("unknown, or no longer valid");
  const last = await up.run("users", "remove", EMAIL);
  expect(last).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("the last operator") });

  // An access token that has expired is refreshed by one of two commands.
  const kept = JSON.parse(await credentials());
  kept[up.url].accessExpiresAtMs = 1;
  await workshop.write("config/polyreel/credentials.json", JSON.stringify(kept));
  const both = await Promise.all([up.run("list"), up.run("whoami")]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(JSON.parse(await credentials())[up.url].refreshToken).not.toBe(kept[up.url].refreshToken);

  const [session = ""] = /^[0-9a-f]{32} \*/m.exec((await up.run("sessions", "list")).stdout) ?? [];
  expect(await up.run("sessions", "revoke", session.slice(0, 32))).toMatchObject({ exitCode: 0 });
  expect((await up.run("list")).stderr).toContain("Sign in again");
  expect(await up.run("logout")).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(await credentials())).toEqual({});

  const { stdout, stderr } = await up.stop();
  const seen = [stdout, stderr, wrong.stderr, signedIn.stderr, Buffer.concat(traced).toString("latin1")].join("\n");
  expect(seen).toContain("SessionService/SignIn");
  const { accessToken, refreshToken } = kept[up.url];
  const secrets = [
    PASSWORD,
    "something else entirely",
    accessToken,
    refreshToken.slice(-87, -44),
    refreshToken.slice(-43),
    token,
  ];
  expect(secrets.filter((secret) => seen.includes(secret))).toEqual([]);
  expect(Buffer.concat(traced).toString("latin1")).toContain("SessionService/SignIn");
}, 120_000);
