import { readdir, readFile, stat } from "node:fs/promises";
import { RecordingDrive } from "@polyreel/uploader/drive/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Run, Workshop } from "../testing/workshop.js";

const SECRETS = /1\/\/|GOCSPX|ya29\./;

let workshop: Workshop;
let server: RecordingDrive;
beforeEach(async () => {
  server = await RecordingDrive.start();
  workshop = await Workshop.open();
  await workshop.write("client_secret.json", server.clientSecret());
});
afterEach(async () => {
  await workshop.close();
  await server.close();
});

const login = (...more: string[]) => {
  const flags = ["--client", "client_secret.json", "--no-browser", "--endpoint", server.url, ...more];
  const running = workshop.start(["drive", "login", ...flags], {}, "pipe");
  const page = () => running.waitForOutput(/http:\/\/127\.0\.0\.1:\d+\/auth\?\S+/);
  return { ...running, page };
};

/** Runs a login in which the person allows everything, in a browser on this machine. */
async function allowed(...more: string[]): Promise<Run> {
  const { page, ended } = login(...more);
  const answer = await fetch(await page());
  expect(await answer.text()).toBe("Polyreel may use your Drive now. You can close this page.\n");
  return ended;
}

it("stores credentials that only their owner reads, tests them, and prints whose they are", async () => {
  const { exitCode, stdout, stderr } = await allowed("--json");
  expect(JSON.parse(stdout)).toEqual({
    file: workshop.path("drive.json"),
    account: { email: "ada@example.com", name: "Ada Lovelace" },
    scope: "drive.file",
  });
  expect({ exitCode }).toEqual({ exitCode: 0 });
  expect(stdout + stderr).not.toMatch(SECRETS);
  expect((await stat(workshop.path("drive.json"))).mode & 0o777).toBe(0o600);
  const written = JSON.parse(await readFile(workshop.path("drive.json"), "utf8"));
  expect(written).toMatchObject({ type: "authorized_user", refresh_token: expect.stringMatching(/^1\/\//) });
  expect((await readdir(workshop.folder)).sort()).toEqual(["client_secret.json", "drive.json", "tmp"]);
});

it("takes the address that a browser on another machine was sent to, and no other", async () => {
  const { page, ended, child } = login("--scope", "drive");
  const address = new URL(await page());
  expect(address.searchParams.get("scope")).toBe("https://www.googleapis.com/auth/drive");
  const redirected = (await fetch(address, { redirect: "manual" })).headers.get("location") ?? "";
  child.stdin?.write(`no address\n${redirected.replace("state=", "state=x")}\n${redirected}\n`);
  const { exitCode, stdout, stderr } = await ended;
  expect(stderr).toContain("This address is not the answer to this consent page.");
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: `${workshop.path("drive.json")}: the Drive of Ada Lovelace <ada@example.com>\n`,
  });
});

it("replaces a file only with --force", async () => {
  await workshop.write("drive.json", "mine");
  const refused = await login().ended;
  expect(refused.stderr).toContain("error: There is something of this name already.\n  where: drive.json\n  remedy: ");
  expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
  expect(server.requests).toEqual([]);
  expect(await readFile(workshop.path("drive.json"), "utf8")).toBe("mine");
  expect(await allowed("--force")).toMatchObject({ exitCode: 0 });
  expect((await stat(workshop.path("drive.json"))).mode & 0o777).toBe(0o600);
});

it("stores nothing if the person refuses", async () => {
  const { page, ended } = login();
  const { searchParams } = new URL(await page());
  const redirected = new URL(searchParams.get("redirect_uri") ?? "");
  expect((await fetch(redirected)).status).toBe(404);
  redirected.search = new URLSearchParams({
    state: searchParams.get("state") ?? "",
    error: "access_denied",
  }).toString();
  await fetch(redirected);
  const { exitCode, stderr } = await ended;
  expect(stderr).toContain("error: Google gave no access: the consent was refused.\n  remedy: ");
  expect(exitCode).toBe(1);
  expect(await readdir(workshop.folder)).not.toContain("drive.json");
});

it("keeps the credentials if only their test fails, and says why", async () => {
  server.fail(({ path }) => path === "/drive/v3/about", { refuse: 403, reason: "accessNotConfigured" });
  const { exitCode, stdout, stderr } = await allowed();
  expect(stderr).toContain("API is not enabled");
  expect(stderr).toContain(`The credentials are in ${workshop.path("drive.json")}`);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
});

it.each([
  ["missing", "no.json", "error: The OAuth client cannot be read.\n  where: no.json\n  remedy: "],
  [
    "of a web application",
    "web.json",
    "error: This file cannot be used: it is an OAuth client for web applications.\n",
  ],
  ["another file", "batch.yaml", "error: This file cannot be used: it is not JSON.\n  where: batch.yaml\n  remedy: "],
])("refuses an OAuth client that is %s", async (_what, file, message) => {
  await workshop.write("web.json", JSON.stringify({ web: { client_id: "a", client_secret: "GOCSPX-x" } }));
  await workshop.write("batch.yaml", "name: x\n");
  const { exitCode, stderr } = await workshop.run(["drive", "login", "--client", file]);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(SECRETS);
  expect(exitCode).toBe(2);
});
