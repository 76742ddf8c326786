import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { givenKeys, keysInFile } from "./s3-keys.js";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-keys-"));
  path = join(folder, "credentials");
});
afterEach(() => rm(folder, { recursive: true }));

describe("keysInFile", () => {
  it.each([
    ["aws_access_key_id = id\naws_secret_access_key = secret\n", {}],
    ["[other]\naws_access_key_id=x\n[default]\r\naws_access_key_id=id\r\naws_secret_access_key=secret\r\n", {}],
    ["aws_access_key_id=id\naws_secret_access_key=secret\naws_session_token=token", { sessionToken: "token" }],
  ])("reads %j", async (text, more) => {
    await writeFile(path, text);
    expect(await keysInFile(path)()).toEqual({ accessKeyId: "id", secretAccessKey: "secret", ...more });
  });

  it.each([
    ["", "no aws_access_key_id"],
    ["aws_access_key_id = id", "no aws_secret_access_key"],
    ["[other]\naws_access_key_id = id\naws_secret_access_key = hidden", "no aws_access_key_id"],
  ])("names what %j lacks, and shows no secret", async (text, what) => {
    await writeFile(path, text);
    const failure = {
      reason: expect.stringContaining(what),
      remedy: expect.stringContaining("POLYREEL_S3_CREDENTIALS"),
    };
    await expect(keysInFile(path)()).rejects.toMatchObject({ code: "precondition", failure });
    await expect(keysInFile(path)()).rejects.not.toThrow("hidden");
  });

  it("names a file that does not exist", async () => {
    await expect(keysInFile(path)()).rejects.toMatchObject({
      code: "precondition",
      failure: { reason: expect.stringMatching(/credentials, can't be read \(ENOENT\)/) },
    });
  });

  it("notices a replaced file after a while", async () => {
    let now = 0;
    await writeFile(path, "aws_access_key_id = id\naws_secret_access_key = first");
    const keys = keysInFile(path, () => now);
    await keys();
    await writeFile(path, "aws_access_key_id = id\naws_secret_access_key = second");
    expect(await keys()).toMatchObject({ secretAccessKey: "first" });
    now = 60_000;
    expect(await keys()).toMatchObject({ secretAccessKey: "second" });
  });
});

it("names the variable that is not set", async () => {
  await expect(givenKeys({ accessKeyId: "id", secretAccessKey: "" })()).rejects.toMatchObject({
    failure: { reason: "The store is on S3, and AWS_SECRET_ACCESS_KEY is not set." },
  });
});
