import { writeFile } from "node:fs/promises";
import { inspect } from "node:util";
import { PolyreelError } from "@polyreel/platform";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { credentialsFile, credentialsSource } from "./credentials-source.js";
import { deliveriesTo, place, textSource } from "./testing/drive-deliveries.js";
import { type OpenedDrive, openDrive } from "./testing/opened-drive.js";

let drive: OpenedDrive;
beforeEach(async () => {
  drive = await openDrive();
});
afterEach(() => drive.close());
const { put, visible } = deliveriesTo(() => drive);

describe("credentials", () => {
  it("that expired are renewed", async () => {
    await put("one");
    drive.server.tokens.expire();
    await put("two", { fileName: "b.mp4" });
    expect(visible()).toHaveLength(2);
  });

  it.each([/token$/, /generateIds$/, /upload/])(
    "and answers of %s are awaited no longer than the work",
    async (path) => {
      drive.server.fail((request) => path.test(request.path), "stay silent");
      const stop = new AbortController();
      const putting = drive.destination.put(textSource("one"), place(), { signal: stop.signal });
      await expect.poll(() => drive.server.requests.filter((one) => path.test(one.path)).length).toBe(1);
      stop.abort();
      await expect(putting).rejects.toMatchObject({ name: "AbortError" });
    },
  );

  it("that were revoked are final, until the file is replaced", async () => {
    await put("one");
    drive.server.tokens.revoke();
    const error = await put("two", { fileName: "b.mp4" }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "precondition",
      retryable: false,
      failure: { remedy: expect.stringContaining("polyreel drive login") },
    });
    await writeFile(drive.credentials, drive.server.userCredentials(drive.server.tokens.grant()));
    await put("two", { fileName: "b.mp4" });
    expect(visible()).toHaveLength(2);
  });

  it("of a service account are used with its signature", async () => {
    await writeFile(drive.credentials, drive.server.serviceAccountKey());
    await put("one");
    expect(visible()).toEqual(["Ads/2026/sale/a.mp4"]);
    expect(drive.server.tokens.scopes).toEqual(["https://www.googleapis.com/auth/drive.file"]);
    const wide = drive.another({ scope: "drive" });
    await put("one", {}, wide);
    expect(drive.server.tokens.scopes.at(-1)).toBe("https://www.googleapis.com/auth/drive");
  });

  it("signed with another key are refused", async () => {
    const other = await openDrive();
    const key = JSON.parse(other.server.serviceAccountKey());
    await other.close();
    await writeFile(drive.credentials, JSON.stringify({ ...key, token_uri: `${drive.server.url}/token` }));
    await expect(put("one")).rejects.toMatchObject({ code: "precondition", retryable: false });
  });

  it.each([
    ["no JSON", "secret-text", /not JSON/],
    ["an OAuth client", JSON.stringify({ installed: { client_secret: "secret-text" } }), /polyreel drive login/],
    ["something else", JSON.stringify({ token: "secret-text" }), /neither/],
    ["a broken key", JSON.stringify({ type: "service_account", client_email: "a@b", private_key: "secret-text" }), /./],
  ])("that are %s are named, not quoted", async (_what, text, message) => {
    await writeFile(drive.credentials, text);
    const error = await put("one").catch((thrown: unknown) => thrown as PolyreelError);
    expect(error).toBeInstanceOf(PolyreelError);
    const { reason, remedy } = (error as PolyreelError).failure;
    expect(`${reason} ${remedy}`).toMatch(message);
    expect(`${reason}`).toContain("team");
    expect(inspect(error, { depth: 20 })).not.toContain("secret-text");
  });

  it("that are missing are named", async () => {
    const destination = drive.another({ credentials: credentialsFile("/no/drive.json", "team") });
    await expect(put("one", {}, destination)).rejects.toMatchObject({
      code: "unavailable",
      failure: { reason: expect.stringMatching(/\/no\/drive\.json .*"team".*does not exist/) },
    });
  });

  it("appear in no error", async () => {
    const secrets = /ya29\.|1\/\/refresh|GOCSPX|BEGIN PRIVATE|eyJ/;
    const errors: unknown[] = [];
    const attempt = async () => errors.push(await put("one").catch((thrown: unknown) => thrown));
    for (const fault of [{ refuse: 403, reason: "forbidden" }, { refuse: 400 }] as const) {
      drive.server.fail(({ path }) => path.startsWith("/upload"), fault, 20);
      await attempt();
    }
    drive.server.fail(({ path }) => path.startsWith("/drive"), "lose the answer", 100);
    await attempt();
    drive.server.tokens.revoke();
    await attempt();
    await writeFile(drive.credentials, drive.server.serviceAccountKey());
    drive.server.fail(({ path }) => path === "/token", { refuse: 500 }, 100);
    await attempt();
    expect(errors).toHaveLength(5);
    for (const error of errors) {
      expect(error).toBeInstanceOf(PolyreelError);
      expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(secrets);
    }
  });
});

describe("credentials that are a secret", () => {
  const secretOf = (tenant: string, value: () => string) => ({
    credentials: credentialsSource({ secret: { tenant, name: "team" } }, "team", {
      read: async () => ({ value: value(), version: value().length }),
    }),
  });

  it("take effect when they are replaced", async () => {
    let value = "nonsense";
    const destination = drive.another(secretOf("acme", () => value));
    await expect(put("one", {}, destination)).rejects.toMatchObject({
      code: "unavailable",
      failure: { reason: expect.stringMatching(/^The secret "acme\/team" of the destination "team" .* not JSON/) },
    });
    value = drive.server.userCredentials();
    await put("one", {}, destination);
    expect(visible()).toHaveLength(1);
  });

  it("of a tenant send no request to another server than Google's or the operator's", async () => {
    const value = drive.server.userCredentials().replace(drive.server.url, "http://169.254.169.254");
    expect(value).toContain("http://169.254.169.254");
    const ofTenant = drive.another(secretOf("acme", () => value));
    await expect(put("one", {}, ofTenant)).rejects.toThrow(/token_uri is not Google's/);
  });
});
